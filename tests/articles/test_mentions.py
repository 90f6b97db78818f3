"""Tests of mentions, and of the pages of authors and keywords."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from html import unescape
from io import StringIO
from threading import Barrier
from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils.translation import gettext

from articles.mentions import MAX_NAME_LENGTH, address
from articles.models import Mention, Publication
from tests.builders import a_column, a_publication, an_article

pytestmark = pytest.mark.django_db


def titles(response) -> list[str]:
    return [publication.title for publication in response.context["page"]]


@pytest.fixture(params=["author", "keyword"])
def kind(request) -> str:
    return request.param


class Named:
    """Articles that name somebody, or something, and the page that lists them."""

    def __init__(self, client, kind: str):
        self.client, self.kind, self.field = client, kind, f"{kind}s"

    def publication(self, names: str, **values) -> Publication:
        return a_publication(**{self.field: names}, **values)

    def get(self, name: str, **query):
        return self.client.get(f"/{self.field}/{quote(name)}/", query)


@pytest.fixture
def named(client, kind) -> Named:
    return Named(client, kind)


class TestPage:
    def test_lists_what_names_it_the_newest_first(self, named):
        for title, day, names in [
            ("旧", 1, "于潇"),
            ("新", 3, "刘义\n于潇"),
            ("中", 2, "于潇；刘义"),
            ("别", 4, "于潇然"),
        ]:
            named.publication(names, title=title, date=date(2024, 1, day))
        assert titles(named.get("于潇")) == ["新", "中", "旧"]
        assert titles(named.get("刘义")) == ["新", "中"]

    def test_names_what_it_lists(self, named, kind):
        named.publication("财政部（会计司）")
        heading = gettext("Author: %(name)s" if kind == "author" else "Keyword: %(name)s") % {
            "name": "财政部（会计司）"
        }
        page = named.get("财政部(会计司)").text
        assert f'<h1 class="page-title">{heading}</h1>' in page
        assert f'<li aria-current="page">{heading}</li>' in page

    def test_is_cut_into_pages(self, named):
        column = a_column()
        for day in range(1, 24):
            named.publication("于潇", column=column, title=f"第{day}篇", date=date(2024, 1, day))
        assert titles(named.get("于潇", page=2)) == ["第3篇", "第2篇", "第1篇"]
        assert titles(named.get("于潇", page="x"))[0] == "第23篇"
        assert 'rel="canonical" href="http://testserver/' in named.get("于潇", page=2).text

    @pytest.mark.parametrize(
        "written", ["ＥＳＧ 报告", "ESG　报告", " ESG  报告 ", "ESG\t报告", "esg 报告"]
    )
    def test_is_the_same_however_the_name_is_typed(self, named, written):
        named.publication(written, title="甲")
        assert titles(named.get("ESG 报告")) == titles(named.get(written)) == ["甲"]
        canonical = (
            f'<link rel="canonical" href="http://testserver{address(named.kind, "ESG 报告")}">'
        )
        assert canonical in named.get(written).text

    @pytest.mark.parametrize("name", ["碳/达峰", "C# ?&%", "100%", "o'Brien <b>", "😀", "a:b@c+d"])
    def test_any_name_can_stand_in_an_address(self, named, name):
        publication = named.publication(name)
        link = address(named.kind, name)
        assert f'href="{link}"' in unescape(named.client.get(publication.get_absolute_url()).text)
        assert titles(named.client.get(link)) == [publication.title]

    @pytest.mark.parametrize(
        "name", ["..", ".", "a/../b", "/a", "a//b", "长" * (MAX_NAME_LENGTH + 1)]
    )
    def test_a_name_that_cannot_is_no_link(self, named, name):
        page = named.client.get(named.publication(name).get_absolute_url()).text
        assert name in page
        assert f'href="/{named.field}/' not in page

    def test_of_authors_says_that_names_are_no_persons(self, client):
        a_publication(authors="于潇", keywords="预算")
        note = gettext(
            "Everything that has appeared under this name. Authors of the same name are not told apart."
        )
        assert note in client.get(address("author", "于潇")).text
        assert note not in client.get(address("keyword", "预算")).text


class TestWhatReadersMayNotSee:
    def test_is_not_listed(self, named, clock):
        named.publication("于潇", title="可见")
        an_article(**{named.field: "于潇"})
        named.publication("于潇", starts_at=clock.in_(hours=1))
        named.publication("于潇", starts_at=clock.in_(hours=-2), ends_at=clock.in_(hours=-1))
        assert titles(named.get("于潇")) == ["可见"]

    def test_gives_a_name_no_page(self, named, clock):
        named.publication("于潇", starts_at=clock.in_(hours=1))
        assert named.get("于潇").status_code == 404
        clock.move(hours=1)
        assert named.get("于潇").status_code == 200

    def test_is_gone_with_the_version_that_named_it(self, named, clock):
        article = named.publication("刘义").article
        setattr(article, named.field, "于潇")
        article.save()
        article.publish(by=None)
        assert (named.get("刘义").status_code, named.get("于潇").status_code) == (404, 200)
        article.withdraw(by=None, reason="撤稿")
        assert named.get("于潇").status_code == 404

    @pytest.mark.parametrize(
        "name", ["nobody", "%00", "%ff", "%2e%2e", "a" * 5000, "%F0%9F%98%80", "' or 1=1", "%20"]
    )
    def test_is_not_found_by_nonsense(self, client, kind, name):
        named = a_publication(authors="于潇", keywords="于潇")
        assert client.get(f"/{kind}s/{name}/").status_code == 404
        assert named.is_live()


class TestRecord:
    def test_a_name_given_twice_is_noted_once(self, named):
        publication = named.publication("于潇\n于潇\n 于潇 ")
        assert [mention.name for mention in publication.mentions.filter(kind=named.kind)] == [
            "于潇"
        ]

    def test_a_new_date_moves_what_is_scheduled(self, named, clock):
        article = an_article(date=None, **{named.field: "于潇"})
        article.publish(by=None, at=clock.in_(days=9))
        article.publish(by=None, at=clock.in_(days=2))
        first_seen = clock.in_(days=2).date()
        assert set(Mention.objects.values_list("date", flat=True)) == {first_seen}
        assert set(Publication.objects.values_list("date", flat=True)) == {first_seen}

    def test_is_made_however_a_publication_is_made(self, named):
        article = an_article(title="题", **{named.field: "于潇"})
        published = article.publish(by=None)
        alike = {
            "article": an_article(),
            "column": article.column,
            "date": published.date,
            named.field: "于潇",
        }
        Publication.objects.bulk_create(
            [Publication(title="题", starts_at=published.starts_at, **alike)]
        )
        assert Mention.objects.filter(kind=named.kind, name="于潇").count() == 2

    def test_of_what_was_published_before_there_was_any(self, clock):
        a_publication(title="零基预算", authors="于潇、刘义", keywords="ＥＳＧ").article.withdraw(
            by=None, reason="误"
        )
        a_publication(title="题", starts_at=clock.in_(hours=1))
        noted = set(Mention.objects.values_list("pk"))
        Mention.objects.all().delete()
        call_command("refresh_related", stdout=StringIO())
        assert set(Mention.objects.values_list("pk")) == noted != set()


class TestWords:
    def test_are_pairs_of_characters_and_latin_words_of_title_and_keywords(self):
        publication = a_publication(
            title="零基预算的实践：AI 与 GPT-5", authors="于潇", keywords="ＥＳＧ\n绩效"
        )
        words = publication.mentions.filter(kind="word").values_list("name", flat=True)
        assert sorted(words) == sorted(
            ["零基", "基预", "预算", "实践", "绩效", "ai", "gpt-5", "esg"]
        )

    def test_of_different_entries_are_not_joined(self):
        publication = a_publication(title="甲", keywords="乙\n丙丁")
        assert [mention.name for mention in publication.mentions.filter(kind="word")] == ["丙丁"]

    def test_however_long_can_be_noted(self):
        publication = a_publication(title="x" * 200, authors="名" * 1000, keywords="长" * 500)
        assert [
            (mention.kind, len(mention.name)) for mention in publication.mentions.order_by("name")
        ] == [
            ("word", 200),
            ("word", 2),
        ]

    def test_have_no_pages(self, client):
        a_publication(title="零基预算", authors="于潇", keywords="绩效评价")
        for place in ["authors", "keywords", "words"]:
            assert client.get(f"/{place}/预算/").status_code == 404
            assert client.get(f"/{place}/评价/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_publishing_at_once_what_names_the_same_and_noting_it_anew():
    """Concurrent refreshes end, and record every mention once."""
    column = a_column()
    names = [f"名{number}" for number in range(9)]
    articles = [
        an_article(
            column=column, title="零基预算", authors="\n".join(some), keywords="\n".join(some)
        )
        for some in [names, names[::-1]] * 4
    ]
    start = Barrier(6)

    def work(acts) -> None:
        try:
            start.wait()
            for act in acts:
                act()
        finally:
            connection.close()

    publishing = [
        [partial(article.publish, by=None) for article in articles[some::4]] for some in range(4)
    ]
    refreshing = [[partial(call_command, "refresh_related", stdout=StringIO())] * 3] * 2
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(work, [*publishing, *refreshing]))
    assert {article.publications.get().mentions.count() for article in articles} == {
        len([*names, *names]) + 3
    }
