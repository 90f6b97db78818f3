import json

import pytest
from django.utils.translation import gettext as _
from playwright.sync_api import expect

from tests.builders import a_notice, a_picture, a_publication, a_publisher
from tests.test_public_pages import build_site

pytestmark = pytest.mark.django_db(transaction=True)

# Headless browsers have no voices. This one speaks three blocks, or fails with `error`.
FAKE_VOICE = """
window.spoken = [];
window.voicesHeard = [];
window.voices = [];
window.error = "";
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: () => voices,
  cancel() { window.silenced = true; },
  speak(words) {
    spoken.push(words.text);
    voicesHeard.push(words.voice.lang);
    if (error || spoken.length < 3) setTimeout(() => error ? words.onerror({ error }) : words.onend(), 10);
  },
} });
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
"""
ENGLISH = "voices.push({ lang: 'en-GB', localService: true });"
CHINESE_FROM_AFAR = "voices.push({ lang: 'zh-CN', localService: false });"
CHINESE = "voices.push({ lang: 'zh_CN', localService: true });"


@pytest.fixture
def article(page, site) -> str:
    address = (
        site
        + a_publication(
            title="把账算清楚", body="<p>正文第一段。</p><p>正文第二段。</p>"
        ).get_absolute_url()
    )
    page.goto(address)
    return address


def style(page, selector: str, name: str) -> str:
    return page.locator(selector).first.evaluate(f"element => getComputedStyle(element).{name}")


def open_settings(page):
    page.get_by_text(_("Reading settings")).click()


@pytest.mark.parametrize("address", ["/", "/search/"])
def test_settings_open_below_their_button_on_a_tablet(page, site, address):
    page.set_viewport_size({"width": 768, "height": 1024})
    page.goto(site + address)
    open_settings(page)
    button, panel = (
        page.locator(f".settings {part}").bounding_box() for part in ["summary", "form"]
    )
    assert panel["x"] < button["x"] < panel["x"] + panel["width"]


def test_type_size_is_stored(page, article):
    before = float(style(page, ".rich p", "fontSize")[:-2])
    open_settings(page)
    page.get_by_label(_("Large type")).check()
    large = float(style(page, ".rich p", "fontSize")[:-2])
    page.reload()
    assert float(style(page, ".rich p", "fontSize")[:-2]) == large > before
    open_settings(page)
    expect(page.get_by_label(_("Large type"))).to_be_checked()
    page.get_by_label(_("Small type")).check()
    assert float(style(page, ".rich p", "fontSize")[:-2]) < before


@pytest.mark.parametrize("system", ["light", "dark"])
def test_light_and_dark_override_the_system(page, article, system):
    page.emulate_media(color_scheme=system)
    paper = {"light": "rgb(253, 252, 249)", "dark": "rgb(25, 24, 22)"}
    assert style(page, "body", "backgroundColor") == paper[system]
    open_settings(page)
    for choice, name in [("light", _("Light")), ("dark", _("Dark"))]:
        page.get_by_label(name, exact=True).check()
        assert style(page, "body", "backgroundColor") == paper[choice]
    page.get_by_label(_("As the system")).check()
    assert style(page, "body", "backgroundColor") == paper[system]


@pytest.mark.parametrize("way", ["system", "reader"])
def test_black_drawings_are_visible_in_the_dark(page, site, way):
    a_publisher(logo=a_picture())
    publication = a_publication(body='<p>设<img src="/static/icon.png" alt="公式">。</p>')
    page.emulate_media(color_scheme="dark" if way == "system" else "light")
    page.goto(site + publication.get_absolute_url())
    if way == "reader":
        open_settings(page)
        page.get_by_label(_("Dark"), exact=True).check()
    for picture in [".rich img", ".brand img"]:
        assert style(page, picture, "backgroundColor") == "rgb(255, 255, 255)"
    assert style(page, ".rich img", "color") == "rgb(51, 51, 51)"  # the colour if it is missing


