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


def store(media_root, **drawing) -> tuple[str, dict[int, Image.Image]]:
    """Store a drawing; return its name, and its renditions by width."""
    name = store_picture(reencode_picture(a_drawing(**drawing)))
    paths = {
        int(re.search(r"(\d+)\.webp$", path.name)[1]): path
        for path in media_root.rglob("*.*.*.webp")
    }
    return name, {
        width: Image.open(BytesIO(path.read_bytes())) for width, path in sorted(paths.items())
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
def test_rendition_widths_do_not_exceed_the_picture_or_webp(size, widths):
    assert rendition_widths(*size) == widths


@pytest.mark.parametrize(
    ("kind", "mode", "rendition_mode"),
    [
        ("JPEG", "RGB", "RGB"),
        ("JPEG", "L", "RGB"),
        ("PNG", "RGB", "RGB"),
        ("PNG", "RGBA", "RGBA"),
        ("WEBP", "RGB", "RGB"),
        ("GIF", "RGB", "RGB"),
    ],
)
def test_renditions_are_made_when_a_picture_is_stored(media_root, kind, mode, rendition_mode):
    _, renditions = store(media_root, kind=kind, mode=mode)
    assert {width: image.size for width, image in renditions.items()} == {
        400: (400, 200),
        800: (800, 400),
        1000: (1000, 500),
    }
    for width, image in renditions.items():
        assert (image.format, image.mode) == ("WEBP", rendition_mode)
        middle = image.getpixel((width // 4, width // 4))
        assert middle[1] < 130
        assert middle != image.getpixel((width - 9, 9))


def test_renditions_of_a_chart_are_lossless(media_root):
    name, renditions = store(media_root, kind="PNG")
    with Image.open(media_root / name) as whole:
        assert renditions[1000].tobytes() == whole.tobytes()


def test_renditions_of_the_thinnest_picture(media_root):
    _, renditions = store(media_root, kind="PNG", size=(5000, 1))
    assert renditions[400].size == (400, 1)


def test_make_renditions_needs_a_size_in_the_name():
    assert make_renditions("pictures/2026/11/picture.jpg") == 0


@pytest.mark.django_db
class TestPictureTag:
    def render(self, file, **context) -> str:
        template = (
            '{% load media %}{% picture file class="cover" alt=alt sizes="12rem" first=first %}'
        )
        return Template(template).render(Context({"file": file, "alt": "“图” <1>", **context}))

    def test_picture_tag_gives_size_and_renditions(self, media_root):
        cover = a_magazine(cover=a_drawing("JPEG")).cover
        assert self.render(cover) == (
            '<img alt="“图” &lt;1&gt;" class="cover" decoding="async" height="500" loading="lazy" '
            'sizes="auto, 12rem" '
            f'src="{cover.url}" srcset="{cover.url}.400.webp 400w, {cover.url}.800.webp 800w, '
            f'{cover.url}.1000.webp 1000w" width="1000">'
        )
        for width in (400, 800, 1000):
            assert (media_root / rendition_name(cover.name, width)).exists()

    def test_picture_tag_does_not_delay_the_first(self):
        html = self.render(a_magazine(cover=a_picture()).cover, first=True)
        assert 'fetchpriority="high"' in html
        assert "lazy" not in html

    def test_picture_tag_accepts_a_name_without_size(self):
        magazine = a_magazine()
        magazine.cover.name = "pictures/2020/01/old.jpg"
        assert self.render(magazine.cover) == (
            '<img alt="“图” &lt;1&gt;" class="cover" decoding="async" loading="lazy" '
            'src="/media/pictures/2020/01/old.jpg">'
        )


@pytest.mark.django_db
class TestRichText:
    SRC = f"/media/pictures/2026/11/{HEX}-1000x500.jpg"

    def pictures(self, client, html: str) -> list[str]:
        page = client.get(a_page(body=html).get_absolute_url()).content.decode()
        return re.findall(
            r"<img [^>]*>", page.partition('<div class="rich')[2].partition("<footer")[0]
        )

    def text(self, attributes: str, before: int = 400) -> str:
        return f"<p>{'字' * before}</p><p><img {attributes}></p>"

    def test_rich_text_picture_gets_renditions_and_lazy_loading(self, client):
        (img,) = self.pictures(client, self.text(f'src="{self.SRC}" alt="图"'))
        assert img == (
            f'<img src="{self.SRC}" width="1000" height="500" srcset="{self.SRC}.400.webp 400w, '
            f'{self.SRC}.800.webp 800w, {self.SRC}.1000.webp 1000w" '
            'sizes="auto, (max-width: 684px) 100vw, 684px" '
            'loading="lazy" decoding="async" alt="图">'
        )

    def test_rich_text_picture_keeps_the_size_of_the_editor(self, client):
        (img,) = self.pictures(
            client,
            self.text(f'src="{self.SRC}" alt="a &gt; b &quot;c&quot;" width="300" height="150"'),
        )
        assert img.count("width=") == img.count("height=") == 1
        assert 'sizes="auto, (max-width: 300px) 100vw, 300px"' in img
        assert 'width="300" height="150"' in img

    @pytest.mark.parametrize("written", ['width="300"', 'height="150"'])
    def test_rich_text_picture_gets_the_missing_dimension(self, client, written):
        (img,) = self.pictures(client, self.text(f'src="{self.SRC}" alt="" {written}'))
        assert ('width="300"' in img, 'height="150"' in img) == (True, True)

    def test_rich_text_picture_at_the_start_is_not_lazy(self, client):
        (img,) = self.pictures(client, self.text(f'src="{self.SRC}" alt=""', before=1))
        assert "lazy" not in img
        assert 'sizes="(max-width: 684px) 100vw, 684px"' in img

    @pytest.mark.parametrize(
        "src", ["/static/police.svg", "/media/pictures/2020/01/old.jpg", f"/media/{HEX}-0x5.jpg"]
    )
    def test_rich_text_picture_without_renditions_is_only_lazy(self, client, src):
        assert self.pictures(client, self.text(f'src="{src}" alt="图" width="9"')) == [
            f'<img src="{src}" loading="lazy" decoding="async" alt="图" width="9">'
        ]

    def test_rich_text_picture_with_a_false_size_does_no_harm(self, client):
        for size in ("1x99999999", "99999999x99999999", "16384x1", "123456789x1"):
            (img,) = self.pictures(
                client, self.text(f'src="/media/pictures/{HEX}-{size}.png" alt=""')
            )
            assert img.count(".webp") <= 4

    def test_rich_text_is_stored_without_renditions(self, client):
        publication = a_publication(body=self.text(f'src="{self.SRC}" alt=""'))
        client.get(publication.get_absolute_url())
        publication.refresh_from_db()
        assert "srcset" not in publication.body


class TestMakeRenditions:
    def run(self) -> tuple[list[str], str]:
        output = StringIO()
        errors = StringIO()
        call_command("make_renditions", stdout=output, stderr=errors)
        return output.getvalue().splitlines(), errors.getvalue()

    def test_command_makes_missing_renditions_and_reports_progress(self, media_root, monkeypatch):
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

    def test_command_reports_and_skips_a_broken_picture(self, media_root):
        (media_root / "pictures").mkdir()
        (media_root / f"pictures/{HEX}-900x600.jpg").write_bytes(b"broken")
        lines, errors = self.run()
        assert lines == ["1 pictures, 0 renditions made: done"]
        assert errors.startswith(f"pictures/{HEX}-900x600.jpg: ")

    def test_command_without_pictures(self):
        assert self.run() == (["0 pictures, 0 renditions made: done"], "")
