import pytest
from playwright.sync_api import expect

from tests.builders import a_publication

pytestmark = pytest.mark.django_db(transaction=True)

WIDE = "<table><tbody><tr>" + "<td>很宽的一格内容不可折断ABCDEFGHIJKLMN</td>" * 14 + "</tr></tbody></table>"


@pytest.fixture
def article(page, site):
    publication = a_publication(title="把账算清楚", body="<h2>小标题</h2><p>正文第一段。</p>" + WIDE)
    page.goto(site + publication.get_absolute_url())
    return publication


def test_nothing_is_wider_than_the_screen(page, article):
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_wechat_gets_a_code_when_it_is_asked_for(page, article, site):
    code = page.get_by_role("img", name="本页二维码")
    expect(code).to_be_hidden()
    with page.expect_response(f"{site}/articles/{article.article_id}/qr.svg") as answer:
        page.get_by_text("微信", exact=True).click()
    assert answer.value.headers["content-type"] == "image/svg+xml"
    expect(code).to_be_in_viewport()
    assert code.evaluate("image => image.decode().then(() => image.naturalWidth > 100)")


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("微博", "https://service.weibo.com/share/share.php?"),
        ("QQ", "https://connect.qq.com/widget/shareqq/index.html?"),
        ("QQ空间", "https://sns.qzone.qq.com/cgi-bin/qzshare/cgi_qzshare_onekey?"),
    ],
)
def test_other_networks_get_plain_links(page, article, name, address):
    link = page.get_by_role("link", name=name, exact=True)
    assert link.get_attribute("href").startswith(address)
    assert link.get_attribute("rel") == "noopener noreferrer"


def test_the_address_can_be_copied(page, article, context, site):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="复制链接").click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == site + article.get_absolute_url()


def test_the_print_button_opens_the_print_dialog(page, article):
    page.evaluate("window.print = () => { window.printed = true; }")
    page.get_by_role("button", name="打印").click()
    assert page.evaluate("window.printed")


def test_paper_gets_the_article_and_nothing_else(page, article, site):
    page.emulate_media(media="print")
    expect(page.get_by_text("正文第一段。")).to_be_visible()
    expect(page.get_by_role("heading", name="把账算清楚")).to_be_visible()
    expect(page.get_by_text(site + article.get_absolute_url())).to_be_visible()
    for gone in [page.locator("nav").first, page.locator(".share"), page.get_by_role("link", name="跳到正文")]:
        expect(gone).to_be_hidden()


def test_without_javascript_there_is_no_dead_button(new_context, article, site):
    page = new_context(java_script_enabled=False).new_page()
    page.goto(site + article.get_absolute_url())
    expect(page.get_by_role("button", name="打印")).to_be_hidden()
    expect(page.get_by_role("button", name="复制链接")).to_be_hidden()
    expect(page.get_by_text("正文第一段。")).to_be_visible()


def test_the_first_tab_stop_skips_to_the_text(page, article):
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
