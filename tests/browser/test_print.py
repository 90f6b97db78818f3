"""Tests of printing an article on A4 with Chromium."""

import json
import re
from bisect import bisect_left
from datetime import date
from itertools import pairwise
from unicodedata import normalize

import pytest
from django.utils.translation import gettext
from playwright.sync_api import Page
from pypdf import PdfReader

from media.fields import store_picture
from media.validation import reencode_picture
from tests.builders import a_magazine, a_notice, a_picture, a_publication, a_publisher, an_issue

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("screen", ["desktop"], indirect=True),
]

HEADING = re.compile(r"第\d+节$")
CAPTION = "图1 收入走势"
ROWS = "".join(
    f"<tr><td>第{row}行</td><td>{row * 7}</td><td>{row * 9}</td></tr>" for row in range(9)
)
TABLE = f"<table><caption>表1 收入</caption><tbody>{ROWS}</tbody></table>"


def a_paragraph(number: int) -> str:
    """Return a paragraph of one to seven lines with marks at its first and last line."""
    return f"<p>（始{number}）{'账算得清楚，钱花得明白，' * (number * 5 % 27)}（终{number}）</p>"


def a_body() -> str:
    name = store_picture(reencode_picture(a_picture(1200, 900)))
    figure = f'<figure class="image"><img src="/media/{name}" alt="走势"><figcaption>{CAPTION}</figcaption></figure>'
    sections = [
        f"<h2>第{number}节</h2>" + "".join(a_paragraph(number * 5 + place) for place in range(5))
        for number in range(14)
    ]
    return f"{''.join(sections[:5])}{TABLE}{''.join(sections[5:9])}{figure}{''.join(sections[9:])}"


@pytest.fixture
def article():
    a_publisher(copyright_line="版权所有")
    a_notice(title="升级公告", placement="popup")
    issue = an_issue(
        magazine=a_magazine(title="财政研究"), year=2024, number=5, published_on=date(2024, 5, 1)
    )
    named = {"title": "把账算清楚", "authors": "于潇", "pages": "4-16", "source": "某某网"}
    a_publication(title="另一篇", issue=issue, position=1)
    return a_publication(
        issue=issue, body=a_body(), cover=a_picture(1200, 750), cover_alt="题图", **named
    )


def printed(page: Page, address: str, path) -> list[list[str]]:
    """The lines of every page, from top to bottom."""
    page.goto(address)
    page.pdf(path=path, prefer_css_page_size=True, format="A4")
    sheets = [
        normalize("NFKC", sheet.extract_text(extraction_mode="layout"))
        for sheet in PdfReader(path).pages
    ]
    return [[line.strip() for line in sheet.split("\n") if line.strip()] for sheet in sheets]


@pytest.fixture
def sheets(page, site, article, tmp_path) -> list[list[str]]:
    return printed(page, site + article.get_absolute_url(), tmp_path / "article.pdf")


def test_print_names_the_article_and_its_address(sheets, article, site):
    words = "".join("".join(sheet) for sheet in sheets).replace(" ", "")
    assert sheets[0][:2] == ["某某杂志社", "把账算清楚"]
    assert sheets[-1][-1] == site + article.get_absolute_url()
    for said in ["于潇", "《财政研究》2024年第5期", "某某网", "(始69)", CAPTION.replace(" ", "")]:
        assert said in words
    assert "于潇.把账算清楚[J].财政研究,2024(5):4-16." in words
    navigation = [
        "Skip to the content", "Home", "Where you are", "Senior mode", "Reading settings", "Contents of this text",
        "Share:", "Copy the link", "[Print]", "Cite this article", "Next article", "Related articles", "Archive",
    ]  # fmt: skip
    for gone in [*map(gettext, navigation), "另一篇", "升级公告", "版权所有"]:
        assert normalize("NFKC", gone).replace(" ", "") not in words, gone


def test_print_breaks_pages_well(sheets):
    assert len(sheets) > 5
    for before, after in pairwise(sheets):
        assert not HEADING.search(before[-1]), "a heading at the foot"
        assert "(始" not in before[-1] or "(终" in before[-1], (
            "a paragraph's first line alone at the foot"
        )
        assert "(终" not in after[0] or "(始" in after[0], (
            "a paragraph's last line alone at the top"
        )
        assert CAPTION not in after[0], "a caption away from its picture"


@pytest.mark.parametrize("paragraphs", [5, 45])
def test_print_never_leaves_the_address_alone_on_a_page(page, site, tmp_path, paragraphs):
    article = a_publication(body=a_paragraph(1) * paragraphs, responsible_editor="乔若宁")
    page.goto(site + article.get_absolute_url())

    def pages_with_offset(pixels: int) -> list[str]:
        """Return the pages of the article when it begins offsets by some pixels."""
        page.locator(".leaf > header").evaluate(
            "(header, pixels) => (header.style.paddingTop = `${pixels}px`)", pixels
        )
        page.pdf(path=tmp_path / "pages_with_offset.pdf", prefer_css_page_size=True, format="A4")
        sheets = PdfReader(tmp_path / "pages_with_offset.pdf").pages
        return [normalize("NFKC", sheet.extract_text()).replace(" ", "") for sheet in sheets]

    # The smallest offset that needs one more page moves only the end of the article to it.
    offsets = range(0, 900, 12)
    most = len(pages_with_offset(0))
    sheets = pages_with_offset(
        offsets[bisect_left(offsets, most + 1, key=lambda pixels: len(pages_with_offset(pixels)))]
    )
    assert len(sheets) == most + 1
    assert sheets[-1].count("(始1)") == sheets[-1].count("(终1)") == 1
    assert re.search(r"\(终1\)\s*\(责任编辑:乔若宁\)", sheets[-1])


@pytest.mark.parametrize(
    "stored_settings", [{"elder": True}, {"scheme": "dark"}, {"size": "large"}]
)
def test_print_ignores_reading_settings(page, site, article, sheets, tmp_path, stored_settings):
    page.add_init_script(
        f"localStorage.setItem('reading', {json.dumps(json.dumps(stored_settings))})"
    )
    assert printed(page, site + article.get_absolute_url(), tmp_path / "set.pdf") == sheets


def test_print_omits_an_open_picture(page, site, article, sheets, tmp_path):
    page.keyboard.press("Escape")
    page.locator("a.large").first.click()
    page.pdf(path=tmp_path / "open.pdf", prefer_css_page_size=True, format="A4")
    assert len(PdfReader(tmp_path / "open.pdf").pages) == len(sheets)
