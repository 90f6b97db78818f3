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


def entries_of(client, address: str) -> dict[str, datetime | None]:
    """Return the addresses of a sitemap file with their lastmod."""
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "application/xml"), address
    assert not response.cookies
    pattern = r"<loc>http://testserver(.*?)</loc>(?:<lastmod>(.*?)</lastmod>)?"
    entries = {}
    for path, changed in re.findall(pattern, response.text):
        entries[path] = datetime.fromisoformat(changed) if changed else None
    assert len(entries) == response.text.count("<loc>")
    return entries


def all_entries(client) -> dict[str, datetime | None]:
    entries = {}
    for address in entries_of(client, "/sitemap.xml"):
        entries |= entries_of(client, address)
    return entries


def test_sitemap_lists_every_public_page_and_no_other(client):
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
    assert sorted(all_entries(client)) == sorted(
        [*lists, *(row.get_absolute_url() for row in rows)]
    )


def test_sitemap_lists_only_addresses_that_answer(client):
    a_publication(issue=an_issue())
    a_notice()
    a_page()
    assert {client.get(path).status_code for path in all_entries(client)} == {200}


def test_lastmod_is_the_last_change_of_a_page(client, clock):
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
    entries = all_entries(client)
    pages = [article, column, issue, issue.magazine]
    assert {entries[one.get_absolute_url()] for one in pages} | {entries["/"]} == {corrected}
    assert entries[notice.get_absolute_url()] == notice.updated_at == clock.in_(hours=-1)
    assert entries[page.get_absolute_url()] == page.updated_at == clock.in_(hours=-3)
    index = entries_of(client, "/sitemap.xml")
    assert index["/sitemap-articles-1.xml"] == corrected


class TestLists:
    """A list changes when one of its articles is published, replaced or withdrawn."""

    @pytest.fixture
    def articles(self, clock):
        """The first and the last article of an issue, published 20 and 10 days ago."""
        issue, column = an_issue(), a_column()
        days = [clock.in_(days=-20), clock.in_(days=-10)]
        return [
            a_publication(column=column, issue=issue, position=position, starts_at=day).article
            for position, day in enumerate(days, 1)
        ]

    def lastmods(self, client, article) -> set[datetime | None]:
        index = entries_of(client, "/sitemap.xml")
        entries = all_entries(client)
        lists = [article.column, article.issue, article.magazine]
        files = {
            index[f"/sitemap-{name}-1.xml"]
            for name in ["columns", "issues", "magazines", "articles", "home"]
        }
        return {entries[one.get_absolute_url()] for one in lists} | {entries["/"]} | files

    @pytest.mark.parametrize("position", [0, 1])
    def test_lastmod_of_lists_changes_when_an_article_is_published_again(
        self, client, clock, articles, position
    ):
        assert self.lastmods(client, articles[0]) == {clock.in_(days=-10)}
        articles[position].publish(by=None)
        published = clock.now
        clock.move(minutes=5)
        assert self.lastmods(client, articles[0]) == {published}

    @pytest.mark.parametrize("position", [0, 1])
    def test_lastmod_of_lists_changes_when_an_article_is_withdrawn(
        self, client, clock, articles, position
    ):
        articles[position].withdraw(by=None, reason="误")
        withdrawn = clock.now
        clock.move(minutes=5)
        assert self.lastmods(client, articles[0]) == {withdrawn}

    def test_lastmod_of_both_columns_changes_when_an_article_moves(self, client, clock, articles):
        old, new = articles[0].column, a_column()
        articles[0].column = new
        articles[0].save()
        articles[0].publish(by=None)
        entries = all_entries(client)
        assert {entries[column.get_absolute_url()] for column in [old, new]} == {clock.now}

    def test_lastmod_of_lists_does_not_change_before_scheduled_content(
        self, client, clock, articles
    ):
        before = clock.in_(days=-10)
        articles[0].publish(by=None, at=clock.in_(days=1))
        assert self.lastmods(client, articles[0]) == {before}
        clock.move(days=2)
        assert self.lastmods(client, articles[0]) == {clock.in_(days=-1)}

    def test_lastmod_of_lists_ignores_a_cancelled_schedule(self, client, clock, articles):
        before = clock.in_(days=-10)
        articles[0].publish(by=None, at=clock.in_(days=1))
        articles[0].cancel_schedule(by=None)
        clock.move(days=2)
        assert self.lastmods(client, articles[0]) == {before}

    def test_lastmod_is_missing_for_an_empty_list(self, client, clock):
        column = a_column()
        a_publication(column=column, starts_at=clock.in_(days=1))
        assert all_entries(client)[column.get_absolute_url()] is None


def test_sitemap_file_holds_a_range_of_keys(client, monkeypatch):
    monkeypatch.setattr(sitemaps, "MAX_ADDRESSES", 3)
    column = a_column()
    articles = [a_publication(column=column) for _ in range(7)]
    files = [address for address in entries_of(client, "/sitemap.xml") if "articles" in address]
    assert len(files) in {3, 4}
    entries = [list(entries_of(client, address)) for address in files]
    assert max(map(len, entries)) == 3
    assert [path for file in entries for path in file] == [
        article.get_absolute_url() for article in articles
    ]
    hidden = articles[0].article_id
    assert files[0] == f"/sitemap-articles-{(hidden - 1) // 3 + 1}.xml"


@pytest.mark.parametrize("rows", [1, 3])
def test_sitemap_costs_the_same_for_1_and_3_rows(client, rows):
    for _ in range(rows):
        a_publication(issue=an_issue())
        a_notice()
        a_page()
    addresses = entries_of(client, "/sitemap.xml")
    costs = {"/sitemap.xml": 22, "/sitemap-home-1.xml": 2, "/sitemap-noticelist-1.xml": 0}
    for address in ["/sitemap.xml", *addresses]:
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        assert len(queries) == costs.get(address, 1), address


def test_sitemap_of_an_empty_site_has_a_home_page(client):
    assert all_entries(client) == {"/": None, "/notices/": None, "/archive/": None}


@pytest.mark.parametrize(
    "address",
    [
        "/sitemap-articles-1.xml", "/sitemap-articles-0.xml", "/sitemap-articles-999999999.xml", "/sitemap-home-2.xml",
        "/sitemap-articles-9999999999.xml", "/sitemap-articles-１.xml", "/sitemap-nothing-1.xml", "/sitemap-1.xml",
        f"/sitemap-articles-{'9' * 5000}.xml", "/sitemap-.xml", "/sitemap-issues-999999999.xml", "/sitemaps.xml",
    ],
)  # fmt: skip
def test_sitemap_with_an_invalid_address_is_not_found(client, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/sitemap.xml", "/sitemap-home-1.xml", "/robots.txt"])
def test_sitemap_refuses_other_methods(client, address):
    assert client.post(address).status_code == 405
    assert (client.head(address).status_code, client.head(address).content) == (200, b"")


def test_robots_allows_all_public_pages(client):
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
