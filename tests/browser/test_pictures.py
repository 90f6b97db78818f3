import pytest
from playwright.sync_api import expect

from media.fields import store_picture
from media.renditions import make_renditions
from media.validation import reencode_picture
from tests.builders import a_picture, a_publication

pytestmark = pytest.mark.django_db(transaction=True)

WIDEST = {"phone": 400, "desktop": 800}


def figure(alt: str) -> str:
    name = store_picture(reencode_picture(a_picture(1200, 750)))
    return f'<figure class="image"><img src="/media/{name}" alt="{alt}"><figcaption>题注：{alt}</figcaption></figure>'


@pytest.fixture
def article(site):
    text = f"{figure('近图')}<p>{'字' * 9000}</p>{figure('远图')}"
    return a_publication(body=text, cover=a_picture(1600, 1000), cover_alt="题图")


@pytest.fixture
def requested(page, site, article) -> list[str]:
    """The pictures that the page of an article has requested so far."""
    addresses = []
    page.on(
        "request",
        lambda request: addresses.append(request.url) if "/media/" in request.url else None,
    )
    page.goto(site + article.get_absolute_url())
    page.wait_for_load_state("networkidle")
    return addresses


def test_browser_loads_the_width_it_needs(page, requested, screen):
    for picture in page.locator("article img").all():
        picture.scroll_into_view_if_needed()
        picture.evaluate("picture => picture.decode()")
        assert picture.evaluate("picture => picture.currentSrc").endswith(f".{WIDEST[screen]}.webp")
    assert len(requested) == 3


def test_distant_pictures_are_not_loaded(page, requested):
    assert len(requested) == 2
    with page.expect_request("**/media/**"):
        page.get_by_role("img", name="远图").scroll_into_view_if_needed()
    assert len(requested) == 3


def test_pictures_reserve_their_space(page, site, article):
    page.route("**/media/**", lambda route: None)
    page.goto(site + article.get_absolute_url(), wait_until="domcontentloaded")
    for name, shape in (("题图", 1.6), ("远图", 1.6)):
        box = page.get_by_role("img", name=name).bounding_box()
        assert box["width"] / box["height"] == pytest.approx(shape, rel=0.01)


def test_missing_picture_shows_its_alternative_text(context, site, article, media_root):
    for path in media_root.rglob("*.*"):
        path.unlink()
    page = context.new_page()  # the fixture's page fails on missing files
    page.goto(site + article.get_absolute_url())
    page.wait_for_load_state("networkidle")
    for alt in ("近图", "远图"):
        expect(page.get_by_role("img", name=alt)).to_be_visible()
        expect(page.get_by_text(f"题注：{alt}")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_missing_rendition_is_replaced_by_the_picture(page, site, article, media_root):
    for path in media_root.rglob("*.webp"):
        path.unlink()
    page.goto(site + article.get_absolute_url())
    picture = page.get_by_role("img", name="题图")
    picture.evaluate("picture => picture.decode()")
    assert picture.evaluate("picture => picture.naturalWidth") > 0
    assert make_renditions(article.cover.name) == 4