def test_settings_apply_before_the_first_paint(page, article):
    """head.js applies the settings before the script of the page runs."""
    page.evaluate("readingSettings({ size: 'large', scheme: 'dark', elder: true })")
    page.route("**/site*.js", lambda route: route.abort())
    page.route("**/articles/**", lambda route: route.continue_())
    context = page.context
    fresh = context.new_page()
    fresh.route("**/site*.js", lambda route: route.abort())
    fresh.goto(article)
    root = fresh.locator("html")
    assert root.evaluate(
        "root => [root.dataset.size, root.dataset.scheme, root.classList.contains('elder')]"
    ) == [
        "large",
        "dark",
        True,
    ]


def test_settings_work_with_the_keyboard(page, article):
    elder = page.get_by_role("button", name=_("Senior mode"))
    elder.focus()
    page.keyboard.press("Enter")
    expect(elder).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Space")
    expect(elder).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label(_("Medium type"))).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label(_("Large type"))).to_be_checked()
    page.keyboard.press("Escape")
    expect(page.get_by_label(_("Large type"))).to_be_hidden()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_settings_close_on_a_click_outside(page, article):
    open_settings(page)
    page.locator("footer.colophon").click(position={"x": 2, "y": 2})
    expect(page.get_by_label(_("Large type"))).to_be_hidden()


def test_settings_can_be_reset(page, article):
    page.evaluate("readingSettings({ size: 'large', scheme: 'dark', elder: true })")
    page.reload()
    open_settings(page)
    page.get_by_role("button", name=_("Reset")).click()
    assert json.loads(page.evaluate("localStorage.getItem('reading')")) == {
        "size": "medium", "scheme": "system", "elder": False,
    }  # fmt: skip
    expect(page.get_by_role("button", name=_("Senior mode"))).to_have_attribute(
        "aria-pressed", "false"
    )


@pytest.mark.parametrize(
    "stored", ["nonsense", "null", "7", '"text"', "[]", '{"size": 3, "scheme": [], "elder": "yes"}']
)
def test_settings_ignore_invalid_stored_values(page, article, stored):
    page.evaluate("stored => localStorage.setItem('reading', stored)", stored)
    page.reload()
    open_settings(page)
    page.get_by_label(_("Large type")).check()
    expect(page.locator("html")).to_have_attribute("data-size", "large")


def test_settings_work_without_storage(page, article):
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('forbidden'); } })"
    )
    page.reload()
    page.get_by_role("button", name=_("Senior mode")).click()
    expect(page.locator("html.elder")).to_be_visible()


def test_settings_are_hidden_without_javascript(new_context, article):
    page = new_context(java_script_enabled=False).new_page()
    page.goto(article)
    expect(page.get_by_text(_("Reading settings"))).to_be_hidden()


