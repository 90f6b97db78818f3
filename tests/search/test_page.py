"""The search page: visibility, hits, facets and alternative searches."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone
from django.utils.translation import gettext as _

from search.results import PER_PAGE
from tests.builders import a_column, a_magazine, a_notice, a_publication, an_article, an_issue
from tests.search.test_parser import says, titles, titles_of

pytestmark = pytest.mark.django_db


def suggested(client, q: str) -> list[str]:
    return [one["text"] for one in client.get("/search/suggest/", {"q": q}).json()["suggestions"]]


class TestLive:
    """Hits, counts and suggestions include live documents only."""

    def visible(self, client) -> tuple:
        results = client.get("/search/", {"q": "财政"}).context["results"]
        counts = sum(int(choice.total) for one in results.facets for choice in one.choices)
        return titles_of(results), results.total, counts, suggested(client, "财政")

    def test_search_shows_a_scheduled_article_from_its_start_until_it_is_withdrawn(
        self, client, clock
    ):
        article = an_article(title="财政", authors="甲", body="<p>财政</p>")
        nothing = ([], 0, 0, [])
        assert self.visible(client) == nothing
        article.publish(by=None, at=clock.in_(hours=1))
        clock.move(minutes=59, seconds=59)
        assert self.visible(client) == nothing
        clock.move(seconds=1)
        assert self.visible(client) == (["财政"], 1, 0, ["财政"])
        clock.move(days=1)
        article.withdraw(by=None, reason="误")
        assert self.visible(client) == nothing

    def test_search_shows_the_next_version_from_its_start(self, client, clock):
        article = an_article(title="旧题", body="<p>财政</p>")
        article.publish(by=None)
        article.title = "新题"
        article.save()
        clock.move(hours=1)
        article.publish(by=None, at=clock.in_(hours=1))
        assert titles(client, "财政") == ["旧题"]
        clock.move(hours=1)
        assert titles(client, "财政") == ["新题"]

    def test_search_shows_the_live_version_after_a_cancelled_schedule(self, client, clock):
        article = an_article(title="旧题", body="<p>财政</p>")
        article.publish(by=None)
        article.title = "新题"
        article.save()
        clock.move(hours=1)
        article.publish(by=None, at=clock.in_(hours=1))
        article.cancel_schedule(by=None)
        clock.move(hours=2)
        assert titles(client, "财政") == ["旧题"]

    def test_search_shows_the_earlier_date_in_every_version(self, client, clock):
        article = an_article(title="财政")
        article.publish(by=None, at=clock.in_(days=40))
        article.publish(by=None)
        assert titles(client, "财政", year="2024") == ["财政"]
        clock.move(days=41)
        [hit] = client.get("/search/", {"q": "财政"}).context["results"].hits
        assert hit.day == "2024-03-03"

    def test_search_shows_a_notice_while_it_is_live(self, client, clock):
        notice = a_notice(title="财政", starts_at=None)
        assert titles(client, "财政") == []
        notice.publish(by=None)
        assert titles(client, "财政") == ["财政"]
        clock.move(hours=1)
        notice.withdraw(by=None)
        assert titles(client, "财政") == []

    def test_search_shows_an_issue_from_its_publication_day(self, client, clock):
        magazine = a_magazine(title="财务研究")
        an_issue(
            magazine=magazine,
            year=2024,
            number=7,
            published_on=timezone.localdate() + timedelta(days=1),
        )
        an_issue(magazine=magazine, year=2024, number=8, published_on=None)
        assert titles(client, "2024年第7期") == titles(client, "2024年第8期") == []
        clock.move(days=1)
        assert titles(client, "2024年第7期") == ["财务研究 2024年第7期"]

    def test_search_matches_the_current_text_of_a_saved_row(self, client):
        column = a_column(title="旧栏目")
        column.title = "新栏目"
        column.save()
        assert (titles(client, "旧栏"), titles(client, "新栏")) == ([], ["新栏目"])
        column.delete()
        assert titles(client, "新栏") == []


class TestHits:
    def html(self, client, q: str) -> str:
        return re.search(
            r'<ol class="hits".*?</ol>', client.get("/search/", {"q": q}).text, re.DOTALL
        )[0]

    def test_words_are_marked_in_title_and_passage_as_they_were_written(self, client):
        says("論ESG報告", "前文。" * 100 + "這份ＥＳＧ报告说明&lt;b&gt;情况。" + "后文。" * 100)
        html = self.html(client, "esg报告")
        assert html.count("<mark>") == 2
        assert "論<mark>ESG報告</mark>" in html
        assert "這份<mark>ＥＳＧ报告</mark>说明&lt;b&gt;情况" in html
        assert "…" in html
        assert len(re.sub(r"<.*?>", "", html)) < 400

    def test_a_phrase_that_does_not_stand_there_is_marked_word_by_word(self, client):
        says("甲", "财政要有好的政策")
        assert re.findall("<mark>(.*?)</mark>", self.html(client, "财政政策")) == ["财政", "政策"]

    def test_a_passage_begins_with_a_sentence_and_parts_no_character(self, client):
        says("甲", "长" * 60 + "。财政" + "e\u0301" * 200)
        html = self.html(client, "财政")
        assert "…<mark>财政</mark>e\u0301" in html
        assert "\u0301…" in html

    def test_what_has_no_text_is_listed_by_its_title(self, client):
        an_issue(magazine=a_magazine(title="财务研究"), year=2024, number=7)
        assert "<mark>财务研究</mark>" in self.html(client, "财务研究")

    def test_letters_that_grow_when_they_are_made_small_shift_nothing(self, client):
        says("甲", "İİİİ的财政预算")
        assert "İİİİ的<mark>财政</mark>预算" in self.html(client, "财政")

    def test_what_is_in_english_is_read_out_as_such(self, client):
        a_publication(title="Budget reform", body="<p>Of the budget.</p>")
        page = self.html(client, "budget")
        assert '<span lang="en"><mark>Budget</mark> reform</span></a>' in page
        assert '<p><span lang="en">Of the <mark>budget</mark>.</span></p>' in page
        says("甲", "PPP 与 ESG")
        assert page.count('lang="en"') == 2
        assert self.html(client, "ESG").count('lang="en"') == 0

    def test_latin_words_are_marked_whole(self, client):
        says("甲", "PPPX 与 PPP 项目")
        assert re.findall("<mark>(.*?)</mark>", self.html(client, "ppp")) == ["PPP"]


class TestFacets:
    @pytest.fixture(autouse=True)
    def content(self):
        self.magazines = [a_magazine(title="甲刊"), a_magazine(title="乙刊")]
        self.columns = [a_column(title="甲栏"), a_column(title="乙栏")]
        self.issue = an_issue(magazine=self.magazines[0], year=2023, number=2)
        says(
            "一",
            "财政",
            magazine=self.magazines[0],
            column=self.columns[0],
            date="2023-05-01",
            authors="于潇",
        )
        says(
            "二",
            "财政",
            issue=self.issue,
            column=self.columns[1],
            date="2023-06-01",
            authors="于潇\n刘义",
        )
        says(
            "三",
            "财政",
            magazine=self.magazines[1],
            column=self.columns[0],
            date="2024-06-01",
            authors="刘 义",
        )

    def facets(self, client, **parameters) -> dict:
        results = client.get("/search/", {"q": "财政", **parameters}).context["results"]
        return {
            one.title: {choice.label: choice.total for choice in one.choices}
            for one in results.facets
        }

    def test_facets_count_the_hits_of_each_value(self, client):
        assert self.facets(client) == {
            _("Magazine"): {"甲刊": "2", "乙刊": "1"},
            _("Column"): {"甲栏": "2", "乙栏": "1"},
            _("Year"): {"2024": "1", "2023": "2"},
            _("Author"): {"于潇": "2", "刘 义": "2"},
        }

    def test_facets_list_authors_of_the_best_hits_first(self, client):
        for number in range(12):
            says(f"{number}", "国库", date=f"2024-01-{number + 1:02}", authors=f"作者{number}")
        results = client.get("/search/", {"q": "国库"}).context["results"]
        [authors] = [one for one in results.facets if one.title == _("Author")]
        assert [choice.label for choice in authors.choices] == [
            f"作者{number}" for number in range(11, 3, -1)
        ]

    def test_facets_combine_with_other_filters(self, client):
        response = client.get("/search/", {"q": "财政", "year": "2023"})
        links = {
            unescape(link) for link in re.findall(r'href="(\?[^"]*)" rel="nofollow"', response.text)
        }
        assert f"?q=%E8%B4%A2%E6%94%BF&year=2023&column={self.columns[0].pk}" in links
        assert titles(client, "财政", year="2023", column=self.columns[0].pk) == ["一"]
        assert titles(client, "财政", author="刘义") == ["三", "二"]
        assert titles(client, "财政", issue=self.issue.pk) == ["二"]
        assert titles(client, "财政", magazine=self.magazines[1].pk, author="于潇") == []

    def test_facets_link_to_the_search_without_a_chosen_value(self, client):
        results = client.get(
            "/search/", {"q": "财政", "issue": self.issue.pk, "order": "date"}
        ).context["results"]
        [chosen] = [one for one in results.facets if one.is_chosen]
        assert (chosen.title, chosen.choices[0].label) == (_("Issue"), "甲刊 2023年第2期")
        assert chosen.choices[0].address == "?q=%E8%B4%A2%E6%94%BF&order=date"

    def test_author_filter_may_be_negated(self, client):
        assert titles(client, "财政 -author:刘义") == ["一"]

    def test_author_filter_needs_no_query(self, client):
        assert titles(client, "", author="于潇") == ["二", "一"]


def test_pages_follow_each_other_and_the_last_is_the_end(client):
    for number in range(PER_PAGE + 1):
        says(f"{number:02}", "财政", date=f"2024-01-{number + 1:02}")
    assert titles(client, "财政")[0] == f"{PER_PAGE}"
    assert titles(client, "财政", page="2") == titles(client, "财政", page="99999") == ["00"]
    page = unescape(client.get("/search/", {"q": "财政", "page": "2"}).text)
    assert 'href="?q=%E8%B4%A2%E6%94%BF&page=1"' in page


class TestAlternatives:
    def alternatives(self, client, q: str) -> list[str]:
        return [
            choice.label
            for choice in client.get("/search/", {"q": q}).context["results"].alternatives
        ]

    def test_alternatives_include_near_spellings(self, client):
        a_publication(title="文", keywords="零基预算改革", authors="欧阳明远")
        assert self.alternatives(client, "零基预算该革")[0] == "零基预算改革"
        assert self.alternatives(client, "欧阳明元")[0] == "欧阳明远"

    def test_alternatives_include_shorter_queries_with_results(self, client):
        says("甲", "财政政策")
        assert self.alternatives(client, "财政 火星") == ["财政"]
        assert self.alternatives(client, "财政火星") == ["财政"]
        assert self.alternatives(client, "火星") == []

    def test_alternatives_include_the_query_without_filters(self, client):
        says("甲", "财政")
        page = client.get("/search/", {"q": "财政", "year": "1999"}).text
        assert _("Look everywhere, without filters") in page


def test_suggestions_are_columns_names_and_titles_that_hold_what_is_typed(client):
    a_column(title="财政观察")
    a_publication(title="论财政", authors="财政部\n张三", keywords="财政收入\n预算")
    assert suggested(client, "财政") == ["财政部", "财政收入", "论财政", "财政观察"]
    assert suggested(client, "张") == ["张三"]
    assert suggested(client, "") == []


def test_search_page_is_closed_to_search_engines(client):
    for address in ["/search/", "/search/?q=x"]:
        assert '<meta name="robots" content="noindex">' in client.get(address).text
    assert "Disallow: /search/" in client.get("/robots.txt").text


def test_the_box_in_the_masthead_gives_way_to_that_of_the_page_and_to_no_other(client):
    column = a_column().get_absolute_url()
    for address in [column, "/search/?q=%E6%96%87", column]:  # what is kept of one serves the next
        assert client.get(address).text.count('role="search"') == 1, address


def test_search_matches_renamed_magazines_and_issues(client):
    magazine = a_magazine(title="旧刊")
    issue = an_issue(magazine=magazine, year=2024, number=7)
    says("甲", "财政", issue=issue)
    magazine.title = "新刊"
    magazine.save()
    assert titles(client, "旧刊") == []
    assert "新刊 2024年第7期" in titles(client, "新刊")
    issue.number = 8
    issue.save()
    assert titles(client, "2024年第7期") == []
    assert titles(client, "财政 2024年第8期") == ["甲"]
