"""The WSGI application as gunicorn calls it, on a database whose transactions end."""

import gzip
from urllib.parse import quote
from wsgiref.util import setup_testing_defaults

import brotli
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
from tests.test_public_pages import QUERIES, a_house
from tests.wsgi import Site
from web import page_cache, site_version

pytestmark = pytest.mark.django_db(transaction=True)


class TestPages:
    def test_are_kept_of_every_kind(self, site):
        addresses = a_house()
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

    def test_are_those_that_django_answers(self, site, client):
        for path in a_house().values():
            page, known = site.get(path), client.get(path)
            assert (page.status, page.content) == (200, known.content)
            assert page.headers.items() >= dict(known.items()).items()

    def test_set_no_cookie_and_are_kept_for_a_second_on_the_way(self, site):
        headers = site.get("/").headers
        assert "Set-Cookie" not in headers
        assert headers["Cache-Control"] == "public, max-age=0, s-maxage=1"
        assert headers["Vary"] == "Accept-Encoding"

    def test_are_read_by_who_asks_for_their_head_alone(self, site):
        page = site.get("/")
        head = site.get("/", method="HEAD")
        assert (head.status, head.headers, head.content) == (200, page.headers, b"")
        assert site.rendered == ["/"]

    def test_may_first_be_asked_for_their_head(self, site):
        assert site.get("/", method="HEAD").content == b""
        assert site.get("/").text.count("<html") == 1
        assert site.rendered == ["/"]


class TestWhatIsNotKept:
    def test_an_address_without_a_page(self, site):
        assert not site.is_cached("/articles/999/")
        assert not site.is_cached("/nowhere/")
        assert site.get("/articles/999/").status == 404

    def test_a_withdrawn_article(self, site, clock):
        address = a_publication(ends_at=clock.in_(minutes=-5)).get_absolute_url()
        assert not site.is_cached(address)
        packed = site.get(address, accept_encoding="gzip")
        assert (packed.status, gzip.decompress(packed.content)) == (410, site.get(address).content)

    @pytest.mark.parametrize(
        "query", ["utm_source=wechat", "page=2&x=1", "page=abc", "page=0", "page=", "&", "page=1"]
    )
    def test_a_query_that_the_page_does_not_know(self, site, query):
        address = a_publication().get_absolute_url()
        assert site.get(f"{address}?{query}").status == 200
        assert not site.is_cached(f"{address}?{query}")

    def test_a_page_of_a_list_is_kept_by_its_number(self, site, monkeypatch):
        monkeypatch.setattr("web.pagination.PER_PAGE", 1)
        column = a_column()
        for title in ["甲", "乙"]:
            a_publication(column=column, title=title, date="2024-01-01")
        address = column.get_absolute_url()
        assert site.is_cached(f"{address}?page=2")
        assert "甲" in site.get(f"{address}?page=2").text
        assert "乙" in site.get(address).text
        assert not site.is_cached(f"{address}?page=3")

    def test_what_is_posted(self, site):
        assert not site.is_cached("/", method="POST")
        assert site.get("/", method="POST").status == 403

    def test_the_admin(self, site):
        assert not site.is_cached("/admin/login/")

    def test_pictures(self, site):
        publication = a_publication(cover=a_picture(), cover_alt="图")
        assert not site.is_cached(publication.cover.url)

    @pytest.mark.parametrize("host", ["testserver:80", "TESTSERVER", "evil.example"])
    def test_another_spelling_of_the_host(self, site, host):
        site.get("/")
        assert site.get("/", host=host).status == (400 if host == "evil.example" else 200)
        assert not site.is_cached("/", host=host)

    def test_links_that_begin_with_a_header_s_word(self, site):
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

    def test_http_where_there_is_https(self, site, settings):
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        settings.SECURE_SSL_REDIRECT = True
        site = Site()
        assert site.is_cached("/", x_forwarded_proto="https")
        assert site.get("/", x_forwarded_proto="https").status == 200
        assert site.get("/", x_forwarded_proto="http").status == 301
        assert site.get("/").status == 301

    def test_a_claim_of_https_that_no_proxy_made(self, settings):
        settings.SECURE_SSL_REDIRECT = True
        site = Site()
        assert site.get("/", scheme="https").status == 200
        assert site.get("/", x_forwarded_proto="https").status == 301


