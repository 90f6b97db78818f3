"""Queries as readers type them, and their matches on the search page."""

from html import unescape

import pytest
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from search.results import ResultPage
from tests.builders import a_column, a_magazine, a_notice, a_page, a_publication, an_issue

pytestmark = pytest.mark.django_db


def titles(client, q: str, **parameters) -> list[str]:
    """Return the titles of the hits, in order."""
    results = client.get("/search/", {"q": q, **parameters}).context["results"]
    return titles_of(results) if results else []


def titles_of(results: ResultPage) -> list[str]:
    return [unescape(strip_tags(hit.title)) for hit in results.hits]


def says(title: str, text: str, **values):
    return a_publication(title=title, body=f"<p>{text}</p>", **values)


@pytest.mark.parametrize(
    ("q", "text"),
    [
        ("财政", "积极的财政政策"),
        ("财", "地方财力"),
        ("力", "地方财力。"),
        ("人大代表委员", "听取人大常委会和各位代表、政协委员意见"),
        ("2024年预算报告", "预算草案的报告，二〇二四年。2024年度执行。"),
        ("年度预算报告", "年度预算执行情况的报告"),
        ("ESG报告", "企业的 ESG 信息披露与报告"),
        ("ＥＳＧ", "ESG信息"),
        ("esg", "ESG信息"),
        ("財政預算", "财政与预算"),
        ("财政", "財政預算"),
        ("见解", "独到的⾒解"),
        ("café", "Café"),
        ("10.13439/j.cnki.2024-05", "DOI：10.13439/j.cnki.2024-05。"),
        ("财政，政策！", "财政与政策"),
        ("𠮷野", "作者是𠮷野先生"),
        ("강남", "강남 리포트"),
        ("1.5倍", "增长1.5倍"),
        ("“精确短语”", "这是精确短语。"),
        ("“集中之后：再思考”", "论集中之后：再思考"),
        ("“集中之后:再思考”", "论集中之后：再思考"),
        ("“分类 施策”", "分类　施策"),
        ("3：7", "比例为3：7。"),
        ("3.56%", "增长３．５６％"),
        ("“Ⅱ类账户”", "属于Ⅱ类账户"),
        ("DOI:10.3969/j.issn.1003-2878", "DOI 10.3969/j.issn.1003-2878"),
        ("https://doi.org/10.3969/j.issn.1003-2878", "10.3969/j.issn.1003-2878"),
        ("2026 年 第 22 期", "见2026年第22期"),
        ("2026年22期", "见2026年第22期"),
        ("2026(22)", "见2026年第22期"),
        ("2026（22）", "见2026年第22期"),
        ("2026-22期", "见2026年第22期"),
        ("二〇二六年第二十二期", "见2026年第22期"),
        ("二零二四年", "二零二四年的事"),
        ("1003–2878", "ISSN 1003-2878"),
        ("1003-2878", "ISSN 1003–2878"),
        ("2020-2024", "2020—2024年度规划"),
        ("2020—2024", "2020－2024"),
    ],
)
def test_search_matches_as_readers_expect(client, q, text):
    says("甲", text)
    assert titles(client, q) == ["甲"]


@pytest.mark.parametrize(
    ("q", "text"),
    [
        ("财政", "财力与政策"),
        ("“财政政策”", "财政和其他政策"),
        ("「财政政策」", "财政和其他政策"),
        ("财政 -预算", "财政与预算"),
        ("财政 -“预算报告”", "财政与预算报告"),
        ("ESG", "ESGX信息"),
        ("10.13439/j.cnki.2024-05", "10 13439 j cnki 2024 05"),
        ("预算法", "预算和法律"),
        ("甲乙 -“甲乙：丙丁”", "甲乙：丙丁"),
        ("账户 -“Ⅱ类”", "属于Ⅱ类账户"),
    ],
)
def test_finds_nothing_else(client, q, text):
    says("甲", text)
    assert titles(client, q) == []


def test_what_is_left_out_leaves_the_rest(client):
    says("甲", "财政与预算分开的报告")
    assert titles(client, "财政 -“预算报告”") == ["甲"]


def test_a_hundred_characters_in_a_row_find_the_text_they_are_of(client):
    text = "".join(chr(0x4E00 + 7 * number) for number in range(120))
    says("甲", text)
    says("乙", text[:60])
    assert titles(client, text[10:110]) == ["甲"]


def test_what_pictures_show_is_found_and_not_shown(client):
    says(
        "甲",
        '<img src="/media/1.png" alt="国库 &amp; 大厅" width="9" height="9">文<figcaption>图1　收支</figcaption>',
    )
    a_publication(title="乙", cover_alt="国库大楼")
    assert titles(client, "国库") == ["乙", "甲"]
    assert titles(client, "“国库 & 大厅”") == titles(client, "图1 收支") == ["甲"]
    assert "大厅" not in client.get("/search/", {"q": "甲"}).text


