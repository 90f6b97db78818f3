"""Tests of the WSGI application as gunicorn calls it, on a database whose transactions commit."""

import gzip
from urllib.parse import quote
from wsgiref.util import setup_testing_defaults

import pytest

from magazine.models import Publisher
from tests.builders import (
    a_browser,
    a_column,
    a_magazine,
    a_notice,
    a_page,
    a_picture,
    a_publication,
    a_publisher,
    a_user,
    an_admin,
    an_article,
    an_issue,
)
from tests.test_public_pages import QUERIES, build_site
from tests.wsgi import Site
from web import page_cache, site_version

pytestmark = pytest.mark.django_db(transaction=True)


class TestCachedPages:
    def test_page_cache_holds_pages_of_every_kind(self, site):
        addresses = build_site()
        assert addresses.keys() == QUERIES.keys()
        article = addresses["articles:article"]
        others = [f"{article}{name}" for name in ["citation.bib", "citation.ris", "qr.svg"]]
        others += [
            "/feeds/",
            "/feeds/notices/",
            "/sitemap.xml",
            "/sitemap-pages-1.xml",
            "/robots.txt",
        ]
        for path in [*addresses.values(), *others]:
            assert site.is_cached(path), path

    def test_page_cache_answers_as_django_does(self, site, client):
        for path in build_site().values():
            page, known = site.get(path), client.get(path)
            assert (page.status, page.content) == (200, known.content)
            assert page.headers.items() >= dict(known.items()).items()

    def test_page_cache_sets_no_cookie_and_allows_proxies_a_second(self, site):
        headers = site.get("/").headers
        assert "Set-Cookie" not in headers
        assert headers["Cache-Control"] == "public, max-age=0, s-maxage=1"
        assert headers["Vary"] == "Accept-Encoding"

    def test_page_cache_answers_head_from_a_cached_get(self, site):
        page = site.get("/")
        head = site.get("/", method="HEAD")
        assert (head.status, head.headers, head.content) == (200, page.headers, b"")
        assert site.rendered == ["/"]

    def test_page_cache_answers_get_from_a_cached_head(self, site):
        assert site.get("/", method="HEAD").content == b""
        assert site.get("/").text.count("<html") == 1
        assert site.rendered == ["/"]


class TestUncachedRequests:
    def test_page_cache_holds_no_missing_page(self, site):
        assert not site.is_cached("/articles/999/")
        assert not site.is_cached("/nowhere/")
        assert site.get("/articles/999/").status == 404

    def test_page_cache_holds_no_withdrawn_article(self, site, clock):
        address = a_publication(ends_at=clock.in_(minutes=-5)).get_absolute_url()
        assert not site.is_cached(address)
        packed = site.get(address, accept_encoding="gzip")
        assert (packed.status, gzip.decompress(packed.content)) == (410, site.get(address).content)

    @pytest.mark.parametrize(
        "query", ["utm_source=wechat", "page=2&x=1", "page=abc", "page=0", "page=", "&", "page=1"]
    )
    def test_page_cache_holds_no_page_with_an_unknown_query(self, site, query):
        address = a_publication().get_absolute_url()
        assert site.get(f"{address}?{query}").status == 200
        assert not site.is_cached(f"{address}?{query}")

    def test_page_cache_holds_pages_of_a_list_by_number(self, site, monkeypatch):
        monkeypatch.setattr("web.pagination.PER_PAGE", 1)
        column = a_column()
        for title in ["甲", "乙"]:
            a_publication(column=column, title=title, date="2024-01-01")
        address = column.get_absolute_url()
        assert site.is_cached(f"{address}?page=2")
        assert "甲" in site.get(f"{address}?page=2").text
        assert "乙" in site.get(address).text
        assert not site.is_cached(f"{address}?page=3")

    def test_page_cache_holds_no_answer_to_a_post(self, site):
        assert not site.is_cached("/", method="POST")
        assert site.get("/", method="POST").status == 403

    def test_page_cache_holds_no_admin_page(self, site):
        assert not site.is_cached("/admin/login/")

    def test_page_cache_holds_no_picture(self, site):
        publication = a_publication(cover=a_picture(), cover_alt="图")
        assert not site.is_cached(publication.cover.url)

    @pytest.mark.parametrize("host", ["testserver:80", "TESTSERVER", "evil.example"])
    def test_page_cache_holds_no_other_spelling_of_the_host(self, site, host):
        site.get("/")
        assert site.get("/", host=host).status == (400 if host == "evil.example" else 200)
        assert not site.is_cached("/", host=host)

    def test_page_cache_ignores_requests_with_a_script_name(self, site):
        environ = {
            "PATH_INFO": "/",
            "HTTP_HOST": "testserver",
            "SCRIPT_NAME": "/evil",
            "wsgi.url_scheme": "http",
        }
        setup_testing_defaults(environ)
        response = site.application(environ, lambda status, headers: None)
        assert b"/evil/" not in b"".join(response)
        assert "/evil/" not in site.get("/").text

    def test_page_cache_separates_http_from_https(self, site, settings):
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        settings.SECURE_SSL_REDIRECT = True
        site = Site()
        assert site.is_cached("/", x_forwarded_proto="https")
        assert site.get("/", x_forwarded_proto="https").status == 200
        assert site.get("/", x_forwarded_proto="http").status == 301
        assert site.get("/").status == 301

    def test_page_cache_ignores_a_forwarded_scheme_without_a_proxy(self, settings):
        settings.SECURE_SSL_REDIRECT = True
        site = Site()
        assert site.get("/", scheme="https").status == 200
        assert site.get("/", x_forwarded_proto="https").status == 301


