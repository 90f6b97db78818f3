"""Tests of counting reads: a browser that a person uses counts after ten seconds."""

import re

import pytest
from playwright.sync_api import expect

from articles.models import ReadCount
from articles.reads import read_counter
from tests.builders import a_publication

pytestmark = pytest.mark.django_db(transaction=True)

HUMAN_BROWSER = "Object.defineProperty(Navigator.prototype, 'webdriver', { get: () => false })"


@pytest.fixture
def browser_context_args(browser_context_args):
    return browser_context_args | {
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0 Safari/537.36"
    }


@pytest.fixture(params=["phone"])
def screen(request) -> str:
    """Run on one screen only."""
    return request.param


@pytest.fixture
def requests(page) -> list:
    """The requests that count a read."""
    read_counter.forget()
    requests = []
    page.on(
        "request",
        lambda request: requests.append(request) if request.url.endswith("/read/") else None,
    )
    page.clock.install()
    return requests


def test_read_is_counted_once_after_ten_seconds_without_personal_data(page, site, requests):
    publication = a_publication()
    page.add_init_script(HUMAN_BROWSER)
    page.context.add_cookies([{"name": "sessionid", "value": "geheim", "url": site}])
    page.goto(site + publication.get_absolute_url())
    page.clock.run_for(9_000)
    assert requests == []
    with page.expect_response(re.compile(r"/read/$")) as answer:
        page.clock.run_for(2_000)
    page.clock.run_for(60_000)
    (request,) = requests
    assert (answer.value.status, request.method, request.post_data) == (204, "POST", None)
    assert "cookie" not in request.all_headers()
    read_counter.write()
    assert [(row.article_id, row.count) for row in ReadCount.objects.all()] == [
        (publication.article_id, 1)
    ]


def test_read_is_not_counted_in_a_hidden_page(page, site, requests):
    page.add_init_script(
        HUMAN_BROWSER + "; Object.defineProperty(Document.prototype, 'hidden', { get: () => true })"
    )
    page.goto(site + a_publication().get_absolute_url())
    page.clock.run_for(60_000)
    assert requests == []


def test_read_is_not_counted_in_an_automated_browser(page, site, requests):
    page.goto(site + a_publication().get_absolute_url())
    page.clock.run_for(60_000)
    assert requests == []


def test_article_links_to_other_articles(page, site):
    column_of = a_publication(authors="于潇", keywords="预算\n绩效", title="把账算清楚")
    a_publication(authors="于潇", title="再算一遍", column=column_of.column)
    page.goto(site + column_of.get_absolute_url())
    page.get_by_role("link", name="于潇").click()
    page.get_by_role("link", name="再算一遍").click()
    expect(page.locator("h1")).to_have_text("再算一遍")
