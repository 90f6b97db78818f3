import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from seo import sections as sitemaps
from tests.builders import (
    a_column,
    a_magazine,
    a_notice,
    a_page,
    a_publication,
    a_user,
    an_article,
    an_issue,
)

pytestmark = pytest.mark.django_db


def listed(client, address: str) -> dict[str, datetime | None]:
    """The addresses of a sitemap, with their lastmod."""
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "application/xml"), address
    assert not response.cookies
    found = re.findall(
        r"<loc>http://testserver(.*?)</loc>(?:<lastmod>(.*?)</lastmod>)?", response.text
    )
    assert len(found) == response.text.count("<loc>")
    return {path: datetime.fromisoformat(changed) if changed else None for path, changed in found}


def everything(client) -> dict[str, datetime | None]:
    return {
        path: changed
        for address in listed(client, "/sitemap.xml")
        for path, changed in listed(client, address).items()
    }


def test_every_public_page_is_in_it_and_no_other(client):
    now, hour = timezone.now(), timedelta(hours=1)
    issue = an_issue(magazine=a_magazine(slug="cz"), year=2024, number=3)
    article, notice, page = (
        a_publication(column=a_column(slug="yw"), issue=issue),
        a_notice(),
        a_page(slug="about"),
    )
    an_issue(magazine=issue.magazine, published_on=None)
    an_article(column=article.column)
    a_publication(column=article.column, starts_at=now + hour)
    a_publication(column=article.column, starts_at=now - 2 * hour, ends_at=now - hour)
    a_notice(starts_at=None)
    a_notice(starts_at=now + hour)
    a_notice(starts_at=now - 2 * hour, ends_at=now - hour)
    rows = [article, issue, issue.magazine, article.column, notice, page]
    lists = ["/", "/notices/", "/magazines/cz/issues/", "/archive/"]
    lists += [
        f"/archive/{article.date.year}/",
        f"/archive/{article.date.year}/{article.date.month}/",
    ]
    assert sorted(everything(client)) == sorted([*lists, *(row.get_absolute_url() for row in rows)])


def test_every_address_in_it_answers(client):
    a_publication(issue=an_issue())
    a_notice()
    a_page()
    assert {client.get(path).status_code for path in everything(client)} == {200}


def test_lastmod_is_when_the_page_became_what_it_is(client, clock):
    editor, column = a_user(), a_column()
    article, page = an_article(column=column, issue=(issue := an_issue())), a_page()
    notice = a_notice(starts_at=clock.now)
    clock.move(hours=1)
    article.publish(by=editor)
    clock.move(hours=1)
    corrected = article.publish(by=editor).starts_at
    article.publish(by=editor, at=clock.in_(days=1))
    notice.save()
    clock.move(hours=1)
    found = everything(client)
    pages = [article, column, issue, issue.magazine]
    assert {found[one.get_absolute_url()] for one in pages} | {found["/"]} == {corrected}
    assert found[notice.get_absolute_url()] == notice.updated_at == clock.in_(hours=-1)
    assert found[page.get_absolute_url()] == page.updated_at == clock.in_(hours=-3)
    index = listed(client, "/sitemap.xml")
    assert index["/sitemap-articles-1.xml"] == corrected


