import re
from io import BytesIO, StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.template import Context, Template
from PIL import Image, ImageDraw

from media.fields import store_picture
from media.renditions import make_renditions, rendition_name, rendition_widths
from media.validation import reencode_picture
from tests.builders import a_magazine, a_page, a_picture, a_publication

HEX = "0123456789abcdef" * 2


def a_drawing(kind: str, mode: str = "RGB", size: tuple[int, int] = (1000, 500)) -> ContentFile:
    image = Image.new(mode, size, "white" if mode != "RGBA" else "#fff0")
    ImageDraw.Draw(image).ellipse([100, 100, 400, 400], "red" if mode != "L" else 100)
    content = BytesIO()
    image.save(content, kind)
    return ContentFile(content.getvalue(), "drawing")


def stored(media_root, **drawing) -> tuple[str, dict[int, Image.Image]]:
    """The name of a picture that was stored, and its renditions by their width."""
    name = store_picture(reencode_picture(a_drawing(**drawing)))
    found = {
        int(re.search(r"(\d+)\.webp$", path.name)[1]): path
        for path in media_root.rglob("*.*.*.webp")
    }
    return name, {
        width: Image.open(BytesIO(path.read_bytes())) for width, path in sorted(found.items())
    }


@pytest.mark.parametrize(
    ("size", "widths"),
    [
        ((30, 20), [30]),
        ((400, 300), [400]),
        ((1000, 500), [400, 800, 1000]),
        ((1600, 900), [400, 800, 1200, 1600]),
        ((7000, 5000), [400, 800, 1200, 1600]),
        ((1, 40_000_000), []),
        ((100, 20_000), []),
        ((40_000_000, 1), [400, 800, 1200, 1600]),
        ((1000, 40_000), [400]),
    ],
)
def test_none_is_larger_than_the_picture_or_than_webp_can_be(size, widths):
    assert rendition_widths(*size) == widths


