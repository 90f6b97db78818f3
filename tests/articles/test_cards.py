import re
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from PIL import Image

import articles.cards
from articles.cards import GROUNDS, broken, card_name, drawn
from magazine.models import Accent, Publisher
from tests.builders import a_magazine, a_picture, a_publication, a_publisher, an_article

pytestmark = pytest.mark.django_db


@pytest.fixture
def publish(django_capture_on_commit_callbacks):
    """Publishes an article, and what follows when that is certain."""

    def publish(article, **when):
        with django_capture_on_commit_callbacks(execute=True):
            return article.publish(by=None, **when)

    return publish


def address(article) -> str:
    return reverse("articles:card", args=[article.pk])


def cards(media_root) -> list:
    return [path for path in media_root.rglob("cards/**/*") if path.is_file()]


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content)).convert("RGB")


class TestPublishing:
    def test_draws_the_card_that_links_show(self, client, publish, media_root):
        article = an_article(title="从零开始算一遍", magazine=a_magazine(accent="pine"))
        publish(article)
        response = client.get(address(article))
        card = opened(b"".join(response.streaming_content))
        assert (response["Content-Type"], response["Cache-Control"]) == (
            "image/png",
            "public, max-age=600",
        )
        assert card.size == (1200, 630)
        assert card.getpixel((5, 5)) == (0x1D, 0x5B, 0x4A)
        assert (255, 255, 255) in {colour for _, colour in card.getcolors()}
        assert len(cards(media_root)) == 1

    def test_draws_it_once(self, publish, media_root):
        article = an_article()
        publish(article)
        (card,) = cards(media_root)
        before = card.stat().st_mtime_ns
        publish(article)
        assert [path.stat().st_mtime_ns for path in cards(media_root)] == [before]
        article.title = "改过的题目"
        article.save()
        publish(article)
        assert len(cards(media_root)) == 2

    def test_draws_none_where_there_is_a_picture(self, client, publish, media_root):
        article = an_article(cover=a_picture(), cover_alt="图")
        publish(article)
        assert cards(media_root) == []
        assert client.get(address(article)).status_code == 404

    def test_draws_ahead_what_is_scheduled_and_shows_it_to_nobody(
        self, client, publish, media_root
    ):
        article = an_article()
        publish(article, at=timezone.now() + timedelta(days=1))
        assert len(cards(media_root)) == 1
        assert client.get(address(article)).status_code == 404

    def test_goes_on_where_nothing_can_be_stored(self, client, publish, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path / "file"
        settings.MEDIA_ROOT.write_bytes(b"")
        article = an_article()
        publish(article)
        assert client.get(article.get_absolute_url()).status_code == 200

    def test_of_no_magazine_carries_the_name_of_the_house(self, publish, monkeypatch):
        a_publisher(name="某社")
        headings = []
        monkeypatch.setattr(
            articles.cards, "_write", lambda pen, title, heading: headings.append(heading)
        )
        publish(an_article(magazine=None))
        publish(an_article(magazine=a_magazine(title="甲刊")))
        assert headings == ["某社", "甲刊"]


class TestHouse:
    """The card of every page that has no picture of its own."""

    def test_is_drawn_when_the_publisher_is_saved(
        self, client, media_root, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            publisher = a_publisher(name="某社")
        response = client.get("/card.png")
        assert opened(b"".join(response.streaming_content)).size == (1200, 630)
        assert (response["Content-Type"], response["Cache-Control"]) == (
            "image/png",
            "public, max-age=600",
        )
        with django_capture_on_commit_callbacks(execute=True):
            publisher.save()
        assert len(cards(media_root)) == 1
        publisher.name = "新社"
        with django_capture_on_commit_callbacks(execute=True):
            publisher.save()
        assert len(cards(media_root)) == 2

    def test_is_the_mark_until_then_and_no_request_draws(self, client, media_root):
        a_publisher()
        assert client.get("/card.png")["Location"] == "/static/icon.png"
        assert cards(media_root) == []


class TestView:
    def test_draws_nothing(self, client, media_root):
        publication = a_publication()
        assert client.get(address(publication.article)).status_code == 404
        assert cards(media_root) == []

    def test_is_gone_with_its_article(self, client, publish):
        article = an_article()
        publish(article)
        article.withdraw(by=None, reason="有误")
        assert client.get(address(article)).status_code == 404

    @pytest.mark.parametrize(
        "path", ["/articles/0/card.png", "/articles/999/card.png", "/articles/x/card.png"]
    )
    def test_nonsense(self, client, path):
        assert client.get(path).status_code == 404

    def test_asks_once(self, client, publish, django_assert_num_queries):
        article = an_article(magazine=a_magazine())
        publish(article)
        with django_assert_num_queries(1):
            response = client.get(address(article))
        response.close()


class TestDrawing:
    @pytest.mark.parametrize(
        "title",
        [
            "短",
            "很" * 200,
            "长" * 30 + "，" * 100,
            "An English title " * 11,
            "x" * 200,
            "。",
            "“（《",
            "题\n目",
            "😀",
        ],
    )
    @pytest.mark.parametrize("accent", [*Accent.values, None])
    def test_any_title_has_room(self, title, accent):
        magazine = accent and a_magazine(accent=accent, title="某某杂志")
        card = opened(drawn(title, magazine, "某某杂志"))
        ground = card.getpixel((0, 0))
        edges = [
            card.crop(box)
            for box in [
                (0, 0, 1200, 12),
                (0, 618, 1200, 630),
                (0, 0, 25, 630),
                (1175, 0, 1200, 630),
            ]
        ]
        assert [edge.getcolors() == [(edge.width * edge.height, ground)] for edge in edges] == [
            True
        ] * 4

    def test_grounds_are_the_pages_own(self, settings):
        css = (settings.BASE_DIR / "static" / "site.css").read_text()
        assert dict(re.findall(r"\.accent-(\w+) \{ --deep: (#\w+); --pale", css)) == GROUNDS
        assert set(GROUNDS) == set(Accent.values)

    def test_without_a_chinese_font_the_latin_title_stands_alone(self, settings):
        settings.CJK_FONT = "/nowhere.ttc"
        magazine = a_magazine(title_en="China State Finance")
        assert (
            drawn("题目", magazine, "刊")
            == drawn("另一个题目", magazine, "刊")
            != drawn("题目", a_magazine(), "刊")
        )
        assert drawn("题目", None, "社") == drawn("另一个题目", None, "社")

    def test_a_font_that_is_no_collection_serves_too(self, settings):
        settings.CJK_FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
        assert drawn("Title", None, "") != drawn("Another", None, "")

    def test_names_part_titles_and_magazines(self):
        names = {card_name(title, magazine) for title in ("一", "二") for magazine in (None, 1, 12)}
        assert len(names) == 6


class TestBreaking:
    @pytest.mark.parametrize(
        ("title", "lines"),
        [
            ("", []),
            ("短题目", ["短题目"]),
            ("一二三四五六七八九十甲乙", ["一二三四五六", "七八九十甲乙"]),
            ("要过在哪里：一个县的账本", ["要过在哪里：", "一个县的账本"]),
            ("一二三四五六七八九十，甲乙", ["一二三四五六", "七八九十，甲乙"]),
            ("一二三四五“六七”八九十", ["一二三四五", "“六七”八九十"]),
            ("关于 internationalisation 的", ["关于", "internationalisation", "的"]),
        ],
    )
    def test_in_even_lines_that_end_well(self, title, lines):
        assert broken(title, len, 10) == lines


class TestCommand:
    def run(self) -> list[str]:
        output = StringIO()
        call_command("draw_cards", stdout=output)
        return output.getvalue().splitlines()

    def test_draws_what_is_missing_and_shows_how_far_it_is(self, monkeypatch, media_root):
        monkeypatch.setattr("articles.management.commands.draw_cards.PROGRESS_ROWS", 2)
        a_publication(title="一", magazine=a_magazine())
        a_publication(title="二", starts_at=timezone.now() + timedelta(days=1))
        a_publication(title="三", cover=a_picture(), cover_alt="图")
        a_publication(title="四", ends_at=timezone.now() - timedelta(minutes=1))
        Publisher.objects.bulk_create([Publisher(pk=1, name="某社")])
        assert self.run() == ["2 articles, 2 cards drawn", "2 articles, 2 cards drawn: done"]
        assert len(cards(media_root)) == 3
        assert self.run()[-1] == "2 articles, 0 cards drawn: done"


@pytest.mark.parametrize(
    "title",
    [
        "预算",
        "先算大账、再算细账，逐项核清设备与用房",
        "国有资产管理" * 33,
        "A Study of Budgets " * 10,
    ],
)
def test_all_that_is_written_stands_in_the_square_that_wechat_cuts_out(title):
    white = (
        opened(drawn(title, None, "中国财政杂志社"))
        .convert("L")
        .point(lambda value: 255 * (value > 240))
    )
    left, _top, right, _bottom = white.getbbox()
    assert (1200 - 630) / 2 < left < right < (1200 + 630) / 2
