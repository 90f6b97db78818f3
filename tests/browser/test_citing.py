from datetime import date

import pytest
from django.utils.translation import gettext
from playwright.sync_api import expect

from tests.builders import a_magazine, a_publication, an_issue

pytestmark = pytest.mark.django_db(transaction=True)

CITED = "张升. 四库馆私家抄校书考略[J]. 文献，2013（1）：56-75."


@pytest.fixture
def article(page, site):
    issue = an_issue(
        magazine=a_magazine(title="文献"), year=2013, number=1, published_on=date(2013, 1, 1)
    )
    publication = a_publication(
        title="四库馆私家抄校书考略", authors="张升", issue=issue, pages="56-75"
    )
    page.goto(site + publication.get_absolute_url())
    return publication


def test_copy_button_copies_a_citation_and_announces_it(page, article, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("summary", has_text=gettext("Cite this article")).click()
    page.get_by_role("button", name=f"{gettext('Copy')} GB/T 7714—2025").click()
    expect(page.get_by_role("button", name=f"{gettext('Copied')} GB/T 7714—2025")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == CITED


@pytest.mark.parametrize(("name", "form"), [("BibTeX", "bib"), ("RIS", "ris")])
def test_citation_files_are_downloads(page, article, name, form):
    page.locator("summary", has_text=gettext("Cite this article")).click()
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    assert download.value.suggested_filename == f"article-{article.article_id}.{form}"
    assert "四库馆私家抄校书考略" in download.value.path().read_text(encoding="utf-8")


def test_print_shows_one_citation(page, article):
    page.emulate_media(media="print")
    expect(page.get_by_text(CITED).filter(visible=True)).to_have_count(1)
    expect(page.locator(".citation")).to_be_hidden()


def test_citations_are_readable_without_javascript(new_context, article, site):
    page = new_context(java_script_enabled=False).new_page()
    page.goto(site + article.get_absolute_url())
    page.locator("summary", has_text=gettext("Cite this article")).click()
    expect(page.get_by_text(CITED, exact=True).first).to_be_visible()
    expect(page.locator(".citation button").first).to_be_hidden()