@pytest.mark.parametrize(
    ("kind", "mode", "seen"),
    [
        ("JPEG", "RGB", "RGB"),
        ("JPEG", "L", "RGB"),
        ("PNG", "RGB", "RGB"),
        ("PNG", "RGBA", "RGBA"),
        ("WEBP", "RGB", "RGB"),
        ("GIF", "RGB", "RGB"),
    ],
)
def test_made_when_a_picture_is_stored(media_root, kind, mode, seen):
    _, renditions = stored(media_root, kind=kind, mode=mode)
    assert {width: image.size for width, image in renditions.items()} == {
        400: (400, 200),
        800: (800, 400),
        1000: (1000, 500),
    }
    for width, image in renditions.items():
        assert (image.format, image.mode) == ("WEBP", seen)
        middle = image.getpixel((width // 4, width // 4))
        assert middle[1] < 130
        assert middle != image.getpixel((width - 9, 9))


def test_a_chart_loses_nothing(media_root):
    name, renditions = stored(media_root, kind="PNG")
    with Image.open(media_root / name) as whole:
        assert renditions[1000].tobytes() == whole.tobytes()


def test_thinnest_picture_is_stored(media_root):
    _, renditions = stored(media_root, kind="PNG", size=(5000, 1))
    assert renditions[400].size == (400, 1)


def test_of_a_picture_that_tells_no_size_none_are_made():
    assert make_renditions("pictures/2026/11/picture.jpg") == 0


@pytest.mark.django_db
class TestPictureTag:
    def shown(self, file, **context) -> str:
        template = (
            '{% load media %}{% picture file class="cover" alt=alt sizes="12rem" first=first %}'
        )
        return Template(template).render(Context({"file": file, "alt": "“图” <1>", **context}))

    def test_tells_size_and_renditions(self, media_root):
        cover = a_magazine(cover=a_drawing("JPEG")).cover
        assert self.shown(cover) == (
            '<img alt="“图” &lt;1&gt;" class="cover" decoding="async" height="500" loading="lazy" sizes="auto, 12rem" '
            f'src="{cover.url}" srcset="{cover.url}.400.webp 400w, {cover.url}.800.webp 800w, '
            f'{cover.url}.1000.webp 1000w" width="1000">'
        )
        for width in (400, 800, 1000):
            assert (media_root / rendition_name(cover.name, width)).exists()

    def test_the_first_does_not_wait(self):
        shown = self.shown(a_magazine(cover=a_picture()).cover, first=True)
        assert 'fetchpriority="high"' in shown
        assert "lazy" not in shown

    def test_a_name_without_size(self):
        magazine = a_magazine()
        magazine.cover.name = "pictures/2020/01/old.jpg"
        assert self.shown(magazine.cover) == (
            '<img alt="“图” &lt;1&gt;" class="cover" decoding="async" loading="lazy" '
            'src="/media/pictures/2020/01/old.jpg">'
        )


@pytest.mark.django_db
class TestRichText:
    SRC = f"/media/pictures/2026/11/{HEX}-1000x500.jpg"

    def shown(self, client, html: str) -> list[str]:
        page = client.get(a_page(body=html).get_absolute_url()).content.decode()
        return re.findall(
            r"<img [^>]*>", page.partition('<div class="rich')[2].partition("<footer")[0]
        )

    def text(self, attributes: str, before: int = 400) -> str:
        return f"<p>{'字' * before}</p><p><img {attributes}></p>"

    def test_picture_gets_renditions_and_waits(self, client):
        (img,) = self.shown(client, self.text(f'src="{self.SRC}" alt="图"'))
        assert img == (
            f'<img src="{self.SRC}" width="1000" height="500" srcset="{self.SRC}.400.webp 400w, '
            f'{self.SRC}.800.webp 800w, {self.SRC}.1000.webp 1000w" '
            'sizes="auto, (max-width: 684px) 100vw, 684px" loading="lazy" decoding="async" alt="图">'
        )

    def test_size_is_the_editors(self, client):
        (img,) = self.shown(
            client,
            self.text(f'src="{self.SRC}" alt="a &gt; b &quot;c&quot;" width="300" height="150"'),
        )
        assert img.count("width=") == img.count("height=") == 1
        assert 'sizes="auto, (max-width: 300px) 100vw, 300px"' in img
        assert 'width="300" height="150"' in img

    @pytest.mark.parametrize("written", ['width="300"', 'height="150"'])
    def test_one_measure_gives_the_other(self, client, written):
        (img,) = self.shown(client, self.text(f'src="{self.SRC}" alt="" {written}'))
        assert ('width="300"' in img, 'height="150"' in img) == (True, True)

    def test_what_opens_the_text_does_not_wait(self, client):
        (img,) = self.shown(client, self.text(f'src="{self.SRC}" alt=""', before=1))
        assert "lazy" not in img
        assert 'sizes="(max-width: 684px) 100vw, 684px"' in img

    @pytest.mark.parametrize(
        "src", ["/static/police.svg", "/media/pictures/2020/01/old.jpg", f"/media/{HEX}-0x5.jpg"]
    )
    def test_other_pictures_wait_too_and_that_is_all(self, client, src):
        assert self.shown(client, self.text(f'src="{src}" alt="图" width="9"')) == [
            f'<img src="{src}" loading="lazy" decoding="async" alt="图" width="9">'
        ]

    def test_name_that_lies_about_its_size_does_no_harm(self, client):
        for size in ("1x99999999", "99999999x99999999", "16384x1", "123456789x1"):
            (img,) = self.shown(client, self.text(f'src="/media/pictures/{HEX}-{size}.png" alt=""'))
            assert img.count(".webp") <= 4

    def test_stored_text_stays_as_it_is(self, client):
        publication = a_publication(body=self.text(f'src="{self.SRC}" alt=""'))
        client.get(publication.get_absolute_url())
        publication.refresh_from_db()
        assert "srcset" not in publication.body


class TestCommand:
    def run(self) -> tuple[list[str], str]:
        said, failed = StringIO(), StringIO()
        call_command("make_renditions", stdout=said, stderr=failed)
        return said.getvalue().splitlines(), failed.getvalue()

    def test_makes_what_is_missing_and_shows_how_far_it_is(self, media_root, monkeypatch):
        monkeypatch.setattr("media.management.commands.make_renditions.PROGRESS_EVERY", 2)
        names = [store_picture(reencode_picture(a_drawing("JPEG"))) for _ in range(2)]
        (media_root / "pictures" / "old.jpg").write_bytes(b"")
        for path in media_root.rglob("*.webp"):
            path.unlink()
        assert self.run() == (
            ["2 pictures, 6 renditions made", "2 pictures, 6 renditions made: done"],
            "",
        )
        assert (media_root / rendition_name(names[0], 800)).exists()
        assert self.run()[0][-1] == "2 pictures, 0 renditions made: done"

    def test_a_broken_picture_is_named_and_passed_by(self, media_root):
        (media_root / "pictures").mkdir()
        (media_root / f"pictures/{HEX}-900x600.jpg").write_bytes(b"broken")
        said, failed = self.run()
        assert said == ["1 pictures, 0 renditions made: done"]
        assert failed.startswith(f"pictures/{HEX}-900x600.jpg: ")

    def test_an_empty_house(self):
        assert self.run() == (["0 pictures, 0 renditions made: done"], "")
