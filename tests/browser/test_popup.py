import pytest
from django.utils.translation import gettext as _
from playwright.sync_api import expect

from tests.builders import a_magazine, a_notice, a_publication

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = 60 * 60 * 1000  # milliseconds


@pytest.fixture
def notice():
    notice = a_notice(title="系统升级公告", body="<p>系统暂停访问。</p>", placement="popup")
    notice.contacts.create(
        magazine=a_magazine(title="某刊", office_email="kan@example.cn"), telephone="010-12345678"
    )
    return notice


@pytest.fixture
def popup(page):
    return page.get_by_role("dialog", name="系统升级公告")


@pytest.fixture
def article(site) -> str:
    return site + a_publication().get_absolute_url()


def test_popup_covers_the_page_and_has_the_focus(page, popup, notice, article):
    page.goto(article)
    expect(popup).to_be_in_viewport()
    expect(popup).to_contain_text("某刊:kan@example.cn,联系电话:010-12345678")
    assert popup.evaluate(
        "dialog => dialog.matches(':modal') && dialog.contains(document.activeElement)"
    )


@pytest.mark.parametrize("way", ["button", "cross", "Escape", "backdrop"])
def test_popup_closes_and_stays_closed(page, popup, notice, article, way):
    page.goto(article)
    match way:
        case "button":
            popup.get_by_role("button", name="关闭").last.click()
        case "cross":
            popup.get_by_role("button", name="关闭").first.click()
        case "Escape":
            page.keyboard.press("Escape")
        case "backdrop":
            page.mouse.click(5, 5)
    expect(popup).to_be_hidden()
    page.reload()
    expect(popup).to_be_hidden()


def test_focus_moves_to_the_top_after_the_popup(page, popup, notice, article):
    page.goto(article)
    expect(popup).to_be_visible()
    page.keyboard.press("Escape")
    page.wait_for_function("localStorage.length > 0")  # the close event comes later
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()


def test_popup_stays_open_on_a_click_inside(page, popup, notice, article):
    page.goto(article)
    popup.get_by_text("系统暂停访问。").click()
    expect(popup).to_be_visible()


def test_popup_opens_again_after_its_text_changes(page, popup, notice, article):
    page.goto(article)
    page.keyboard.press("Escape")
    notice.body = "<p>系统已经恢复。</p>"
    notice.save()
    page.wait_for_timeout(1100)  # shared parts of pages are cached for at most a second
    page.reload()
    expect(popup).to_contain_text("系统已经恢复。")


def test_popup_opens_again_after_the_dismissal_ends(page, popup, notice, article):
    page.clock.install()
    page.goto(article)
    page.keyboard.press("Escape")
    expect(
        page.locator(".notices")
    ).to_be_hidden()  # or the clock moves before the dismissal is stored
    page.clock.fast_forward((7 * 24 - 1) * HOUR)
    page.reload()
    expect(popup).to_be_hidden()
    page.clock.fast_forward(2 * HOUR)
    page.reload()
    expect(popup).to_be_visible()


def test_popups_open_one_after_another(page, popup, notice, article):
    a_notice(title="第二个公告", placement="popup", order=1)
    page.goto(article)
    second = page.get_by_role("dialog", name="第二个公告")
    expect(second).to_be_hidden()
    page.keyboard.press("Escape")
    expect(second).to_be_visible()


@pytest.mark.parametrize("elder", [False, True])
def test_popup_leaves_no_empty_landmark(page, popup, notice, article, elder):
    a_notice(title="一条横幅", placement="banner")
    page.add_init_script(
        f"localStorage.setItem('reading', JSON.stringify({{ elder: {str(elder).lower()} }}))"
    )
    page.goto(article)
    notices = page.get_by_role("region", name=_("Notices"))
    popup.get_by_role("button", name="关闭").last.click()
    expect(popup).to_be_hidden()
    expect(notices).to_contain_text("一条横幅")
    notices.get_by_role("button").click()
    expect(notices).to_have_count(0)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(notices).to_have_count(0)


def test_popup_closes_in_browsers_without_dialogs(page, popup, notice, article):
    page.add_init_script("delete HTMLDialogElement.prototype.showModal")
    page.goto(article)
    popup.get_by_role("button", name=_("Close"), exact=True).last.click()
    expect(popup).to_be_hidden()
    page.reload()
    expect(page.get_by_role("main")).to_be_visible()
    expect(popup).to_be_hidden()
    expect(page.locator(".notices")).to_be_hidden()


def test_popup_is_a_banner_without_javascript(new_context, notice, article):
    page = new_context(java_script_enabled=False).new_page()
    page.goto(article)
    popup = page.get_by_role("dialog", name="系统升级公告")
    expect(popup).to_contain_text("系统暂停访问。")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    popup.get_by_role("button", name="关闭").last.click()
    expect(popup).to_be_hidden()


def test_popup_closes_without_storage(page, popup, notice, article):
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('forbidden'); } })"
    )
    page.goto(article)
    page.keyboard.press("Escape")
    expect(popup).to_be_hidden()


def test_long_popup_scrolls_inside(page, popup, article):
    a_notice(title="系统升级公告", body="<p>很长的公告。</p>" * 80, placement="popup")
    page.goto(article)
    close = popup.get_by_role("button", name="关闭").last
    close.scroll_into_view_if_needed()
    expect(close).to_be_in_viewport()
    assert popup.evaluate("dialog => dialog.getBoundingClientRect().height <= innerHeight")