class TestSeniorMode:
    @pytest.fixture(autouse=True)
    def elder(self, page):
        page.add_init_script("localStorage.setItem('reading', '{\"elder\": true}')")

    def test_senior_mode_has_very_large_type(self, page, site):
        for address in build_site().values():
            page.goto(site + address)
            sizes = page.evaluate(
                """[...document.querySelectorAll('body *')]
                .filter(e => e.checkVisibility() && !e.closest('.unseen, .skip, sup, .drawn')
                             && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
                .filter(e => parseFloat(getComputedStyle(e).fontSize) < 21.5).map(e => e.outerHTML.slice(0, 120))"""
            )
            assert sizes == [], address

    def test_senior_mode_has_large_targets(self, page, site):
        """Links within a text are exempt."""
        for address in build_site(2).values():
            page.goto(site + address)
            small = page.evaluate(
                """[...document.querySelectorAll('a, button, summary')]
                .filter(e => e.checkVisibility() && !e.closest('.rich, .unseen, .skip, [aria-hidden]'))
                .filter(e => e.getBoundingClientRect().height < 59.5).map(e => e.outerHTML.slice(0, 140))"""
            )
            assert small == [], address

    def test_senior_mode_has_nothing_over_the_page(self, page, site):
        notice = a_notice(title="升级公告", body="<p>暂停访问。</p>", placement="popup")
        address = site + a_publication().get_absolute_url()
        page.goto(address)
        assert page.locator("dialog:modal").count() == 0
        popup = page.get_by_role("dialog", name="升级公告")
        expect(popup).to_be_visible()
        expect(popup.get_by_role("link")).to_have_attribute("href", notice.get_absolute_url())
        popup.get_by_role("button", name=_("Close")).last.click()
        page.reload()
        expect(popup).to_be_hidden()

    def test_senior_mode_has_one_column(self, page, site):
        build_site(3)
        page.goto(site)
        assert (
            page.evaluate("getComputedStyle(document.querySelector('.columns')).display") == "block"
        )

    @pytest.fixture
    def aloud(self, page):
        return page.get_by_role("button", name=_("Read aloud")).first

    def test_read_aloud_is_hidden_without_a_voice(self, page, site, aloud):
        page.goto(site + a_publication().get_absolute_url())
        expect(page.get_by_role("button", name=_("Senior mode"))).to_be_visible()
        expect(aloud).to_be_hidden()

    @pytest.mark.parametrize("voice", [ENGLISH, CHINESE_FROM_AFAR])
    def test_read_aloud_ignores_foreign_and_remote_voices(self, page, site, aloud, voice):
        page.add_init_script(FAKE_VOICE + voice)
        page.goto(site + a_publication().get_absolute_url())
        expect(aloud).to_be_hidden()

    def test_read_aloud_appears_when_a_voice_loads_late(self, page, site, aloud):
        page.add_init_script(FAKE_VOICE)
        page.goto(site + a_publication().get_absolute_url())
        expect(aloud).to_be_hidden()
        page.evaluate(CHINESE + "speechSynthesis.onvoiceschanged()")
        expect(aloud).to_be_visible()

    def test_read_aloud_reports_an_error_and_can_be_repeated(self, page, site, aloud):
        page.add_init_script(FAKE_VOICE + CHINESE + "window.error = 'synthesis-failed';")
        page.goto(site + a_publication().get_absolute_url())
        aloud.click()
        failed = page.get_by_role("button", name=_("Reading aloud failed")).first
        expect(failed).to_be_visible()
        expect(page.get_by_role("status")).to_have_text(_("Reading aloud failed"))
        assert page.locator(".spoken").count() == 0
        page.evaluate("window.error = ''")
        failed.click()
        expect(page.get_by_role("button", name=_("Stop reading")).first).to_be_visible()
        expect(page.get_by_role("status")).to_have_text("")

    def test_read_aloud_uses_an_english_voice_for_english(self, page, site):
        page.add_init_script(FAKE_VOICE + CHINESE + ENGLISH)
        written = {
            "title": "Debt in China",
            "body": "<p>Local governments borrow.</p>",
            "abstract": "债务。",
        }
        page.goto(site + a_publication(**written).get_absolute_url())
        assert style(page, ".rich p", "hyphens") == "auto"
        page.get_by_role("button", name=_("Read aloud")).first.click()
        expect(page.locator(".summary .spoken")).to_be_visible()
        assert page.evaluate("voicesHeard") == ["en-GB", "zh_CN", "zh_CN"]

    def test_read_aloud_reads_block_by_block_and_stops(self, page, site):
        page.add_init_script(FAKE_VOICE + CHINESE_FROM_AFAR + CHINESE)
        publication = a_publication(
            title="把账算清楚", body="<p>第一段。</p><p>第二段。</p><p>第三段。</p>"
        )
        page.goto(site + publication.get_absolute_url())
        page.get_by_role("button", name=_("Read aloud")).first.click()
        expect(page.locator(".rich .spoken")).to_have_text("第一段。")
        assert page.evaluate("spoken[0].trim()") == "把账算清楚"
        assert page.evaluate("voicesHeard") == ["zh_CN"] * 3
        assert page.locator(".spoken").count() == 1
        page.get_by_role("button", name=_("Stop reading")).first.click()
        assert page.locator(".spoken").count() == 0
        assert page.evaluate("window.silenced")
        expect(page.get_by_role("button", name=_("Read aloud")).first).to_be_visible()