class TestStaff:
    def test_neither_read_nor_fill(self, site):
        cookie = a_browser(an_admin()).cookies.output(header="", sep=";").strip()
        site.get("/")
        for _ in range(2):
            assert site.get("/", cookie=cookie).status == 200
        assert site.rendered == ["/"] * 3
        site.get("/notices/", cookie=cookie)
        site.get("/notices/")
        assert site.rendered == ["/"] * 3 + ["/notices/"] * 2

    def test_are_known_by_the_session_alone(self, site):
        for cookie in ["xsessionid=1", "a=sessionid=1", "csrftoken=1; theme=dark", ""]:
            assert site.get("/", cookie=cookie).status == 200
        assert site.rendered == ["/"]
        for cookie in ["sessionid=1", "a=1;sessionid=1", "a=1;  sessionid =1"]:
            assert site.get("/", cookie=cookie).status == 200
        assert site.rendered == ["/"] * 4

    def test_see_at_once_what_they_wrote(self, site, monkeypatch):
        """Also on a worker that has asked a moment ago."""
        monkeypatch.setattr(site_version, "POLL_SECONDS", 1000)
        editor = a_browser(an_admin())
        a_publisher(name="旧名")
        assert "旧名" in editor.get("/").text
        publisher = Publisher.objects.get()
        with_state = site_version.version_tracker.version
        publisher.name = "新名"
        publisher.save()
        site_version.version_tracker.version = with_state  # another worker's, which nobody has told
        assert "新名" in editor.get("/").text

    def test_other_cookies_are_nobody_s(self, site):
        site.get("/")
        assert site.get("/", cookie="theme=dark; _ga=1").status == 200
        assert site.rendered == ["/"]


def an_edited(thing, **values) -> None:
    for name, value in values.items():
        setattr(thing, name, value)
    thing.save()


class TestFreshness:
    @pytest.mark.parametrize(
        ("build", "write"),
        [
            (
                an_article,
                lambda article: an_edited(article, title="改") or article.publish(by=a_user()),
            ),
            (a_publisher, lambda publisher: an_edited(publisher, copyright_line="改")),
            (a_magazine, lambda magazine: an_edited(magazine, title="改")),
            (a_page, lambda page: an_edited(page, title="改")),
            (a_notice, lambda notice: an_edited(notice, title="改")),
            (
                lambda: a_notice(placement="popup"),
                lambda notice: notice.contacts.create(label="改", telephone="1"),
            ),
            (lambda: a_publication().column, lambda column: an_edited(column, title="改")),
            (an_issue, lambda issue: an_edited(issue, total_number=777)),
        ],
    )
    def test_every_reader_sees_what_is_written(self, site, build, write):
        thing = build()
        before = site.get("/").text
        write(thing)
        after = site.get("/").text
        assert ("改" in before or "777" in before, "改" in after or "777" in after) == (False, True)

    def test_nobody_sees_what_was_withdrawn(self, site):
        publication = a_publication(title="错的")
        address = publication.get_absolute_url()
        assert [site.get(path).text.count("错的") > 0 for path in ["/", address]] == [True, True]
        publication.article.withdraw(by=a_user(), reason="误")
        assert "错的" not in site.get("/").text
        assert site.get(address).status == 410

    def test_a_search_finds_what_is_published_and_nothing_that_was_withdrawn(self, site):
        search = "/search/?q=" + quote("财政政策")
        assert "财政政策论" not in site.get(search).text
        publication = a_publication(title="财政政策论")
        assert ">财政政策</mark>论" in site.get(search).text
        assert site.is_cached(search)
        publication.article.withdraw(by=a_user(), reason="撤回")
        assert "<mark>" not in site.get(search).text

    def test_what_is_scheduled_comes_and_goes_by_itself(self, site, clock):
        a_notice(title="届时", starts_at=clock.in_(hours=1), ends_at=clock.in_(hours=2))
        a_publication(title="到点", starts_at=clock.in_(hours=1), ends_at=clock.in_(hours=2))
        seen = []
        for _ in range(4):
            page = site.get("/").text
            seen.append(("届时" in page, "到点" in page))
            clock.move(minutes=50)
        assert seen == [(False, False), (False, False), (True, True), (False, False)]
        assert len(site.rendered) == 3

    def test_an_issue_comes_out_at_midnight(self, site, clock):
        issue = an_issue(published_on=clock.in_(days=1).date())
        address = issue.get_absolute_url()
        assert issue.name not in site.get("/").text
        clock.move(hours=12)
        assert issue.name in site.get("/").text
        assert site.get(address).status == 200

    def test_a_page_lives_a_minute_for_the_sake_of_what_is_counted(self, site, monkeypatch):
        site.get("/")
        monkeypatch.setattr(page_cache, "MAX_AGE_SECONDS", 0)
        site.get("/")
        assert site.rendered == ["/", "/"]


