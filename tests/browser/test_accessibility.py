"""Accessibility tests with axe-core: every kind of page and reading mode, on phone and desktop."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from django.utils.translation import gettext as _
from playwright.sync_api import Locator, Page, expect

from articles.models import Publication
from magazine.models import Publisher
from tests.builders import a_column, a_magazine, a_page, a_picture, a_publication
from tests.test_public_pages import build_site
from web.pagination import PER_PAGE

pytestmark = pytest.mark.django_db(transaction=True)

one_screen = pytest.mark.parametrize("screen", ["desktop"], indirect=True)

SETTINGS = {
    "light": {"scheme": "light"},
    "dark": {"scheme": "dark"},
    "senior": {"elder": True},
    "senior, dark": {"elder": True, "scheme": "dark"},
}
PARAGRAPH = f"<p>{'预算编制、执行与绩效评价彼此相连，账算得清楚，钱才花得明白。' * 20}<a href='#zhu1'>[1]</a></p>"
TABLE = (
    "<table><caption>表1 收入</caption><tbody><tr>"
    + "<td>很宽的一格ABCDEFGHIJ</td>" * 14
    + "</tr></tbody></table>"
)
BODY = "".join(f"<h2>第{number}节</h2>{PARAGRAPH}" for number in range(4)) + TABLE
GONE = "<figure><img src='/media/gone.png' alt='走势图'><figcaption>图1</figcaption></figure>"
BODY += '<ol class="footnotes"><li id="zhu1">注文。</li></ol>'
ERRATUM = {
    "correction_kind": "erratum",
    "corrected_on": date(2024, 3, 1),
    "correction_reason": "图1的单位应为万元。",
}
UNBROKEN = "Pneumonoultramicroscopicsilicovolcanoconiosis" * 2


@pytest.fixture
def article() -> Publication:
    """An article with every part it may have, and with words too long for a line."""
    magazine = a_magazine(office_email=f"{UNBROKEN.lower()[:60]}@{'bianjibu' * 6}.example.cn")
    column = a_column(magazine=magazine)
    a_publication(column=column, magazine=magazine, title=UNBROKEN, date=date(2024, 1, 1))
    named = {
        "authors": f"甲\n{UNBROKEN}",
        "keywords": UNBROKEN,
        "cover": a_picture(1200, 750),
        "cover_alt": "题图",
    }
    written = {
        "title": "把账算清楚",
        "abstract": "摘要。",
        "body": BODY,
        "date": date(2024, 1, 2),
        **named,
    }
    return a_publication(column=column, magazine=magazine, **written, **ERRATUM)


@pytest.fixture
def address(site, article) -> str:
    return site + article.get_absolute_url()


@pytest.fixture
def addresses(site, article) -> list[str]:
    addresses = [*build_site(2).values()]
    Publisher.objects.update(address="某路1号", icp_number="京ICP备1号", telephone="010-12345678")
    for accent in ["indigo", "pine", "ochre", "plum"]:
        magazine = a_magazine(
            accent=accent, introduction="<p>简介。</p>", office_email="kan@example.cn"
        )
        written = {"body": GONE + BODY, "abstract": "摘要。", "authors": "甲\n乙"}
        publication = a_publication(
            magazine=magazine, column=a_column(magazine=magazine), **written
        )
        addresses += [publication.get_absolute_url(), magazine.get_absolute_url()]
    long, yesterday = a_column(), timezone.now() - timedelta(days=1)
    for _number in range(PER_PAGE + 1):
        a_publication(column=long)
    withdrawn = a_publication(starts_at=yesterday, ends_at=timezone.now(), end_reason="事实有误")
    things = [a_page(body=BODY), withdrawn, article.magazine, article.column, article]
    addresses += [thing.get_absolute_url() for thing in things]
    addresses += [f"{long.get_absolute_url()}?page=2", f"/keywords/{UNBROKEN}/", "/nowhere/"]
    return [site + address for address in addresses]


def reader(new_context, reading: dict, **options) -> Page:
    context = new_context(**options)
    context.add_init_script(f"localStorage.setItem('reading', {json.dumps(json.dumps(reading))})")
    return context.new_page()


def visit(page: Page, address: str) -> None:
    """Open a page and remove its popup."""
    page.goto(address)
    page.evaluate(
        "for (const popup of document.querySelectorAll('.popup:not(.flow)')) popup.remove()"
    )


def open_parts(page: Page) -> Iterator[str]:
    """Open each expandable part of a page in turn, and yield its name."""
    for details in page.locator("details").all():
        was = details.evaluate("details => details.open")
        details.evaluate("details => { details.open = true; }")
        yield details.locator("summary").inner_text()
        details.evaluate("(details, was) => { details.open = was; }", was)
    for link in page.locator("a.large").all()[:1]:
        link.click()
        yield "a picture"
        page.keyboard.press("Escape")


def violations_of(page: Page, where: str) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [
        f"{where}: {one['id']}: {node['html'][:160]}" for one in violations for node in one["nodes"]
    ]


@pytest.mark.parametrize("way", SETTINGS)
def test_page_has_no_axe_violation(new_context, addresses, address, site, way):
    page = reader(new_context, SETTINGS[way])
    page.goto(site)
    found = violations_of(page, "the popup")
    for one in addresses:
        visit(page, one)
        found += violations_of(page, one)
    visit(page, address)
    for what in open_parts(page):
        found += violations_of(page, f"{what} open")
    assert found == []


@one_screen
def test_decorative_icons_are_hidden_from_screen_readers(page, site):
    addresses = [
        "/",
        a_publication(column=a_column(magazine=a_magazine()), subtitle="副题").get_absolute_url(),
    ]
    devtools = page.context.new_cdp_session(page)
    for address in addresses:
        page.goto(site + address)
        nodes = devtools.send("Accessibility.getFullAXTree")["nodes"]
        said = "".join(node["name"]["value"] for node in nodes if "name" in node)
        assert _("Reading settings") in said
        assert not {*"›▾—"} & {*said}


NARROW = (640, 360, 320)
CUT_OFF = """[...document.querySelectorAll("body *")]
    .filter((e) => e.checkVisibility() && !e.closest(".scroll, .unseen, .skip"))
    .filter((e) => {
      const { left, right, width } = e.getBoundingClientRect();
      return width && (left < -1 || right > innerWidth + 1);
    }).map((e) => e.outerHTML.slice(0, 160))"""


def lost(page: Page) -> list[str]:
    """Return the elements beyond the edges of the screen."""
    found = page.evaluate(CUT_OFF)
    return found or page.evaluate(
        "document.documentElement.scrollWidth > innerWidth ? ['something'] : []"
    )


@one_screen
@pytest.mark.parametrize("reading", [{}, {"size": "large"}, {"elder": True}])
def test_content_is_not_cut_off_on_narrow_screens(new_context, addresses, address, reading):
    """A zoom of 400 % leaves 320 of 1280 pixels, and one of 200 % leaves 640."""
    page = reader(new_context, reading)
    for one in addresses:
        visit(page, one)
        for width in NARROW:
            page.set_viewport_size({"width": width, "height": 640})
            assert lost(page) == [], f"{one} at {width}"
    visit(page, address)
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": 640})
        for what in open_parts(page):
            assert lost(page) == [], f"{what} open at {width}"


FOCUS_POSITION = """() => {
  const places = { skip: ".skip", brand: ".brand", search: ".masthead .search-box", nav: ".masthead nav",
                   tools: ".tools", breadcrumb: ".breadcrumb", main: "main", colophon: ".colophon" };
  const focused = document.activeElement;
  return Object.keys(places).find((name) => focused.closest(places[name])) ?? "";
}"""


@one_screen
def test_focus_follows_the_reading_order(page, address):
    page.goto(address)
    places = []
    for _number in range(100):
        page.keyboard.press("Tab")
        if not (place := page.evaluate(FOCUS_POSITION)):
            break
        places.append(place)
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert [place for place, _stops in groupby(places)] == [
        "skip", "brand", "search", "nav", "tools", "breadcrumb", "main", "colophon",
    ]  # fmt: skip


def tab_to(page: Page, place: Locator) -> None:
    for _number in range(100):
        if place.evaluate("place => place === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"No key leads to {place}.")


@one_screen
def test_page_works_with_the_keyboard(page, address):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(address)
    settings = page.locator("summary", has_text=_("Reading settings"))
    tab_to(page, settings)
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label(_("Medium type")))
    page.keyboard.press("ArrowRight")
    expect(page.locator("html")).to_have_attribute("data-size", "large")
    page.keyboard.press("Escape")
    expect(settings).to_be_focused()
    expect(page.get_by_label(_("Medium type"))).to_be_hidden()

    link = page.locator("a.large").first
    tab_to(page, link)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("button")).to_be_focused()
    page.keyboard.press("Escape")
    expect(link).to_be_focused()

    code = page.locator("summary", has_text=_("WeChat"))
    tab_to(page, code)
    page.keyboard.press("Enter")
    expect(page.get_by_role("img", name=_("QR code of this page"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("img", name=_("QR code of this page"))).to_be_hidden()
    expect(code).to_be_focused()

    tab_to(page, page.locator("summary", has_text=_("Cite this article")))
    page.keyboard.press("Enter")
    copy = page.locator(".citation button").first
    tab_to(page, copy)
    page.keyboard.press("Enter")
    expect(copy).to_contain_text(_("Copied"))
    assert (
        page.evaluate("navigator.clipboard.readText()")
        == page.locator(".citation dd span").first.inner_text()
    )


@one_screen
def test_copy_link_announces_success(page, address):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(address)
    said = page.locator(".share [aria-live=polite]")
    expect(said).to_have_text(_("Copy the link"))
    page.get_by_role("button", name=_("Copy the link")).click()
    expect(said).to_have_text(_("Copied"))


MOVING = """[...document.querySelectorAll("*")].filter((e) => {
  const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(e);
  return transitionDuration !== "0s" || animationName !== "none" || scrollBehavior !== "auto";
}).length"""


@one_screen
def test_reduced_motion_disables_animations(new_context, address):
    for motion, moves in [("no-preference", True), ("reduce", False)]:
        page = reader(new_context, {}, reduced_motion=motion)
        page.goto(address)
        page.locator("a.large").first.click()
        assert bool(page.evaluate(MOVING)) == moves
