"""Tests of the search box: suggestions, recent searches, and search without JavaScript."""

import pytest
from django.utils.translation import gettext as _
from playwright.sync_api import expect

from tests.builders import a_publication, a_publisher

pytestmark = pytest.mark.django_db(transaction=True)

one_screen = pytest.mark.parametrize("screen", ["desktop"], indirect=True)


@pytest.fixture(autouse=True)
def publications():
    a_publisher()
    a_publication(title="论财政收入", body="<p>财政收入与支出</p>", keywords="财政收入")
    a_publication(title="财政政策的效果", body="<p>财政政策</p>")


def test_suggestions_work_with_the_keyboard(page, site):
    page.goto(site)
    box = page.get_by_role("combobox")
    box.focus()
    page.keyboard.type("财政")
    expect(page.get_by_role("option")).to_have_count(3)
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_contain_text("财政收入")
    expect(box).to_have_attribute(
        "aria-activedescendant", page.get_by_role("option").first.get_attribute("id")
    )
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(box).to_have_value("财政")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option")).to_have_count(3)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/**")
    expect(page.locator(".hits mark").first).to_be_visible()


@one_screen
def test_recent_searches_are_stored_and_cleared(page, site):
    page.goto(site)
    page.get_by_role("combobox").fill("财政收入")
    expect(page.get_by_role("combobox")).to_have_attribute(
        "aria-haspopup", "listbox"
    )  # the script of the box has run
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/**")
    page.goto(site)
    page.get_by_role("combobox").click()
    expect(page.get_by_role("option", name="财政收入")).to_be_visible()
    page.get_by_role("button", name=_("Clear recent searches")).click()
    expect(page.get_by_role("option")).to_have_count(0)
    assert page.evaluate("localStorage.getItem('searches')") is None


@one_screen
def test_suggestion_works_with_a_click(page, site):
    page.goto(site)
    page.get_by_role("combobox").press_sequentially("效果")
    page.get_by_role("option").first.click()
    page.wait_for_url("**/search/**")
    expect(page.locator(".hit")).to_have_count(1)


@one_screen
def test_typing_continues_without_suggestions(page, site):
    page.route("**/search/suggest/**", lambda route: route.fulfill(status=200, body="no JSON"))
    page.goto(site)
    page.get_by_role("combobox").press_sequentially("财政")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/**")
    expect(page.locator(".hit")).to_have_count(2)


@one_screen
def test_search_works_without_javascript(new_context, site):
    page = new_context(java_script_enabled=False).new_page()
    page.goto(site)
    page.get_by_role("searchbox").fill("财政收入")
    page.get_by_role("search").get_by_role("button").click()
    expect(page.locator(".hit")).to_have_count(1)
    page.get_by_role("link", name=_("By date")).click()
    expect(page.locator(".hit mark").first).to_have_text("财政收入")
