import gzip
import re
from datetime import date, datetime
from html import unescape

import pytest
from django.utils import timezone
from django.utils.translation import gettext

from articles import views
from tests.builders import (
    a_column,
    a_magazine,
    a_picture,
    a_publication,
    a_publisher,
    an_article,
    an_issue,
)
from tests.seo.test_jsonld import SITE, data_of, metas, steps
from web.pagination import PER_PAGE

pytestmark = pytest.mark.django_db


def journal_article(**values):
    magazine = a_magazine(title="甲刊", slug="jia", issn="1007-578X")
    issue = an_issue(magazine=magazine, year=2024, number=2, published_on=date(2024, 1, 15))
    return a_publication(
        **{"title": "题名", "issue": issue, "pages": "4-9", "authors": "于潇\n财政部", "keywords": "预算\n绩效",
           "date": date(2024, 1, 16), "column": a_column(title="研究", slug="yanjiu"), **values}
    )  # fmt: skip


def all_of(page: str, name: str) -> list[str]:
    return [
        unescape(value)
        for value in re.findall(rf'<meta (?:name|property)="{name}" content="([^"]*)">', page)
    ]


class TestLinkedData:
    def test_article_in_an_issue_of_a_journal_is_scholarly(self, client):
        a_publisher(name="某社")
        publication = journal_article(
            subtitle="副题", abstract="摘要。", responsible_editor="陈素娥"
        )
        data = data_of(client.get(publication.get_absolute_url()).text)
        address = f"{SITE}{publication.get_absolute_url()}"
        assert data["ScholarlyArticle"] == {
            "@type": "ScholarlyArticle", "@id": f"{address}#article", "headline": "题名", "alternativeHeadline": "副题",
            "url": address, "mainEntityOfPage": address, "image": f"{address}card.png", "datePublished": "2024-01-16",
            "dateModified": timezone.localtime(publication.starts_at).isoformat(timespec="seconds"),
            "author": [{"@type": "Person", "name": "于潇"}, {"@type": "Organization", "name": "财政部"}],
            "editor": {"@type": "Person", "name": "陈素娥"}, "publisher": {"@id": f"{SITE}/#house"},
            "isPartOf": {"@id": f"{SITE}/magazines/jia/2024/2/#issue"}, "articleSection": "研究",
            "description": "摘要。",
            "abstract": "摘要。", "keywords": ["预算", "绩效"], "pagination": "4-9", "pageStart": "4", "pageEnd": "9",
            "inLanguage": "zh-Hans", "isAccessibleForFree": True,
        }  # fmt: skip
        assert data["Organization"]["name"] == "某社"
        assert data["PublicationIssue"]["isPartOf"] == {"@id": data["Periodical"]["@id"]}
        assert steps(data["BreadcrumbList"])[1:] == [
            (2, "甲刊", f"{SITE}/magazines/jia/"), (3, "研究", f"{SITE}/columns/yanjiu/"), (4, "题名", address),
        ]  # fmt: skip

    def test_other_pieces_are_news(self, client):
        data = data_of(client.get(a_publication(body="<p>正文一句。</p>").get_absolute_url()).text)
        assert data["NewsArticle"]["isPartOf"] == {"@id": f"{SITE}/#site"}
        assert data["NewsArticle"]["description"] == "正文一句。"
        assert data["WebSite"]["@id"] == f"{SITE}/#site"
        assert data.keys() == {"NewsArticle", "WebSite", "Organization", "BreadcrumbList"}

    @pytest.mark.parametrize(("issn", "abstract"), [("", "摘要。"), ("1007-578X", "")])
    def test_without_issn_or_abstract_there_is_no_scholarship(self, client, issn, abstract):
        publication = a_publication(
            issue=an_issue(magazine=a_magazine(issn=issn)), abstract=abstract
        )
        data = data_of(client.get(publication.get_absolute_url()).text)
        assert data.keys() == {
            "NewsArticle",
            "Periodical",
            "PublicationIssue",
            "Organization",
            "BreadcrumbList",
        }

    def test_issue_that_is_not_out_yet_is_not_told(self, client):
        magazine = a_magazine(issn="1007-578X")
        page = client.get(
            a_publication(issue=an_issue(magazine=magazine, published_on=None)).get_absolute_url()
        ).text
        data = data_of(page)
        assert data.keys() == {"NewsArticle", "Periodical", "Organization", "BreadcrumbList"}
        assert data["NewsArticle"]["isPartOf"] == {"@id": data["Periodical"]["@id"]}
        assert "citation_journal_title" not in page

    def test_republished_piece_names_where_it_stood(self, client):
        publication = a_publication(
            source="财政部网站", source_url="https://www.mof.gov.cn/a", original_title="原题"
        )
        page = client.get(publication.get_absolute_url()).text
        assert data_of(page)["NewsArticle"]["isBasedOn"] == {
            "@type": "CreativeWork", "name": "原题", "url": "https://www.mof.gov.cn/a",
            "publisher": {"@type": "Organization", "name": "财政部网站"},
        }  # fmt: skip
        assert (metas(page)["ContentSource"], metas(page)["DC.source"]) == (
            "财政部网站",
            "财政部网站",
        )

    def test_correction_is_told(self, client):
        correction = {
            "correction_kind": "correction",
            "correction_reason": "表2单位有误。",
            "corrected_on": date(2024, 3, 1),
        }
        publication = a_publication(**correction)
        data = data_of(client.get(publication.get_absolute_url()).text)
        assert data["NewsArticle"]["correction"] == publication.correction
        assert "表2单位有误。" in publication.correction

    def test_date_of_the_version_never_lies_before_the_article_s(self, client, clock):
        publication = a_publication(
            date=date(2024, 3, 9), starts_at=datetime.fromisoformat("2024-03-01T08:00+08:00")
        )
        page = client.get(publication.get_absolute_url()).text
        assert "dateModified" not in data_of(page)["NewsArticle"]

    def test_column_is_a_collection_of_its_magazine(self, client):
        magazine = a_magazine(title="甲刊", slug="jia")
        column = a_column(title="研究", slug="yanjiu", magazine=magazine, description="说明一句")
        page = client.get(column.get_absolute_url()).text
        data = data_of(page)
        assert data["CollectionPage"]["isPartOf"] == {"@id": f"{SITE}/magazines/jia/#magazine"}
        assert data["Periodical"]["@id"] == f"{SITE}/magazines/jia/#magazine"
        assert metas(page)["ColumnName"] == "研究"
        assert [name for _, name, _ in steps(data["BreadcrumbList"])][1:] == ["甲刊", "研究"]
        assert (metas(page)["og:title"], metas(page)["description"]) == ("研究", "说明一句")
        assert re.search(r"<title>研究_甲刊_", page)

    def test_column_of_no_magazine_is_part_of_the_site(self, client):
        data = data_of(client.get(a_column().get_absolute_url()).text)
        assert data["CollectionPage"]["isPartOf"] == {"@id": data["WebSite"]["@id"]}
        assert data["WebSite"]["publisher"] == {"@id": data["Organization"]["@id"]}

    def test_pages_of_a_column_have_an_address_each(self, client):
        column = a_column()
        for _ in range(PER_PAGE + 1):
            a_publication(column=column)
        for asked, address in [("1", ""), ("2", "?page=2"), ("02", "?page=2"), ("x", "")]:
            page = client.get(column.get_absolute_url(), {"page": asked}).text
            expected = f"{SITE}{column.get_absolute_url()}{address}"
            assert f'<link rel="canonical" href="{expected}">' in page
            assert metas(page)["og:url"] == expected


