import pytest
from playwright.sync_api import expect

from tests.builders import a_picture, a_publication, an_issue

pytestmark = pytest.mark.django_db(transaction=True)

WIDE = (
    "<table><tbody><tr>"
    + "<td>很宽的一格内容不可折断ABCDEFGHIJKLMN</td>" * 14
    + "</tr></tbody></table>"
)


@pytest.fixture
def article(page, site):
    publication = a_publication(
        title="把账算清楚", body="<h2>小标题</h2><p>正文第一段。</p>" + WIDE
    )
    page.goto(site + publication.get_absolute_url())
    return publication


def test_article_is_not_wider_than_the_screen(page, article):
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    ("where", "place"),
    [
        ("article", "h1 span"),
        ("article", ".summary span[lang]"),
        ("article", ".rich p"),
        ("column", ".card h2 [lang]"),
        ("column", ".card .abstract"),
        ("issue", ".contents [lang]"),
    ],
)
def test_english_text_uses_narrow_quotation_marks(page, site, where, place):
    english = {
        "title": "A“Budget”",
        "abstract": "A“why” that counts.",
        "body": "<p>A“count” of all.</p>",
    }
    publication = a_publication(issue=an_issue(), **english)
    thing = {
        "article": publication.article,
        "column": publication.column,
        "issue": publication.issue,
    }[where]
    page.goto(site + thing.get_absolute_url())
    width = """element => {
        const mark = document.createRange();
        mark.setStart(element.firstChild, 1);
        mark.setEnd(element.firstChild, 2);
        return mark.getBoundingClientRect().width / parseFloat(getComputedStyle(element).fontSize);
    }"""
    assert page.locator(place).evaluate(width) < 0.7


def test_wechat_button_shows_a_qr_code(page, article, site):
    code = page.get_by_role("img", name="本页二维码")
    expect(code).to_be_hidden()
    with page.expect_response(f"{site}/articles/{article.article_id}/qr.svg") as answer:
        page.get_by_text("微信", exact=True).click()
    assert answer.value.headers["content-type"] == "image/svg+xml"
    expect(code).to_be_in_viewport()
    assert code.evaluate("image => image.decode().then(() => image.naturalWidth > 100)")


@pytest.mark.parametrize("way", ["Escape", "a press beside it"])
def test_qr_code_can_be_closed(page, article, way):
    page.get_by_text("微信", exact=True).click()
    code = page.get_by_role("img", name="本页二维码")
    code.click()
    expect(code).to_be_visible()
    if way == "Escape":
        page.keyboard.press(way)
    else:
        page.locator("h1").click()
    expect(code).to_be_hidden()
    assert page.evaluate("document.activeElement.textContent === '微信'") == (way == "Escape")


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("微博", "https://service.weibo.com/share/share.php?"),
        ("QQ", "https://connect.qq.com/widget/shareqq/index.html?"),
        ("QQ空间", "https://sns.qzone.qq.com/cgi-bin/qzshare/cgi_qzshare_onekey?"),
    ],
)
def test_share_links_of_other_networks(page, article, name, address):
    link = page.get_by_role("link", name=name, exact=True)
    assert link.get_attribute("href").startswith(address)
    assert link.get_attribute("rel") == "noopener noreferrer"


def test_print_button_is_hidden_if_the_browser_cannot_print(page, article, site):
    button = page.get_by_role("button", name="【打印】")
    expect(button).to_be_visible()
    page.add_init_script("window.print = undefined")
    page.reload()
    expect(page.get_by_text("微信", exact=True)).to_be_visible()
    expect(button).to_be_hidden()


def test_copy_link_copies_the_address(page, article, context, site):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="复制链接").click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == site + article.get_absolute_url()


def test_print_button_opens_the_print_dialog(page, article):
    page.evaluate("window.print = () => { window.printed = true; }")
    page.get_by_role("button", name="打印").click()
    assert page.evaluate("window.printed")


def test_print_shows_the_article_only(page, article, site):
    page.emulate_media(media="print")
    expect(page.get_by_text("正文第一段。")).to_be_visible()
    expect(page.get_by_role("heading", name="把账算清楚")).to_be_visible()
    expect(page.get_by_text(site + article.get_absolute_url(), exact=True)).to_be_visible()
    for gone in [
        page.locator("nav").first,
        page.locator(".share"),
        page.get_by_role("link", name="跳到正文"),
    ]:
        expect(gone).to_be_hidden()