class TestEncodings:
    @pytest.mark.parametrize(
        ("accepted", "encoding"),
        [
            ("gzip, deflate, br, zstd", "br"), ("gzip, br;q=0", "gzip"), ("br;q=0.0, gzip;q=0.5", "gzip"),
            ("GZIP", "gzip"), ("gzip;q=0", None), ("", None), ("zstd", None), ("br;q=0.1", "br"),
        ],
    )  # fmt: skip
    def test_shortest_that_the_browser_takes(self, site, accepted, encoding):
        unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
        plain = site.get("/").content
        for _ in range(2):
            page = site.get("/", accept_encoding=accepted)
            assert page.headers.get("Content-Encoding") == encoding
            assert int(page.headers["Content-Length"]) == len(page.content)
            assert unpack(page.content) == plain
        assert site.rendered == ["/"]

    def test_a_few_bytes_are_sent_as_they_are(self, site):
        answer = site.get("/robots.txt", accept_encoding="br")
        assert "Content-Encoding" not in answer.headers
        assert site.get("/robots.txt", accept_encoding="br") == answer


class TestConditions:
    @pytest.mark.parametrize("accepted", ["br", "gzip", ""])
    def test_who_knows_the_page_is_told_so(self, site, accepted):
        page = site.get("/", accept_encoding=accepted)
        etag = page.headers["ETag"]
        for known in [etag, f"W/{etag}", f'"other", {etag}', "*"]:
            answer = site.get("/", accept_encoding=accepted, if_none_match=known)
            assert (answer.status, answer.content, answer.headers["ETag"]) == (304, b"", etag)
            assert "Content-Length" not in answer.headers
        assert site.get("/", accept_encoding=accepted, if_none_match='"other"') == page

    def test_encodings_are_told_apart(self, site):
        tags = {
            site.get("/", accept_encoding=accepted).headers["ETag"]
            for accepted in ["br", "gzip", ""]
        }
        assert len(tags) == 3

    def test_of_a_feed_also_by_its_date(self, site):
        a_publication()
        known = site.get("/feeds/").headers["Last-Modified"]
        assert site.get("/feeds/", if_modified_since=known).status == 304
        assert site.get("/feeds/", if_modified_since="Thu, 01 Jan 1970 00:00:00 GMT").status == 200

    def test_a_change_gives_the_page_another_tag(self, site):
        etag = site.get("/").headers["ETag"]
        a_notice()
        assert site.get("/", if_none_match=etag).status == 200
