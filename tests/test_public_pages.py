"""What holds for every public page: what it may show, how it answers, and what it costs."""

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

# What each page costs when nothing is cached. Five of these read what every page shows of the house and its notices,
# and are kept until something is written.
QUERIES = {
    "articles:home": 10,
    "articles:article": 8,  # one of them where fewer than six are related, for all articles together
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
# Not pages: they answer with a picture or a file.
FILES = {"articles:bibtex", "articles:ris", "articles:card", "articles:qr_code", "media:media"}
FILES |= {"articles:house_card", "magazine:favicon", "magazine:icon"}
FILES |= {"articles:read"}  # counts, and answers nothing
FILES |= {"articles:feed", "articles:magazine_feed", "articles:column_feed", "notices:feed"}
FILES |= {"search:suggest"}
FILES |= {"seo:robots", "seo:sitemap_index", "seo:sitemap", "seo:indexnow_key"}


def a_house(rows: int = 1) -> dict[str, str]:
    """So many of everything that pages list; answers every page's address by its name."""
    a_publisher()
    for row in range(rows):
        page, magazine, column = a_page(), a_magazine(cover=a_picture()), a_column()
        for place in range(rows):
            issue = an_issue(magazine=magazine, year=2024 - place)
            named = {"authors": "于潇\n刘义", "keywords": "预算\n绩效"}
            publication = a_publication(
                column=column, issue=issue, lead=True, cover=a_picture(), cover_alt="图", **named
            )
            a_publication(column=column, issue=issue, position=place)
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


def test_every_public_address_is_in_the_table():
    public = set(names(get_resolver())) - {"media:upload_picture"}
    assert public == QUERIES.keys() | FILES == a_house().keys() | FILES


class TestAnswers:
    @pytest.mark.parametrize("name", QUERIES)
    def test_page_sets_no_cookie_and_is_the_same_for_everybody(self, client, name):
        address = a_house()[name]
        response = client.get(address)
        assert (response.status_code, response["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert not response.cookies
        assert "cookie" not in response.get("Vary", "").lower()
        client.force_login(an_admin())
        cache.clear()
        assert client.get(address).content == response.content

    @pytest.mark.parametrize("name", QUERIES)
    def test_page_stands_under_a_strict_policy_and_keeps_it(self, client, name):
        response = client.get(a_house()[name])
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
    def test_head_answers_without_content_and_post_is_refused(self, client, name):
        address = a_house()[name]
        response = client.head(address)
        assert (response.status_code, response.content) == (200, b"")
        for method in [client.post, client.put, client.delete, client.patch]:
            assert method(address).status_code == 405

    @pytest.mark.parametrize("name", QUERIES)
    def test_page_has_one_heading_a_title_and_its_language(self, client, name):
        page = client.get(a_house()[name]).text
        assert len(re.findall(r"<h1[ >]", page)) == 1
        assert re.search(r"<title>\s*\S+.*</title>", page, re.DOTALL)
        assert '<html lang="zh-Hans"' in page
        assert page.count("<main") == 1

    def test_empty_house_has_a_home_page_and_a_list_of_notices(self, client):
        assert [client.get(address).status_code for address in ["/", "/notices/"]] == [200, 200]

    def test_no_link_of_any_page_leads_nowhere(self, client):
        a_house(rows=3)
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


# What a reader, or somebody's script, may write into an address.
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


class TestNonsense:
    @pytest.mark.parametrize("number", NUMBERS)
    @pytest.mark.parametrize(
        "address",
        [
            "/articles/{}/", "/articles/{}/qr.svg", "/articles/{}/citation.bib", "/articles/{}/citation.ris",
            "/notices/{}/", "/magazines/kan/{}/1/", "/magazines/kan/2024/{}/",
            "/magazines/kan/{0}/{0}/", "/archive/{}/", "/archive/2024/{}/",
        ],
    )  # fmt: skip
    def test_number_in_an_address_is_not_found(self, client, address, number):
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
    def test_slug_in_an_address_is_not_found(self, client, address, slug):
        a_house()
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
    def test_page_number_leads_to_the_first_page_or_nowhere(self, client, name, page):
        address = a_house()[name]
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

    def test_addresses_without_their_last_slash_lead_to_it(self, client):
        for address in a_house().values():
            if address.endswith("/") and address != "/":
                assert client.get(address.rstrip("/"))["Location"] == address

    @pytest.mark.parametrize(
        "host", ["evil.example", "testserver.evil.example", "a b", "testserver:x"]
    )
    def test_other_hosts_are_refused(self, client, host):
        assert client.get("/", headers={"host": host}).status_code == 400


class TestDrafts:
    """Nothing that editors have not published, or have withdrawn, stands on any page."""

    def test_stand_nowhere(self, client):
        now, hour = timezone.now(), timedelta(hours=1)
        addresses = a_house(rows=3)
        shown = Article.objects.get(pk=resolve(addresses["articles:article"]).kwargs["pk"])
        column, issue = shown.column, shown.issue
        secret = {
            "kicker": SECRET, "title": SECRET, "subtitle": SECRET, "authors": SECRET, "source": SECRET,
            "source_url": f"https://{SECRET}.cn/", "original_title": SECRET, "responsible_editor": SECRET,
            "abstract": SECRET, "keywords": SECRET, "body": f"<p>{SECRET}</p>", "cover_alt": SECRET, "pages": SECRET,
        }  # fmt: skip
        place = {"column": column, "issue": issue, "magazine": issue.magazine, "lead": True}
        an_article(**secret, **place)
        a_publication(**secret, **place, starts_at=now + hour)
        a_publication(**secret, **place, starts_at=now - 2 * hour, ends_at=now - hour)
        a_publication(**secret, **place, starts_at=now - hour, ends_at=now - hour)
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
            page = re.sub(
                r"/media/\S*", "", client.get(address).text
            )  # names of files are drawn by lot
            assert SECRET not in unescape(page), address
            assert not re.search("1999年|/1999/7[78]/", page), address  # articles have numbers, too

    def test_have_no_page(self, client):
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


def cost(client, address: str) -> list[str]:
    """The queries that a page costs when nothing is cached."""
    cache.clear()
    version_tracker.invalidate()
    object_cache.clear()
    version_tracker.refresh()
    with Queries() as queries:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in queries.captured_queries]


class TestCost:
    @pytest.mark.parametrize("rows", [1, 3])
    def test_pages_cost_the_same_however_many_rows_there_are(self, client, rows):
        costs = {name: len(cost(client, address)) for name, address in a_house(rows).items()}
        assert costs == QUERIES, costs

    def test_home_page_costs_at_most_ten_queries(self, client):
        assert len(cost(client, a_house(3)["articles:home"])) <= 10

    @pytest.mark.parametrize("name", ["articles:home", "articles:article"])
    def test_most_read_pages_cost_nothing_until_something_is_written(self, client, name):
        address = a_house(3)[name]
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
        address = a_house(3)["articles:article"]
        assert (
            sum("articles_publication" in sql and '"body"' in sql for sql in cost(client, address))
            == 1
        )

    def test_no_page_reads_a_working_copy(self, client):
        for address in a_house(3).values():
            assert not any('"articles_article"' in sql for sql in cost(client, address)), address
