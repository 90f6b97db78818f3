"""Tests of the requests of pages: their number, their size, and their host."""

from urllib.parse import urlsplit

import pytest
from django.utils.translation import gettext as _
from playwright.sync_api import expect

from media.fields import store_picture
from media.validation import reencode_picture
from tests.builders import a_magazine, a_picture, a_publication, an_issue
from tests.test_public_pages import build_site

pytestmark = pytest.mark.django_db(transaction=True)

PARAGRAPH = "<p>预算编制、执行与绩效评价彼此相连，账算得清楚，钱才花得明白。</p>"


@pytest.fixture
def requested(context) -> list[str]:
    """Every address that pages request, of any host."""
    addresses = []
    context.on("request", lambda request: addresses.append(request.url))
    return addresses


@pytest.fixture
def addresses() -> list[str]:
    picture = store_picture(reencode_picture(a_picture(1200, 750)))
    body = f"{PARAGRAPH * 60}<figure><img src='/media/{picture}' alt='图'><figcaption>图1</figcaption></figure>"
    return [*build_site(3).values(), a_publication(body=body).get_absolute_url(), "/nowhere/"]


@pytest.fixture
def plain() -> str:
    """A long article without pictures, with all other fields."""
    issue = an_issue(magazine=a_magazine(title="财务研究"), year=2024, number=1)
    names = {
        "authors": "于潇\n刘义\n柴跃廷\n孙宏波",
        "keywords": "财政压力\n预算绩效管理\n支出效率",
    }
    for _place in range(8):
        publication = a_publication(
            body=PARAGRAPH * 300, abstract="摘要。" * 50, issue=issue, pages="5-14", **names
        )
    return publication.get_absolute_url()


def test_pages_request_no_other_host(context, site, requested, addresses):
    page = context.new_page()
    for address in addresses:
        page.goto(site + address)
        used(page)
    hosts = {urlsplit(url).netloc: url for url in requested}
    assert hosts.keys() == {urlsplit(site).netloc}, hosts
    paths = {urlsplit(url).path for url in requested}
    assert {urlsplit(address).path for address in addresses} <= paths
    for part in [
        "/qr.svg",
        "/static/head.js",
        "/static/site.js",
        "/static/site.css",
        ".webp",
    ]:  # all parts were loaded
        assert any(path.endswith(part) for path in paths), part


def used(page) -> None:
    """Press everything that may cause requests, and scroll to the end of the page."""
    for popup in page.locator(
        "dialog.popup"
    ).all():  # each opens after the dismissal of the one before is stored
        if popup.evaluate("popup => !localStorage.getItem(`notice-${popup.dataset.notice}`)"):
            expect(popup).to_be_visible()
            page.keyboard.press("Escape")
            expect(popup).to_be_hidden()
    page.get_by_text(_("Reading settings")).click()
    page.get_by_label(_("Dark"), exact=True).check()
    page.evaluate("for (const closed of document.querySelectorAll('details')) closed.open = true")
    for picture in page.locator("img:visible").all():
        picture.scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.wait_for_load_state("networkidle")
    page.evaluate("for (const open of document.querySelectorAll('details')) open.open = false")
    for picture in page.locator("a.large").all():
        picture.click()
        page.locator(".enlarged img").evaluate("picture => picture.decode()")
        page.keyboard.press("Escape")


def test_article_without_pictures_costs_six_requests_and_60_kilobytes(page, site, requested, plain):
    """The page is compressed as for readers; the static files are not compressed here."""
    sizes = []
    devtools = page.context.new_cdp_session(page)
    devtools.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    devtools.send("Network.enable")
    page.goto(site + plain)
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("contentinfo")).to_be_in_viewport()
    assert len(requested) <= 6, requested
    assert 10_000 < sum(sizes) <= 60_000
