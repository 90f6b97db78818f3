import json
import re
from datetime import date

import pytest
from django.utils.translation import gettext
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from seo.jsonld import ICON_SIZE_PX, data_block, excerpt, node
from tests.builders import a_magazine, a_notice, a_page, a_picture, a_publisher, an_issue
from web.pagination import PER_PAGE

SITE = "http://testserver"


def data_of(page: str) -> dict[str, dict]:
    """Return the structured data of a page by type."""
    [block] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    data = json.loads(block)
    assert data["@context"] == "https://schema.org"
    nodes = {node["@type"]: node for node in data["@graph"]}
    assert len(nodes) == len(data["@graph"])
    return nodes


def metas(page: str) -> dict[str, str]:
    return dict(re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', page))


def steps(trail: dict) -> list[tuple[int, str, str]]:
    return [(item["position"], item["name"], item["item"]) for item in trail["itemListElement"]]


class TestDataBlock:
    @given(st.text(st.characters(codec="utf-8")))
    def test_data_block_contains_any_text_safely(self, text):
        block = data_block(node("Thing", name=f"x{text}"))
        inside = block.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
        assert not set(inside) & set("<>&\u2028\u2029")
        assert json.loads(inside)["@graph"] == [{"@type": "Thing", "name": f"x{text}"}]

    def test_node_omits_empty_properties(self):
        assert node("Thing", "/#a", name="", url=None, keywords=[]) == {
            "@type": "Thing",
            "@id": f"{SITE}/#a",
        }


class TestExcerpt:
    def test_excerpt_is_plain_text_on_one_line(self):
        assert excerpt("<h2>一、小标题</h2><p>正文&amp;<b>粗</b></p>") == "一、小标题 正文&粗"

    def test_excerpt_cuts_long_text(self):
        assert excerpt(f"<p>{'文' * 9000}</p>") == "文" * 119 + "…"

    def test_excerpt_of_nothing_is_empty(self):
        assert excerpt("") == ""


@pytest.mark.django_db
class TestPages:
    def test_home_page_describes_the_publisher(self, client):
        a_publisher(
            name="某社",
            address="某路1号",
            postcode="100036",
            telephone="010-88220000",
            logo=a_picture(),
        )
        a_magazine(title="甲刊")
        page = client.get("/").text
        assert re.search(r"<title>某社 - 《甲刊》</title>", page)
        data = data_of(page)
        publisher = data["Organization"]
        assert (publisher["@id"], publisher["name"], publisher["url"]) == (
            f"{SITE}/#house",
            "某社",
            f"{SITE}/",
        )
        logo = publisher["logo"]
        assert logo["url"].startswith(f"{SITE}/media/pictures/")
        assert (logo["@type"], logo["width"], logo["height"]) == ("ImageObject", 30, 20)
        assert publisher["address"]["postalCode"] == "100036"
        assert data["WebSite"]["publisher"] == {"@id": publisher["@id"]}
        named = metas(page)
        assert (named["og:type"], named["og:title"], named["og:url"]) == (
            "website",
            "某社",
            f"{SITE}/",
        )
        assert named["og:image"] == logo["url"]
        assert named["SiteName"] == "某社"
        assert named["description"] == named["og:description"]
        assert "《甲刊》" in named["description"]

    def test_home_page_of_an_empty_site(self, client):
        data = data_of(client.get("/").text)
        assert data["Organization"].keys() == {"@type", "@id", "name", "url", "logo"}
        assert data["Organization"]["logo"]["url"] == f"{SITE}/static/icon.png"

    def test_magazine_page_describes_the_magazine(self, client):
        a_publisher()
        magazine = a_magazine(
            title="甲刊", title_en="First", former_title="旧甲", slug="jia", issn="1007-578X", cn_number="11-3880/F",
            founded_on=date(1956, 10, 1), introduction="<p>简介一句。</p>", cover=a_picture(),
        )  # fmt: skip
        page = client.get(magazine.get_absolute_url()).text
        data = data_of(page)
        assert data["Periodical"] == {
            "@type": "Periodical", "@id": f"{SITE}/magazines/jia/#magazine", "name": "甲刊",
            "alternateName": ["First", "旧甲"],
            "issn": "1007-578X", "identifier": {"@type": "PropertyValue", "propertyID": "CN", "value": "11-3880/F"},
            "url": f"{SITE}/magazines/jia/", "image": f"{SITE}{magazine.cover.url}", "startDate": "1956-10-01",
            "inLanguage": "zh-Hans", "publisher": {"@id": data["Organization"]["@id"]},
        }  # fmt: skip
        assert steps(data["BreadcrumbList"])[1:] == [(2, "甲刊", f"{SITE}/magazines/jia/")]
        named = metas(page)
        assert (named["og:title"], named["description"]) == ("甲刊", "简介一句。")
        assert named["og:image"] == f"{SITE}{magazine.cover.url}"

    def test_magazine_page_with_a_title_only(self, client):
        page = client.get(a_magazine(title="新刊").get_absolute_url()).text
        assert metas(page)["og:image"] == f"{SITE}/card.png"
        assert "新刊" in metas(page)["description"]
        assert "issn" not in data_of(page)["Periodical"]

    def test_issue_page_describes_the_issue(self, client):
        magazine = a_magazine(title="甲刊", slug="jia")
        issue = an_issue(
            magazine=magazine, year=2024, number=2, total_number=99, published_on=date(2024, 1, 15)
        )
        page = client.get(issue.get_absolute_url()).text
        data = data_of(page)
        assert data["PublicationIssue"] == {
            "@type": "PublicationIssue", "@id": f"{SITE}/magazines/jia/2024/2/#issue", "name": issue.name,
            "issueNumber": "2",
            "datePublished": "2024-01-15", "url": f"{SITE}/magazines/jia/2024/2/",
            "isPartOf": {"@id": data["Periodical"]["@id"]},
        }  # fmt: skip
        assert [name for _, name, _ in steps(data["BreadcrumbList"])][1:] == ["甲刊", issue.name]
        assert re.search(r"<title>2024年第2期（总第99期）_甲刊_", page)
        assert "甲刊" in metas(page)["og:description"]

    def test_other_pages_have_breadcrumbs_and_an_excerpt(self, client):
        page, notice = (
            a_page(body="<p>本社简介。</p>"),
            a_notice(title="通知", body="<p>暂停收稿。</p>"),
        )
        for thing, text in [(page, "本社简介。"), (notice, "暂停收稿。")]:
            shown = client.get(thing.get_absolute_url()).text
            assert metas(shown)["description"] == text
            assert metas(shown)["og:title"] == thing.title
            assert steps(data_of(shown)["BreadcrumbList"])[-1][1:] == (
                thing.title,
                f"{SITE}{thing.get_absolute_url()}",
            )

    @pytest.mark.parametrize("path", ["/notices/", "/magazines/jia/issues/"])
    def test_list_pages_have_one_canonical_address(self, client, path):
        a_magazine(slug="jia")
        shown = client.get(f"{path}?page=nonsense").text
        assert metas(shown)["og:url"] == f"{SITE}{path}"
        assert f'<link rel="canonical" href="{SITE}{path}">' in shown
        assert steps(data_of(shown)["BreadcrumbList"])[-1][2] == f"{SITE}{path}"

    def test_list_of_notices_shows_its_page_number(self, client):
        for _ in range(PER_PAGE + 1):
            a_notice()
        number = gettext(" (page %(number)s)") % {"number": 2}
        assert [
            number in client.get(f"/notices/?page={page}").text.split("</title>")[0]
            for page in (1, 2)
        ] == [
            False,
            True,
        ]

    def test_list_of_issues_describes_its_range(self, client):
        magazine = a_magazine(title="甲刊", slug="jia")
        for year, number in [(2004, 1), (2023, 9), (2024, 2)]:
            an_issue(magazine=magazine, year=year, number=number)
        page = client.get("/magazines/jia/issues/").text
        title = gettext("All issues of %(title)s") % {"title": "甲刊"}
        assert f"<title>{title}_" in page
        text = gettext("%(title)s with their tables of contents, since %(oldest)s.")
        named = {"title": title, "oldest": "2004年第1期"}
        assert metas(page)["description"] == text % named

    @pytest.mark.parametrize(
        "path", ["/", "/notices/", "/archive/", "/pages/about/", "/magazines/jia/"]
    )
    def test_page_has_a_picture_and_forbids_transcoding(self, client, path):
        a_magazine(slug="jia")
        a_page(slug="about")
        page = client.get(path).text
        assert metas(page)["og:image"] == f"{SITE}/card.png"
        assert metas(page)["twitter:card"] == "summary_large_image"
        directives = re.findall(r'<meta http-equiv="Cache-Control" content="([^"]+)">', page)
        assert directives == ["no-transform", "no-siteapp"]


class TestIcons:
    """Browsers request these addresses also if no page names them."""

    @pytest.mark.parametrize(
        ("path", "file", "size"),
        [
            ("/favicon.ico", "favicon.ico", (48, 48)),
            ("/apple-touch-icon.png", "icon.png", (ICON_SIZE_PX, ICON_SIZE_PX)),
        ],
    )
    def test_icon_is_served_at_its_usual_address(self, client, settings, path, file, size):
        response = client.get(path)
        assert (response["Location"], response["Cache-Control"]) == (
            f"/static/{file}",
            "public, max-age=86400",
        )
        with Image.open(settings.BASE_DIR / "static" / file) as mark:
            assert mark.size == size
            assert mark.convert("RGB").getpixel((size[0] // 2, 3)) == (0xA6, 0x2B, 0x1B)

    @pytest.mark.django_db
    def test_icon_is_named_by_pages(self, client):
        page = client.get("/").text
        assert '<link rel="apple-touch-icon" href="/static/icon.png">' in page
        assert 'href="/static/favicon.svg"' in page