def test_buttons_are_hidden_without_javascript(new_context, article, site):
    page = new_context(java_script_enabled=False).new_page()
    page.goto(site + article.get_absolute_url())
    expect(page.get_by_role("button", name="打印")).to_be_hidden()
    expect(page.get_by_role("button", name="复制链接")).to_be_hidden()
    expect(page.get_by_text("正文第一段。")).to_be_visible()


def test_first_tab_stop_skips_to_the_text(page, article):
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_wide_table_scrolls_with_the_keyboard(page, article):
    box = page.get_by_role("group").filter(has=page.locator("table"))
    expect(box).to_have_attribute("tabindex", "0")
    box.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".scroll")).not_to_have_js_property("scrollLeft", 0)


def test_narrow_table_is_no_tab_stop(page, site):
    body = "<table><tbody><tr><td>一</td><td>二</td></tr></tbody></table>"
    page.goto(site + a_publication(body=body).get_absolute_url())
    expect(page.locator(".scroll")).to_have_attribute("tabindex", "-1")


@pytest.fixture
def picture(media_root) -> str:
    (media_root / "pictures").mkdir()
    (media_root / "pictures" / "a.png").write_bytes(a_picture(900, 600).read())
    return "/media/pictures/a.png"


def test_picture_opens_large_and_closes(page, site, picture):
    body = f'<figure class="image"><img src="{picture}" alt="走势"><figcaption>图1 走势</figcaption></figure>'
    page.goto(site + a_publication(body=body).get_absolute_url())
    link = page.get_by_role("link", name="走势")
    assert link.get_attribute("href") == picture
    link.click()
    large = page.get_by_role("dialog")
    expect(large).to_contain_text("图1 走势")
    assert large.evaluate("dialog => dialog.matches(':modal')")
    page.keyboard.press("Escape")
    expect(large).to_have_count(0)
    assert link.evaluate("link => link === document.activeElement")
    link.click()
    large.get_by_role("button").click()
    expect(large).to_have_count(0)


def test_cover_opens_large_with_the_keyboard(page, site):
    publication = a_publication(cover=a_picture(1200, 800), cover_alt="一枚算盘")
    page.goto(site + publication.get_absolute_url())
    link = page.get_by_role("link", name="一枚算盘")
    assert link.get_attribute("href") == publication.cover.url
    picture = link.get_by_role("img", name="一枚算盘")
    assert (picture.get_attribute("fetchpriority"), picture.get_attribute("loading")) == (
        "high",
        None,
    )
    link.focus()
    page.keyboard.press("Enter")
    large = page.get_by_role("dialog")
    expect(large.get_by_role("img", name="一枚算盘")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(large).to_have_count(0)
    expect(link).to_be_focused()


def test_cover_is_a_link_without_javascript(new_context, site):
    page = new_context(java_script_enabled=False).new_page()
    publication = a_publication(cover=a_picture(), cover_alt="一枚算盘")
    page.goto(site + publication.get_absolute_url())
    page.get_by_role("link", name="一枚算盘").click()
    page.wait_for_url(site + publication.cover.url)


def test_note_links_lead_there_and_back(page, site):
    body = (
        '<p>甲<a href="#zhu1">[1]</a>。</p>'
        + "<p>很长的正文。</p>" * 80
        + '<p><a id="zhu1"></a>注文。</p>'
    )
    page.goto(site + a_publication(body=body).get_absolute_url())
    mark = page.get_by_role("link", name="[1]")
    mark.click()
    expect(page.get_by_text("注文。")).to_be_in_viewport()
    page.get_by_text("注文。").get_by_role("link").click()
    expect(mark).to_be_in_viewport()


def test_long_article_has_a_table_of_contents(page, site, screen):
    body = "".join(
        f"<h2>第{number}节</h2>" + "<p>很长很长的正文说个没完。</p>" * 60 for number in range(4)
    )
    page.goto(site + a_publication(body=body).get_absolute_url())
    contents = page.locator(".toc")
    expect(contents.locator("ol")).to_be_visible() if screen == "desktop" else contents.locator(
        "summary"
    ).click()
    contents.get_by_role("link", name="第3节").click()
    expect(page.get_by_role("heading", name="第3节")).to_be_in_viewport()
