"""The order of search results: docs/decisions/0029-order-of-search-results.md, line by line."""

from datetime import date

import pytest

from magazine.models import Magazine
from search import ranking
from search.parser import parse_query
from tests.builders import a_magazine, a_publication
from tests.search.test_parser import says, titles, titles_of

pytestmark = pytest.mark.django_db


def test_ranking_puts_the_query_as_written_before_its_words_and_titles_before_other_fields(
    client,
):
    says("正文里的词", "财政。政策。", date="2024-01-01")
    a_publication(title="摘要里的词", abstract="财政。政策。", date="2023-01-01")
    a_publication(title="关键词里的词", keywords="财政\n政策", date="2022-01-01")
    a_publication(title="财政与政策", date="2021-01-01")
    says("正文里", "财政政策。", date="2020-01-01")
    a_publication(title="摘要里", abstract="财政政策。", date="2019-01-01")
    a_publication(title="关键词里", keywords="财政政策", date="2018-01-01")
    a_publication(title="论财政政策", date="2017-01-01")
    a_publication(title="财政政策", date="2016-01-01")
    assert titles(client, "财政政策") == [
        "财政政策", "论财政政策", "关键词里", "摘要里", "正文里",
        "财政与政策", "关键词里的词", "摘要里的词", "正文里的词",
    ]  # fmt: skip


def test_ranking_puts_bigrams_without_the_phrase_among_words_in_any_order(
    client,
):
    says("财政与政策", "文", date="2021-01-01")
    says("甲", "财政政府、政策。", date="2022-01-01")
    says("乙", "财政。政策。", date="2023-01-01")
    says("丙", "财政政府、政策。", date="2024-01-01")
    assert titles(client, "财政政策") == ["财政与政策", "丙", "乙", "甲"]


@pytest.mark.parametrize(
    "title",
    [
        "《会计法》解读",
        "预算改革（上）",
        "谁来审计？",
        "从“管钱”到“理财”：若干问题",
        "摸清家底　分类施策",
    ],
)
def test_ranking_puts_an_equal_title_first_with_any_punctuation(client, title):
    a_publication(title=title, date="2020-01-01")
    a_publication(title=f"再论{title}之续", date="2024-01-01")
    assert titles(client, title)[0] == title
    assert titles(client, f"“{title}”")[0] == title


def test_search_verifies_a_frequent_phrase_in_the_newest_texts_and_reports_more(
    client, monkeypatch
):
    monkeypatch.setattr(ranking, "MAX_TEXTS_PER_ROUND", 3)
    for day in range(1, 7):
        says(f"{day}", "财政，预算" if day in {1, 6} else "预算。财政", date=f"2024-01-0{day}")
    results = client.get("/search/", {"q": "“财政，预算”"}).context["results"]
    assert titles_of(results) == ["6"]
    assert results.bound == 1


def test_search_looks_up_a_long_query_in_titles_and_then_in_texts(client):
    title = "关于进一步加强地方政府债务预算管理工作的若干意见"
    assert parse_query(title).is_long
    says("新", title, date="2024-01-01")
    a_publication(title="旧", abstract=title, date="2023-01-01")
    a_publication(title=f"解读：{title}", date="2022-01-01")
    a_publication(title=title, date="2021-01-01")
    assert titles(client, title) == [title, f"解读：{title}", "新", "旧"]


def test_search_omits_single_words_of_a_long_query_that_an_entry_contains(client):
    says("散", "地方。政府、债务。预算与管理。")
    q = "地方政府债务预算管理"
    assert parse_query(q).is_long
    assert titles(client, q) == ["散"]
    says("对", "地方债务与预算。政府管理。方政。府债。务预。算管。")  # all of its pairs
    assert titles(client, q) == ["对", "散"]
    says("全", f"论{q}。")
    assert titles(client, q) == ["全", "对"]
    assert titles(client, "地方政府债务预算") == ["全", "对", "散"]


def test_search_looks_up_the_words_of_a_list_with_punctuation_in_any_case(client):
    q = "财政政策、货币政策、宏观调控"
    says("散", "财政和货币政策；宏观的调控。")
    says("全", f"论{q}。")
    assert titles(client, q) == ["全", "散"]


def test_ranking_uses_the_other_words_of_a_query_with_a_year_or_magazine(client):
    magazine = a_magazine(title="财务研究")
    a_publication(title="论预算", date="2024-01-01", magazine=magazine)
    says("新", "预算", date="2024-05-01", magazine=magazine)
    assert titles(client, "2024年预算") == titles(client, "财务研究 预算") == ["论预算", "新"]


def test_search_looks_up_the_words_of_a_magazine_title_as_well(client):
    says("文", "企业的会计和财务", magazine=a_magazine(title="别刊"))
    says("论会计与财务", "文", magazine=a_magazine(title="财务与会计"))
    assert titles(client, "财务与会计") == ["财务与会计", "论会计与财务", "文"]
    assert titles(client, "财务与会计", magazine=Magazine.objects.get(title="别刊").pk) == ["文"]


def test_ranking_puts_the_newer_of_equal_matches_first(client):
    for day in ["2020-05-01", "2024-05-01", "2022-05-01"]:
        says(day, "财政", date=day)
    assert titles(client, "财政") == ["2024-05-01", "2022-05-01", "2020-05-01"]


def test_ranking_puts_an_author_before_texts_about_him(client):
    says("写他", "于潇说", date="2024-01-01")
    a_publication(title="他写", authors="于潇", date="2020-01-01")
    assert titles(client, "于潇") == ["他写", "写他"]


def test_search_by_date_puts_the_newest_first_in_any_field(client):
    a_publication(title="财政", date="2020-01-01")
    says("新", "财政", date="2024-01-01")
    assert titles(client, "财政", order="date") == ["新", "财政"]


def test_search_includes_dates_far_in_the_past_and_future(client):
    for year in [1950, 2024, 2099]:
        says(f"{year}", "财政", date=date(year, 6, 1))
    assert (
        titles(client, "财政") == titles(client, "财政", order="date") == ["2099", "2024", "1950"]
    )


@pytest.fixture
def few(monkeypatch):
    """Rank and count five matches at most."""
    monkeypatch.setattr(ranking, "MAX_RANKED", 5)


@pytest.mark.usefixtures("few")
def test_search_limits_the_matches_of_several_rounds_together(client):
    for number in range(3):
        says(f"{number}", "财政政策")
    for number in range(4):
        a_publication(title=f"财政与政策之{number}")
    results = client.get("/search/", {"q": "财政政策"}).context["results"]
    assert (results.total, results.bound) == (5, 5)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("order", ["", "date"])
def test_search_lists_the_best_of_too_many_matches_and_reports_more(client, order):
    years = [1985, 2003, 2010, 2015, 2019, 2021, 2022, 2023, 2024, 2025]
    for year in years:
        says(f"{year}", "财政", date=date(year, 6, 1))
    says("财政", "文", date="1990-01-01")
    found = titles(client, "财政", order=order)
    assert found == (
        ["2025", "2024", "2023", "2022", "2021"]
        if order
        else ["财政", "2025", "2024", "2023", "2022"]
    )
    results = client.get("/search/", {"q": "财政"}).context["results"]
    assert (results.bound, results.total) == (5, 5)
    assert [choice.total for one in results.facets for choice in one.choices] != []


@pytest.mark.usefixtures("few")
def test_search_counts_exactly_as_many_matches_as_the_limit(client):
    for number in range(5):
        says(f"{number}", "财政")
    results = client.get("/search/", {"q": "财政"}).context["results"]
    assert (results.bound, results.total) == (None, 5)