class TestStaff:
    def test_page_cache_is_skipped_by_staff(self, site):
        cookie = a_browser(an_admin()).cookies.output(header="", sep=";").strip()
        site.get("/")
        for _ in range(2):
            assert site.get("/", cookie=cookie).status == 200
        assert site.rendered == ["/"] * 3
        site.get("/notices/", cookie=cookie)
        site.get("/notices/")
        assert site.rendered == ["/"] * 3 + ["/notices/"] * 2

    def test_page_cache_recognizes_staff_by_the_session_cookie_only(self, site):
        for cookie in ["xsessionid=1", "a=sessionid=1", "csrftoken=1; theme=dark", ""]:
            assert site.get("/", cookie=cookie).status == 200
        assert site.rendered == ["/"]
        for cookie in ["sessionid=1", "a=1;sessionid=1", "a=1;  sessionid =1"]:
            assert site.get("/", cookie=cookie).status == 200
        assert site.rendered == ["/"] * 4

    def test_page_of_staff_shows_their_change_at_once(self, site, monkeypatch):
        """Also on a worker that read the site version a moment ago."""
        monkeypatch.setattr(site_version, "POLL_SECONDS", 1000)
        editor = a_browser(an_admin())
        a_publisher(name="旧名")
        assert "旧名" in editor.get("/").text
        publisher = Publisher.objects.get()
        version = site_version.version_tracker.version
        publisher.name = "新名"
        publisher.save()
        site_version.version_tracker.version = version  # as on a worker that has not noticed it
        assert "新名" in editor.get("/").text

    def test_page_cache_ignores_other_cookies(self, site):
        site.get("/")
        assert site.get("/", cookie="theme=dark; _ga=1").status == 200
        assert site.rendered == ["/"]


def edit(row, **values) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


class TestInvalidation:
    @pytest.mark.parametrize(
        ("build", "write"),
        [
            (
                an_article,
                lambda article: edit(article, title="改") or article.publish(by=a_user()),
            ),
            (a_publisher, lambda publisher: edit(publisher, copyright_line="改")),
            (a_magazine, lambda magazine: edit(magazine, title="改")),
            (a_page, lambda page: edit(page, title="改")),
            (a_notice, lambda notice: edit(notice, title="改")),
            (
                lambda: a_notice(placement="popup"),
                lambda notice: notice.contacts.create(label="改", telephone="1"),
            ),
            (lambda: a_publication().column, lambda column: edit(column, title="改")),
            (an_issue, lambda issue: edit(issue, total_number=777)),
        ],
    )
    def test_page_cache_shows_every_reader_a_change(self, site, build, write):
        row = build()
        before = site.get("/").text
        write(row)
        after = site.get("/").text
        assert ("改" in before or "777" in before, "改" in after or "777" in after) == (False, True)

    def test_page_cache_shows_nobody_a_withdrawn_article(self, site):
        publication = a_publication(title="错的")
        address = publication.get_absolute_url()
        assert [site.get(path).text.count("错的") > 0 for path in ["/", address]] == [True, True]
        publication.article.withdraw(by=a_user(), reason="误")
        assert "错的" not in site.get("/").text
        assert site.get(address).status == 410

    def test_page_cache_shows_searches_by_published_articles(self, site):
        search = "/search/?q=" + quote("财政政策")
        assert "财政政策论" not in site.get(search).text
        publication = a_publication(title="财政政策论")
        assert ">财政政策</mark>论" in site.get(search).text
        assert site.is_cached(search)
        publication.article.withdraw(by=a_user(), reason="撤回")
        assert "<mark>" not in site.get(search).text

    def test_page_cache_follows_scheduled_content(self, site, clock):
        a_notice(title="届时", starts_at=clock.in_(hours=1), ends_at=clock.in_(hours=2))
        a_publication(title="到点", starts_at=clock.in_(hours=1), ends_at=clock.in_(hours=2))
        seen = []
        for _ in range(4):
            page = site.get("/").text
            seen.append(("届时" in page, "到点" in page))
            clock.move(minutes=50)
        assert seen == [(False, False), (False, False), (True, True), (False, False)]
        assert len(site.rendered) == 3

    def test_page_cache_shows_an_issue_at_midnight(self, site, clock):
        issue = an_issue(published_on=clock.in_(days=1).date())
        address = issue.get_absolute_url()
        assert issue.name not in site.get("/").text
        clock.move(hours=12)
        assert issue.name in site.get("/").text
        assert site.get(address).status == 200

    def test_page_cache_renders_again_after_the_maximum_age(self, site, monkeypatch):
        site.get("/")
        monkeypatch.setattr(page_cache, "MAX_AGE_SECONDS", 0)
        site.get("/")
        assert site.rendered == ["/", "/"]