class TestNames:
    """Test the <meta> elements of an article page."""

    def test_of_government_and_news_sites(self, client):
        a_publisher(name="某社")
        publication = journal_article(source="财政部网站")
        named = metas(client.get(publication.get_absolute_url()).text)
        assert {name: named[name] for name in ["SiteName", "ColumnName", "ArticleTitle", "PubDate",
        "ContentSource"]} == {
            "SiteName": "某社", "ColumnName": "研究", "ArticleTitle": "题名", "PubDate": "2024-01-16",
            "ContentSource": "财政部网站",
        }  # fmt: skip
        assert (named["Author"], named["Keywords"]) == ("于潇,财政部", "预算,绩效")

    def test_open_graph(self, client):
        publication = journal_article(abstract="摘" * 300)
        page = client.get(publication.get_absolute_url()).text
        named = metas(page)
        address = f"{SITE}{publication.get_absolute_url()}"
        assert (named["og:type"], named["og:title"], named["og:url"]) == (
            "article",
            "题名",
            address,
        )
        assert (named["og:image"], named["twitter:card"]) == (
            f"{address}card.png",
            "summary_large_image",
        )
        assert named["og:description"] == named["description"] == "摘" * 119 + "…"
        assert all_of(page, "article:author") == ["于潇", "财政部"]
        assert all_of(page, "article:tag") == ["预算", "绩效"]
        assert named["article:published_time"] == "2024-01-16"
        assert datetime.fromisoformat(named["article:modified_time"]).tzinfo

    def test_cover_goes_before_the_drawn_card(self, client):
        publication = a_publication(cover=a_picture(), cover_alt="图")
        page = client.get(publication.get_absolute_url()).text
        assert metas(page)["og:image"] == f"{SITE}{publication.cover.url}"
        assert data_of(page)["NewsArticle"]["image"] == f"{SITE}{publication.cover.url}"

    def test_highwire(self, client):
        publication = journal_article(subtitle="副题")
        page = client.get(publication.get_absolute_url()).text
        named = {name: value for name, value in metas(page).items() if name.startswith("citation_")}
        assert all_of(page, "citation_author") == ["于潇", "财政部"]
        del named["citation_author"], named["citation_publisher"]
        assert named == {
            "citation_title": "题名：副题", "citation_publication_date": "2024/01/15",
            "citation_online_date": "2024/01/16",
            "citation_journal_title": "甲刊", "citation_issn": "1007-578X", "citation_year": "2024",
            "citation_issue": "2",
            "citation_firstpage": "4", "citation_lastpage": "9", "citation_language": "zh",
            "citation_keywords": "预算; 绩效", "citation_fulltext_html_url": f"{SITE}{publication.get_absolute_url()}",
        }  # fmt: skip

    def test_dublin_core(self, client):
        publication = journal_article()
        page = client.get(publication.get_absolute_url()).text
        named = metas(page)
        assert all_of(page, "DC.creator") == ["于潇", "财政部"]
        assert all_of(page, "DC.subject") == ["预算", "绩效"]
        assert (named["DC.title"], named["DC.date"], named["DC.language"]) == (
            "题名",
            "2024-01-16",
            "zh",
        )
        assert named["DC.identifier"] == f"{SITE}{publication.get_absolute_url()}"
        assert named["DCTERMS.isPartOf"] == "urn:ISSN:1007-578X"
        assert (
            named["DCTERMS.bibliographicCitation"] == "于潇，财政部. 题名[J]. 甲刊，2024（2）：4-9."
        )

    def test_one_description_and_one_canonical_address(self, client):
        page = client.get(journal_article().get_absolute_url()).text
        assert len(re.findall(r'<meta name="description"', page, re.IGNORECASE)) == 1
        assert page.count('rel="canonical"') == 1

    def test_title_says_where_it_stands(self, client):
        a_publisher(name="某社")
        titles = [
            client.get(a.get_absolute_url()).text
            for a in [journal_article(), a_publication(column=a_column(title="要闻"))]
        ]
        assert "<title>题名_甲刊_某社</title>" in titles[0]
        assert "_要闻_某社</title>" in titles[1]

    def test_what_editors_typed_stays_text(self, client):
        nasty = "</script><script>alert(1)</script>&\"'"
        publication = a_publication(
            title=nasty, authors=nasty, keywords=nasty, source=nasty, original_title=nasty
        )
        page = client.get(publication.get_absolute_url()).text
        assert "<script>alert" not in page
        assert data_of(page)["NewsArticle"]["headline"] == nasty
        assert all_of(page, "citation_title") == [nasty.replace("'", "'")]

    def test_preview_tells_nobody(self, rf):
        page = views.preview(
            rf.get("/"), an_article(title="未发表").next_publication(timezone.now())
        ).text
        assert "ld+json" not in page
        assert "citation_title" not in page


