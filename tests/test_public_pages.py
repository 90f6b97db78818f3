"""Tests of every public page: its headers, its content, and the number of its queries."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.core.cache import cache
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django.utils import timezone

from articles.models import Article, Publication
from tests.builders import (
    a_column,
    a_magazine,
    a_notice,
    a_page,
    a_picture,
    a_publication,
    a_publisher,
    an_admin,
    an_article,
    an_issue,
)
from tests.queries import Queries
from web.object_cache import object_cache
from web.site_version import version_tracker

pytestmark = pytest.mark.django_db

SECRET = "不得外泄"
POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
    "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
}  # fmt: skip

# Queries of each page when nothing is cached. Five of them read what every page shows of the
# publisher and the notices; their results are cached until the next write.
QUERIES = {
    "articles:home": 10,
    "articles:article": 8,  # one fills up related articles, for all articles together
    "articles:column": 8,
    "articles:author": 7,
    "articles:keyword": 7,
    "articles:archive": 6,
    "articles:year": 8,
    "articles:month": 8,
    "magazine:magazine": 9,
    "magazine:issues": 7,
    "magazine:issue": 7,
    "magazine:page": 6,
    "notices:notices": 7,
    "notices:notice": 7,
    "search:search": 9,
}
# URLs of pictures, files and feeds.
FILES = {"articles:bibtex", "articles:ris", "articles:card", "articles:qr_code", "media:media"}
FILES |= {"articles:house_card", "magazine:favicon", "magazine:icon"}
FILES |= {"articles:read"}  # counts a read, with an empty answer
FILES |= {"articles:feed", "articles:magazine_feed", "articles:column_feed", "notices:feed"}
FILES |= {"search:suggest"}
FILES |= {"seo:robots", "seo:sitemap_index", "seo:sitemap", "seo:indexnow_key"}


def build_site(rows: int = 1) -> dict[str, str]:
    """Create `rows` of everything that pages list, and return the address of each page by name."""
    a_publisher()
    for row in range(rows):
        page, magazine, column = a_page(), a_magazine(cover=a_picture()), a_column()
        for position in range(rows):
            issue = an_issue(magazine=magazine, year=2024 - position)
            named = {"authors": "于潇\n刘义", "keywords": "预算\n绩效"}
            publication = a_publication(
                column=column, issue=issue, lead=True, cover=a_picture(), cover_alt="图", **named
            )
            a_publication(column=column, issue=issue, position=position)
        for placement in ["banner", "popup", "list"]:
            notice = a_notice(placement=placement)
            notice.contacts.create(
                magazine=magazine, label=f"编辑部{row}", telephone="010-12345678"
            )
    # Without related articles, so that an article page always costs the query that fills them up.
    Publication.objects.set_related([])
    return {
        "articles:home": "/",
        "articles:article": publication.get_absolute_url(),
        "articles:column": column.get_absolute_url(),
        "articles:author": reverse("articles:author", args=["于潇"]),
        "articles:keyword": reverse("articles:keyword", args=["预算"]),
        "articles:archive": "/archive/",
        "articles:year": reverse("articles:year", args=[publication.date.year]),
        "articles:month": reverse(
            "articles:month", args=[publication.date.year, publication.date.month]
        ),
        "magazine:magazine": magazine.get_absolute_url(),
        "magazine:issues": reverse("magazine:issues", args=[magazine.slug]),
        "magazine:issue": issue.get_absolute_url(),
        "magazine:page": page.get_absolute_url(),
        "notices:notices": "/notices/",
        "notices:notice": notice.get_absolute_url(),
        "search:search": "/search/?q=%E6%AD%A3%E6%96%87",
    }


def names(resolver: URLResolver, namespace: str = "") -> list[str]:
    found = []
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            found.append(f"{namespace}{entry.name}")
        elif entry.namespace != "admin":
            found += names(entry, f"{entry.namespace}:" if entry.namespace else namespace)
    return found


def test_table_lists_every_public_url_name():
    public = set(names(get_resolver())) - {"media:upload_picture"}
    assert public == QUERIES.keys() | FILES == build_site().keys() | FILES


class TestPages:
    @pytest.mark.parametrize("name", QUERIES)
    def test_page_sets_no_cookie_and_is_the_same_for_everybody(self, client, name):
        address = build_site()[name]
        response = client.get(address)
        assert (response.status_code, response["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert not response.cookies
        assert "cookie" not in response.get("Vary", "").lower()
        client.force_login(an_admin())
        cache.clear()
        assert client.get(address).content == response.content

    @pytest.mark.parametrize("name", QUERIES)
    def test_page_has_a_strict_policy_and_obeys_it(self, client, name):
        response = client.get(build_site()[name])
        assert set(response["Content-Security-Policy"].split("; ")) == POLICY
        assert (response["X-Content-Type-Options"], response["X-Frame-Options"]) == (
            "nosniff",
            "DENY",
        )
        page = response.text
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
        scripts = re.findall(r"<script[^>]*>", page)
        assert all(
            "src=" in script or script == '<script type="application/ld+json">'
            for script in scripts
        )
        assert not re.search(r'(?:src|srcset|action)="(?:https?:)?//', page)

    @pytest.mark.parametrize("name", QUERIES)
    def test_page_answers_head_and_refuses_post(self, client, name):
        address = build_site()[name]
        response = client.head(address)
        assert (response.status_code, response.content) == (200, b"")
        for method in [client.post, client.put, client.delete, client.patch]:
            assert method(address).status_code == 405

    @pytest.mark.parametrize("name", QUERIES)
    def test_page_has_one_heading_a_title_and_its_language(self, client, name):
        page = client.get(build_site()[name]).text
        assert len(re.findall(r"<h1[ >]", page)) == 1
        assert re.search(r"<title>\s*\S+.*</title>", page, re.DOTALL)
        assert '<html lang="zh-Hans"' in page
        assert page.count("<main") == 1

    def test_empty_site_has_a_home_page_and_a_list_of_notices(self, client):
        assert [client.get(address).status_code for address in ["/", "/notices/"]] == [200, 200]

    def test_links_of_all_pages_are_answered(self, client):
        build_site(rows=3)
        unreleased = an_issue(published_on=None)
        a_publication(issue=unreleased)
        seen, waiting = set(), ["/"]
        while waiting:
            address = waiting.pop()
            seen.add(address)
            response = client.get(address)
            content = response.getvalue().decode(errors="replace")
            assert response.status_code == 200, address
            if response["Content-Type"].startswith("text/html"):
                links = re.findall(r'(?:href|src)="(/(?!/|static/)[^"#]*)', content)
                waiting += {unescape(link) for link in links} - seen - set(waiting)
        assert len(seen) > 20


# Values that a reader or a script may put into an address.
LENGTHS = [19, 30, 3000, 5000]
NUMBERS = [
    "0",
    "999999",
    "9" * 19,
    "9" * 30,
    "9" * 3000,
    "9" * 5000,
    "-1",
    "1.5",
    "１",
    "x",
    "%00",
    "%F0%9F%98%80",
    "1%20",
]
SLUGS = [
    "nowhere",
    "NOWHERE",
    "关于",
    "%00",
    "%ff",
    "%F0%9F%98%80",
    "-",
    "a" * 3000,
    "..%2f..",
    "%27%20or%201=1",
    "<b>",
]


class TestInvalidAddresses:
    @pytest.mark.parametrize("number", NUMBERS)
    @pytest.mark.parametrize(
        "address",
        [
            "/articles/{}/", "/articles/{}/qr.svg", "/articles/{}/citation.bib", "/articles/{}/citation.ris",
            "/notices/{}/", "/magazines/kan/{}/1/", "/magazines/kan/2024/{}/",
            "/magazines/kan/{0}/{0}/", "/archive/{}/", "/archive/2024/{}/",
        ],
    )  # fmt: skip
    def test_invalid_number_in_an_address_is_not_found(self, client, address, number):
        an_issue(magazine=a_magazine(slug="kan"), year=2024, number=1)
        response = client.get(address.format(number))
        assert response.status_code == 404
        assert not response.cookies

    @pytest.mark.parametrize("slug", SLUGS)
    @pytest.mark.parametrize(
        "address",
        [
            "/columns/{}/", "/authors/{}/", "/keywords/{}/", "/magazines/{}/", "/magazines/{}/issues/",
            "/magazines/{}/2024/1/", "/pages/{}/", "/media/{}", "/{}", "/{}/",
        ],
    )  # fmt: skip
    def test_invalid_slug_in_an_address_is_not_found(self, client, address, slug):
        build_site()
        assert client.get(address.format(slug)).status_code in {404, 301}
        assert client.get(address.format(slug), follow=True).status_code == 404

    @pytest.mark.parametrize(
        "page",
        [
            "abc",
            "",
            "0",
            "-1",
            "1.5",
            "１",
            "\0",
            "😀",
            "9" * 30,
            "-" + "9" * 30,
            "9" * 5000,
            "1e9",
            "nan",
            "' or 1=1",
        ],
    )
    @pytest.mark.parametrize(
        "name", ["articles:column", "articles:author", "articles:month", "notices:notices"]
    )
    def test_invalid_page_number_gives_the_first_page_or_404(self, client, name, page):
        address = build_site()[name]
        response = client.get(address, {"page": page, "\0": "\0", "x" * 999: "😀"})
        beyond = page in {"0", "-1", "9" * 30, "-" + "9" * 30}
        assert response.status_code == (404 if beyond else 200)

    @pytest.mark.parametrize(
        "address",
        [
            "/magazines/kan/2024/03/", "/magazines/kan/02024/3/", "/magazines/kan/2024/3", "/notices/0{notice}/",
            "/notices/00{notice}/", "/articles/0{article}/", "/archive/2024/03/", "/archive/02024/",
        ],
    )  # fmt: skip
    def test_page_has_one_address(self, client, address):
        issue = an_issue(magazine=a_magazine(slug="kan"), year=2024, number=3)
        article, notice = a_publication(date=date(2024, 3, 1)).article_id, a_notice().pk
        assert client.get(issue.get_absolute_url()).status_code == 200
        response = client.get(address.format(article=article, notice=notice))
        assert response.status_code == 404 or response["Location"] == "/magazines/kan/2024/3/"

    def test_address_without_its_last_slash_redirects(self, client):
        for address in build_site().values():
            if address.endswith("/") and address != "/":
                assert client.get(address.rstrip("/"))["Location"] == address

    @pytest.mark.parametrize(
        "host", ["evil.example", "testserver.evil.example", "a b", "testserver:x"]
    )
    def test_other_hosts_are_refused(self, client, host):
        assert client.get("/", headers={"host": host}).status_code == 400


class TestDrafts:
    """No page shows content that is not published yet, or is withdrawn."""

    def test_draft_is_on_no_page(self, client):
        now, hour = timezone.now(), timedelta(hours=1)
        addresses = build_site(rows=3)
        shown = Article.objects.get(pk=resolve(addresses["articles:article"]).kwargs["pk"])
        column, issue = shown.column, shown.issue
        secret = {
            "kicker": SECRET, "title": SECRET, "subtitle": SECRET, "authors": SECRET, "source": SECRET,
            "source_url": f"https://{SECRET}.cn/", "original_title": SECRET, "responsible_editor": SECRET,
            "abstract": SECRET, "keywords": SECRET, "body": f"<p>{SECRET}</p>", "cover_alt": SECRET, "pages": SECRET,
        }  # fmt: skip
        where = {"column": column, "issue": issue, "magazine": issue.magazine, "lead": True}
        an_article(**secret, **where)
        a_publication(**secret, **where, starts_at=now + hour)
        a_publication(**secret, **where, starts_at=now - 2 * hour, ends_at=now - hour)
        a_publication(**secret, **where, starts_at=now - hour, ends_at=now - hour)
        for edited in Article.objects.all():
            for name, value in secret.items():
                setattr(edited, name, value)
            edited.column = a_column(title=SECRET)
            edited.save()
        for span in [
            {"starts_at": None}, {"starts_at": now + hour}, {"starts_at": now - 2 * hour, "ends_at": now - hour},
            {"starts_at": now - hour, "ends_at": now - hour},
        ]:  # fmt: skip
            for placement in ["popup", "banner", "list"]:
                a_notice(
                    title=SECRET,
                    body=f"<p>{SECRET}</p>",
                    signature=SECRET,
                    placement=placement,
                    **span,
                )
        an_issue(magazine=issue.magazine, year=1999, number=77, published_on=None)
        an_issue(
            magazine=issue.magazine,
            year=1999,
            number=78,
            published_on=timezone.localdate() + timedelta(days=1),
        )
        for address in addresses.values():
            page = re.sub(r"/media/\S*", "", client.get(address).text)  # file names are random
            assert SECRET not in unescape(page), address
            assert not re.search("1999年|/1999/7[78]/", page), address  # articles have numbers too

    def test_draft_has_no_page(self, client):
        now, hour = timezone.now(), timedelta(hours=1)
        hidden = [
            an_article(),
            a_publication(starts_at=now + hour),
            a_publication(starts_at=now - 2 * hour, ends_at=now - 2 * hour),
            a_notice(starts_at=None),
            a_notice(starts_at=now + hour),
            a_notice(starts_at=now - 2 * hour, ends_at=now - hour),
            an_issue(published_on=None),
            an_issue(published_on=timezone.localdate() + timedelta(days=1)),
        ]
        for client_is in ["reader", "administrator"]:
            if client_is == "administrator":
                client.force_login(an_admin())
            assert {client.get(thing.get_absolute_url()).status_code for thing in hidden} == {404}


def queries_of(client, address: str) -> list[str]:
    """Return the queries of a page when nothing is cached."""
    cache.clear()
    version_tracker.invalidate()
    object_cache.clear()
    version_tracker.refresh()
    with Queries() as queries:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in queries.captured_queries]


class TestCost:
    @pytest.mark.parametrize("rows", [1, 3])
    def test_page_costs_the_same_for_1_and_3_rows(self, client, rows):
        costs = {}
        for name, address in build_site(rows).items():
            costs[name] = len(queries_of(client, address))
        assert costs == QUERIES, costs

    def test_home_page_costs_at_most_ten_queries(self, client):
        assert len(queries_of(client, build_site(3)["articles:home"])) <= 10

    @pytest.mark.parametrize("name", ["articles:home", "articles:article"])
    def test_most_read_page_costs_nothing_until_a_write(self, client, name):
        address = build_site(3)[name]
        client.get(address)
        with Queries() as queries:
            client.get(address)
        assert len(queries) == 0
        a_notice()
        version_tracker.refresh()
        cache.clear()
        with Queries() as queries:
            client.get(address)
        assert len(queries) == QUERIES[name]

    def test_article_page_reads_one_text(self, client):
        address = build_site(3)["articles:article"]
        queries = queries_of(client, address)
        texts = [sql for sql in queries if "articles_publication" in sql and '"body"' in sql]
        assert len(texts) == 1

    def test_page_reads_no_working_copy(self, client):
        for address in build_site(3).values():
            assert not any('"articles_article"' in sql for sql in queries_of(client, address)), (
                address
            )