@pytest.mark.parametrize("q", ["author:于潇", "作者：于潇", "作者:“于潇”", "author: 于潇"])
def test_author_filter_omits_texts_about_the_author(client, q):
    says("甲", "文", authors="于潇\n刘义")
    says("乙", "访于潇")
    assert titles(client, q) == ["甲"]
    assert titles(client, f"{q} 不在") == []


def test_search_finds_a_magazine_and_its_articles_by_title_and_numbers(client):
    magazine = a_magazine(title="财务研究", issn="2095-8838", cn_number="10-1242/F")
    says("甲", "文", magazine=magazine)
    says("乙", "别的")
    for q in [
        "财务研究",
        "《财务研究》",
        "2095-8838",
        "20958838",
        "ISSN 2095-8838",
        "10-1242/f",
        "CN：10-1242/F",
    ]:
        assert titles(client, q)[0] == "财务研究", q
        assert {*titles(client, q)} == {"财务研究", "甲"}, q


@pytest.mark.parametrize(
    "q",
    [
        "2024年第1期",
        "2024年第1期 ",
        "2024 年 第1期".replace(" ", ""),
        "2024第1期",
        "２０２４年第１期",
        "二〇二四年第一期",
        "2024(1)",
        "2024（01）",
        "2024-01期",
    ],
)
def test_search_finds_an_issue_and_its_articles_by_number(client, q):
    magazine = a_magazine(title="财务研究")
    says("甲", "文", issue=an_issue(magazine=magazine, year=2024, number=1))
    says("乙", "文", issue=an_issue(magazine=magazine, year=2024, number=11))
    assert titles(client, q) == ["财务研究 2024年第1期", "甲"]
    assert titles(client, f"财务研究{q}") == ["财务研究 2024年第1期", "甲"]


def test_search_matches_a_year_as_text_and_as_date(client):
    says("甲", "文", date="2021-05-01")
    says("乙", "2021年的事", date="2023-05-01")
    says("丙", "文", date="2023-05-01")
    assert {*titles(client, "2021年")} == {"甲", "乙"}
    assert {*titles(client, "二〇二一年")} == {"甲", "乙"}


def test_search_finds_notices_pages_and_columns(client):
    a_notice(title="系统升级的公告")
    a_page(title="关于本社", body="<p>系统介绍</p>")
    a_column(title="系统观察")
    assert {*titles(client, "系统")} == {"系统升级的公告", "关于本社", "系统观察"}


NONSENSE = [
    "\0", "财政\0", "\x1b[31m", "'", '"', "\\", "%", "_", "*", "a*", "-", "--", "- -", "(", ")", "&", "|", "!", ":*",
    "a:b", "NOT", "AND OR", "NEAR(a b)", "¹财", "§m1", "<script>", "author:", "作者:“”", "“", "““””", "-“”", "..",
    "😀", "\ud800", "\u202e", "\ufffe", "2024年第", "第1期", "9999年第9999期", "٣", "①", "½", "ǅ", "İ", "ﬁ", "e\u0301",
    "财政" * 100, "财 " * 5000, "a" * 1_000_000, " ".join(map(str, range(3000))), "-财政 " * 300, "“财” " * 200,
    "年" * 199, "预算" * 7 + "报", "1.1.1.1" * 40, "author:甲 " * 50,
]  # fmt: skip


@pytest.mark.parametrize("q", NONSENSE, ids=range(len(NONSENSE)))
def test_search_answers_any_string_with_results_or_an_explanation(client, q):
    says("财政", "财政 a 1 2", authors="甲")
    q = q.encode(errors="surrogatepass").decode(errors="replace")
    for parameters in [
        {"q": q},
        {"q": "财政", "author": q, "page": q, "order": q, "magazine": q, "year": q, "issue": q},
    ]:
        response = client.get("/search/", parameters)
        assert response.status_code == 200
        assert (
            response.context["results"]
            or 'class="empty"' in response.text
            or 'class="hint"' in response.text
        )
    assert client.get("/search/suggest/", {"q": q}).status_code == 200


def test_search_reports_that_a_long_query_is_cut(client):
    says("甲", "财政")
    page = unescape(client.get("/search/", {"q": "财政 " * 200}).text)
    assert _("This question is very long: only its beginning was looked for.") in page


@pytest.mark.parametrize(
    ("q", "sentence"),
    [
        ("-财政", "This says only what is not wanted. Say what you are looking for as well."),
        ("。。", "There is no word in this that could be looked for."),
        (
            "",
            "Look for a policy, a person, a year or an issue. "
            "What stands in the title is listed first.",
        ),
    ],
)
def test_search_explains_a_query_without_words(client, q, sentence):
    assert _(sentence) in unescape(client.get("/search/", {"q": q}).text)
