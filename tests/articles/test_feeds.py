from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.utils import timezone

from articles.feeds import CORRECTION_PERIOD
from seo.atom import MAX_ENTRIES
from tests.builders import (
    a_column,
    a_magazine,
    a_picture,
    a_publication,
    a_publisher,
    a_user,
    an_article,
)
from tests.queries import Queries

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


def feed(client, address: str = "/feeds/") -> ElementTree.Element:
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert not response.cookies
    return ElementTree.fromstring(response.content)  # noqa: S314 - our own


def entries(client, address: str = "/feeds/") -> list[ElementTree.Element]:
    return feed(client, address).findall(f"{ATOM}entry")


def said(element: ElementTree.Element, path: str) -> list[str]:
    return [
        found.text
        for found in element.findall("/".join(f"{ATOM}{part}" for part in path.split("/")))
    ]


def titles(client, address: str = "/feeds/") -> list[str]:
    return [said(entry, "title")[0] for entry in entries(client, address)]


class TestEntry:
    def test_holds_the_whole_article(self, client, clock):
        a_publisher()
        publication = a_publication(
            title="零基预算 <二>",
            authors="于潇\n某某研究院",
            abstract="A & B",
            keywords="预算\n绩效",
            body="<p>正文。</p>",
            date=(clock.now - timedelta(days=2)).date(),
        )
        [entry] = entries(client)
        assert said(entry, "title") == ["零基预算 <二>"]
        assert said(entry, "author/name") == ["于潇", "某某研究院"]
        assert said(entry, "summary") == ["A &amp; B"]
        assert said(entry, "content") == ["<p>正文。</p>"]
        assert entry.find(f"{ATOM}content").get("type") == "html"
        assert said(entry, "id") == [f"tag:testserver,2026:/articles/{publication.article_id}/"]
        assert (
            entry.find(f"{ATOM}link").get("href")
            == f"http://testserver/articles/{publication.article_id}/"
        )
        assert said(entry, "published") == ["2024-03-01T00:00:00+08:00"]
        assert timezone.datetime.fromisoformat(said(entry, "updated")[0]) == publication.starts_at
        categories = [category.get("term") for category in entry.findall(f"{ATOM}category")]
        assert categories == [publication.column.title, "预算", "绩效"]

    def test_leads_home_from_every_link_and_picture(self, client):
        body = (
            '<p><a href="/articles/1/" title="href=&quot;/x">甲</a><a href="#note1">乙</a><a href="https://a.cn/?b=1&amp;c=2">丙</a>'
            '<a href="mailto:a@b.cn">丁</a> src="/戊"</p><p><img alt="己" src="/media/a.png" width="2" height="1"></p>'
        )
        publication = a_publication(body=body, cover=a_picture(), cover_alt='"庚"')
        [content] = said(entries(client)[0], "content")
        page = f"http://testserver{publication.get_absolute_url()}"
        assert 'href="http://testserver/articles/1/"' in content
        assert f'href="{page}#note1"' in content
        assert 'href="https://a.cn/?b=1&amp;c=2"' in content
        assert 'href="mailto:a@b.cn"' in content
        assert 'src="http://testserver/media/a.png"' in content
        assert ' src="/戊"' in content
        assert (
            f'<img src="http://testserver{publication.cover.url}" alt="&quot;庚&quot;">' in content
        )

    def test_keeps_its_name_when_the_article_is_published_again(self, client):
        article = an_article(title="旧题")
        article.publish(by=a_user())
        [before] = [said(entry, "id") + said(entry, "published") for entry in entries(client)]
        article.title = "新题"
        article.save()
        article.publish(by=a_user())
        [entry] = entries(client)
        assert said(entry, "title") == ["新题"]
        assert said(entry, "id") + said(entry, "published") == before

    def test_says_what_was_corrected(self, client):
        correction = {
            "correction_kind": "erratum",
            "correction_reason": "表 1 <有误>",
            "corrected_on": "2024-03-02",
        }
        publication = a_publication(**correction)
        publication.refresh_from_db()
        [content] = said(entries(client)[0], "content")
        assert content.startswith("<p><strong>")
        assert "2024-03-02" in content
        assert "表 1 &lt;有误&gt;" in content

    def test_bears_what_xml_cannot_hold(self, client):
        a_publication(
            title="甲\x0b乙",
            authors="丙\x1f",
            keywords="丁\x02",
            abstract="戊\x0c",
            body="<p>己\x0b\uffff</p>",
        )
        [entry] = entries(client)
        assert said(entry, "title") + said(entry, "author/name") + said(entry, "summary") == [
            "甲乙",
            "丙",
            "戊",
        ]
        assert said(entry, "content") == ["<p>己</p>"]

    def test_without_authors_and_abstract_has_none(self, client):
        a_publisher(name="某某杂志社")
        a_publication()
        assert said(entries(client)[0], "author/name") + said(entries(client)[0], "summary") == []
        assert said(feed(client), "author/name") == ["某某杂志社"]