class TestLists:
    """Test the descriptions of list pages."""

    def described(self, client, address: str) -> str:
        return unescape(metas(client.get(address).text)["description"])

    def test_say_how_much_they_hold_and_what_stands_first(self, client):
        column = a_column(title="研究")
        for number in range(7):
            a_publication(
                title=f"题{number}",
                authors="于潇",
                keywords="预算",
                column=column,
                date=date(2024, 1, 9),
            )
        found = gettext("%(heading)s: %(count)s articles, among them %(titles)s")
        titles = "".join(f"《题{number}》" for number in [6, 5, 4, 3, 2])
        for address, heading in [
            (column.get_absolute_url(), "研究"),
            ("/authors/于潇/", gettext("Author: %(name)s") % {"name": "于潇"}),
            ("/keywords/预算/", gettext("Keyword: %(name)s") % {"name": "预算"}),
            ("/archive/2024/", gettext("Year %(year)s") % {"year": 2024}),
            ("/archive/2024/1/", "2024年1月"),
        ]:
            assert self.described(client, address) == found % {
                "heading": heading,
                "count": 7,
                "titles": titles,
            }

    def test_archive_says_how_far_back_it_goes(self, client):
        a_publisher(name="某社")
        a_publication(date=date(2004, 1, 9))
        a_publication(date=date(2024, 1, 9))
        text = gettext("All articles of %(house)s by year and month, since %(oldest)s.")
        assert self.described(client, "/archive/") == text % {"house": "某社", "oldest": 2004}

    def test_empty_lists_say_what_they_are(self, client):
        assert self.described(client, a_column(title="研究").get_absolute_url()) == "研究"
        assert self.described(client, "/archive/") == gettext("All articles by year and month")

    @pytest.mark.parametrize(
        "address", ["/columns/yj/", "/authors/于潇/", "/keywords/预算/", "/archive/2024/"]
    )
    def test_title_of_every_page_but_the_first_says_its_number(self, client, address):
        column = a_column(slug="yj")
        for _ in range(PER_PAGE + 1):
            a_publication(authors="于潇", keywords="预算", column=column, date=date(2024, 1, 9))
        titles = [
            re.search("<title>(.*)</title>", client.get(f"{address}?page={page}").text)[1]
            for page in (1, 2)
        ]
        assert gettext(" (page %(number)s)") % {"number": 2} in titles[1]
        assert titles[0] == titles[1].replace(gettext(" (page %(number)s)") % {"number": 2}, "")


def test_page_without_its_text_stays_light(client):
    publication = journal_article(
        abstract="摘要的一句话，说清楚这篇文章讲了什么。" * 12, body="", subtitle="一个不算太短的副题",
        cover=a_picture(), cover_alt="图",
        authors="于潇\n刘义\n柴跃廷\n孙宏波", keywords="财政压力\n预算绩效管理\n县级财政\n支出效率\n养护支出",
    )  # fmt: skip
    assert len(gzip.compress(client.get(publication.get_absolute_url()).content)) < 12_000