class TestLists:
    """A list changes when one of its pieces comes, is replaced or goes, wherever in the list that stands."""

    @pytest.fixture
    def pieces(self, clock):
        """The first and the last of an issue, published as long ago as their dates say."""
        issue, column = an_issue(), a_column()
        days = [clock.in_(days=-20), clock.in_(days=-10)]
        return [
            a_publication(column=column, issue=issue, position=place, starts_at=day).article
            for place, day in enumerate(days, 1)
        ]

    def lastmods(self, client, piece) -> set[datetime | None]:
        index = listed(client, "/sitemap.xml")
        found = {
            path: changed for address in index for path, changed in listed(client, address).items()
        }
        lists = [piece.column, piece.issue, piece.magazine]
        files = {
            index[f"/sitemap-{name}-1.xml"]
            for name in ["columns", "issues", "magazines", "articles", "home"]
        }
        return {found[one.get_absolute_url()] for one in lists} | {found["/"]} | files

    @pytest.mark.parametrize("place", [0, 1])
    def test_change_when_a_piece_is_published_anew(self, client, clock, pieces, place):
        assert self.lastmods(client, pieces[0]) == {clock.in_(days=-10)}
        pieces[place].publish(by=None)
        published = clock.now
        clock.move(minutes=5)
        assert self.lastmods(client, pieces[0]) == {published}

    @pytest.mark.parametrize("place", [0, 1])
    def test_change_when_a_piece_is_withdrawn(self, client, clock, pieces, place):
        pieces[place].withdraw(by=None, reason="误")
        withdrawn = clock.now
        clock.move(minutes=5)
        assert self.lastmods(client, pieces[0]) == {withdrawn}

    def test_change_where_a_piece_leaves_for_another_column(self, client, clock, pieces):
        old, new = pieces[0].column, a_column()
        pieces[0].column = new
        pieces[0].save()
        pieces[0].publish(by=None)
        found = everything(client)
        assert {found[column.get_absolute_url()] for column in [old, new]} == {clock.now}

    def test_change_no_sooner_than_what_is_scheduled(self, client, clock, pieces):
        before = clock.in_(days=-10)
        pieces[0].publish(by=None, at=clock.in_(days=1))
        assert self.lastmods(client, pieces[0]) == {before}
        clock.move(days=2)
        assert self.lastmods(client, pieces[0]) == {clock.in_(days=-1)}

    def test_do_not_change_by_what_was_cancelled_before_anyone_saw_it(self, client, clock, pieces):
        before = clock.in_(days=-10)
        pieces[0].publish(by=None, at=clock.in_(days=1))
        pieces[0].cancel_schedule(by=None)
        clock.move(days=2)
        assert self.lastmods(client, pieces[0]) == {before}

    def test_say_nothing_where_nothing_ever_stood(self, client, clock):
        column = a_column()
        a_publication(column=column, starts_at=clock.in_(days=1))
        assert everything(client)[column.get_absolute_url()] is None


def test_a_file_holds_a_span_of_keys(client, monkeypatch):
    monkeypatch.setattr(sitemaps, "MAX_ADDRESSES", 3)
    column = a_column()
    articles = [a_publication(column=column) for _ in range(7)]
    files = [address for address in listed(client, "/sitemap.xml") if "articles" in address]
    assert len(files) in {3, 4}
    found = [list(listed(client, address)) for address in files]
    assert max(map(len, found)) == 3
    assert [path for file in found for path in file] == [
        article.get_absolute_url() for article in articles
    ]
    hidden = articles[0].article_id
    assert files[0] == f"/sitemap-articles-{(hidden - 1) // 3 + 1}.xml"


@pytest.mark.parametrize("rows", [1, 3])
def test_costs_the_same_at_any_size(client, rows):
    for _ in range(rows):
        a_publication(issue=an_issue())
        a_notice()
        a_page()
    addresses = listed(client, "/sitemap.xml")
    costs = {"/sitemap.xml": 22, "/sitemap-home-1.xml": 2, "/sitemap-noticelist-1.xml": 0}
    for address in ["/sitemap.xml", *addresses]:
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        assert len(queries) == costs.get(address, 1), address


def test_empty_house_has_a_home_page(client):
    assert everything(client) == {"/": None, "/notices/": None, "/archive/": None}


@pytest.mark.parametrize(
    "address",
    [
        "/sitemap-articles-1.xml", "/sitemap-articles-0.xml", "/sitemap-articles-999999999.xml", "/sitemap-home-2.xml",
        "/sitemap-articles-9999999999.xml", "/sitemap-articles-１.xml", "/sitemap-nothing-1.xml", "/sitemap-1.xml",
        f"/sitemap-articles-{'9' * 5000}.xml", "/sitemap-.xml", "/sitemap-issues-999999999.xml", "/sitemaps.xml",
    ],
)  # fmt: skip
def test_nonsense_is_not_found(client, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/sitemap.xml", "/sitemap-home-1.xml", "/robots.txt"])
def test_takes_no_other_method(client, address):
    assert client.post(address).status_code == 405
    assert (client.head(address).status_code, client.head(address).content) == (200, b"")


def test_robots_may_read_what_readers_may(client):
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.text.splitlines() == [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /search/",
        "Allow: /",
        "",
        "Sitemap: http://testserver/sitemap.xml",
    ]