class TestFeed:
    def test_of_site_magazine_and_column_hold_their_own(self, client):
        a_publisher(name="杂志社")
        magazine, column = a_magazine(title="财政", slug="cz"), a_column(title="要闻", slug="yw")
        a_publication(title="甲", magazine=magazine)
        a_publication(title="乙", column=column)
        addresses = ["/feeds/", "/feeds/magazines/cz/", "/feeds/columns/yw/"]
        assert [titles(client, address) for address in addresses] == [["乙", "甲"], ["甲"], ["乙"]]
        found = [feed(client, address) for address in addresses]
        assert [said(one, "title")[0] for one in found] == [
            "杂志社",
            "杂志社 · 财政",
            "杂志社 · 要闻",
        ]
        assert [said(one, "id")[0] for one in found] == [
            f"tag:testserver,2026:{path}" for path in ["/", "/magazines/cz/", "/columns/yw/"]
        ]
        links = [
            {link.get("rel"): link.get("href") for link in one.findall(f"{ATOM}link")}
            for one in found
        ]
        assert [link["self"] for link in links] == [
            f"http://testserver{address}" for address in addresses
        ]
        assert links[1]["alternate"] == "http://testserver/magazines/cz/"

    def test_shows_what_is_live_and_nothing_else(self, client):
        now, hour = timezone.now(), timedelta(hours=1)
        an_article(title="草稿")
        a_publication(title="将来", starts_at=now + hour)
        a_publication(title="撤回", starts_at=now - 2 * hour, ends_at=now - hour)
        a_publication(title="在")
        assert titles(client) == ["在"]

    def test_is_as_long_as_it_says_newest_first(self, client):
        column, today = a_column(), timezone.localdate()
        for day in range(MAX_ENTRIES + 2):
            a_publication(column=column, title=str(day), date=today - timedelta(days=day))
        assert titles(client) == [str(day) for day in range(MAX_ENTRIES)]

    def test_carries_a_late_correction_of_an_old_article(self, client):
        column, today = a_column(), timezone.localdate()
        for day in range(MAX_ENTRIES):
            a_publication(column=column, title=str(day), date=today - timedelta(days=day))
        old = {"column": column, "date": today - timedelta(days=999), "correction_kind": "erratum"}
        old |= {"correction_reason": "误", "corrected_on": today}
        a_publication(
            title="早已更正",
            starts_at=timezone.now() - CORRECTION_PERIOD - timedelta(days=1),
            **old,
        )
        a_publication(title="刚更正", **old)
        assert titles(client) == [*(str(day) for day in range(MAX_ENTRIES - 1)), "刚更正"]

    @pytest.mark.parametrize("rows", [1, 3])
    def test_costs_the_same_at_any_size(self, client, rows):
        column = a_column(slug="yw")
        for _ in range(rows):
            a_publication(column=column, magazine=a_magazine(), authors="甲\n乙", keywords="丙")
        client.get("/feeds/")  # what every page shows of the house is cached
        for address, cost in {"/feeds/": 2, "/feeds/columns/yw/": 3}.items():
            with Queries() as queries:
                client.get(address)
            assert len(queries) == cost

    @pytest.mark.parametrize("address", ["/feeds/", "/feeds/columns/yw/", "/feeds/notices/"])
    def test_of_an_empty_house_is_empty(self, client, address):
        a_column(slug="yw")
        assert entries(client, address) == []

    @pytest.mark.parametrize(
        "address",
        [
            "/feeds/columns/nowhere/",
            "/feeds/magazines/nowhere/",
            "/feeds/x/",
            "/feeds/columns/%00/",
            "/feeds/columns/关于/",
        ],
    )
    def test_of_nothing_is_not_found(self, client, address):
        assert client.get(address).status_code == 404

    def test_takes_no_other_method(self, client):
        assert client.post("/feeds/").status_code == 405
        assert client.head("/feeds/").status_code == 200

    def test_is_named_on_the_pages_it_is_about(self, client):
        magazine, column = a_magazine(slug="cz"), a_column(slug="yw")
        publication = a_publication(magazine=magazine, column=column)
        named = {
            "/": ["/feeds/"],
            "/magazines/cz/": ["/feeds/", "/feeds/magazines/cz/"],
            "/columns/yw/": ["/feeds/", "/feeds/columns/yw/"],
            publication.get_absolute_url(): ["/feeds/", "/feeds/magazines/cz/"],
            "/notices/": ["/feeds/", "/feeds/notices/"],
        }
        for address, feeds in named.items():
            page = client.get(address).text
            for path in [
                "/feeds/",
                "/feeds/magazines/cz/",
                "/feeds/columns/yw/",
                "/feeds/notices/",
            ]:
                assert (f'href="{path}">' in page.partition("</head>")[0]) == (path in feeds), (
                    address,
                    path,
                )
        for address in ["/magazines/cz/", "/columns/yw/", "/notices/"]:
            assert (
                f'href="{named[address][-1]}"' in client.get(address).text.partition("</head>")[2]
            )


class TestConditionalRequests:
    def test_costs_one_query_while_nothing_changes(self, client):
        a_publication()
        first = client.get("/feeds/")
        for header in [
            {"if-none-match": first["ETag"]},
            {"if-modified-since": first["Last-Modified"]},
        ]:
            with Queries() as queries:
                response = client.get("/feeds/", headers=header)
            assert (response.status_code, response.content, len(queries)) == (304, b"", 1)
            assert (response["ETag"], response["Last-Modified"]) == (
                first["ETag"],
                first["Last-Modified"],
            )

    @pytest.mark.parametrize("condition", ["if-none-match", "if-modified-since"])
    def test_shows_what_was_published_scheduled_and_withdrawn_meanwhile(
        self, client, clock, condition
    ):
        article, editor = an_article(), a_user()
        article.publish(by=editor)

        def changed() -> bool:
            nonlocal known
            header = {"if-none-match": known["ETag"], "if-modified-since": known["Last-Modified"]}[
                condition
            ]
            cache.clear()
            known, before = client.get("/feeds/"), known
            answer = client.get("/feeds/", headers={condition: header})
            assert (answer.status_code == 200) == (known.content != before.content)
            return answer.status_code == 200

        known = client.get("/feeds/")
        clock.move(hours=1)
        assert not changed()
        another = an_article()
        another.publish(by=editor)
        assert changed()
        article.publish(by=editor, at=clock.in_(hours=1))
        assert not changed()
        clock.move(hours=2)
        assert changed()
        clock.move(hours=1)
        another.withdraw(by=editor, reason="误")
        assert changed()
