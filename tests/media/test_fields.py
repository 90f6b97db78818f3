import re
import struct
import zipfile
import zlib
from datetime import date
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import modelform_factory
from PIL import Image, PngImagePlugin

from magazine.models import Issue, Magazine
from media.validation import (
    MAX_DOCUMENT_BYTES,
    MAX_PICTURE_BYTES,
    CleanPicture,
    reencode_picture,
    validate_document,
)

PDF = b"%PDF-1.7\n%%EOF\n"


def picture(mode="RGB", kind="PNG", size=(30, 20), colour=None, **options) -> bytes:
    content = BytesIO()
    Image.new(mode, size, colour or 0).save(content, kind, **options)
    return content.getvalue()


def upload(content: bytes, name: str = "图.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def refusal_code(content: bytes, name: str = "图.png") -> str:
    with pytest.raises(ValidationError) as caught:
        reencode_picture(upload(content, name))
    return caught.value.code


def open_picture(clean: CleanPicture) -> Image.Image:
    return Image.open(BytesIO(clean.read()))


@pytest.mark.parametrize(
    ("mode", "kind", "extension", "stored_mode"),
    [
        ("RGB", "JPEG", "jpg", "RGB"),
        ("L", "JPEG", "jpg", "L"),
        ("CMYK", "JPEG", "jpg", "RGB"),
        ("1", "PNG", "png", "L"),
        ("P", "PNG", "png", "RGB"),
        ("LA", "PNG", "png", "RGBA"),
        ("RGBA", "PNG", "png", "RGBA"),
        ("P", "GIF", "png", "RGB"),
        ("RGB", "WEBP", "webp", "RGB"),
        ("RGBA", "WEBP", "webp", "RGBA"),
    ],
)
def test_reencode_picture_draws_it_anew_under_a_random_name(mode, kind, extension, stored_mode):
    clean = reencode_picture(upload(picture(mode, kind), "照片.exe"))
    assert re.fullmatch(rf"[0-9a-f]{{32}}-30x20\.{extension}", clean.name)
    assert (clean.width, clean.height) == open_picture(clean).size == (30, 20)
    assert open_picture(reencode_picture(upload(picture(mode, kind)))).mode == stored_mode


def test_reencode_picture_converts_sixteen_bit_greys():
    image = Image.new("I;16", (2, 1))
    image.putpixel((0, 0), 65535)
    image.putpixel((1, 0), 32768)
    content = BytesIO()
    image.save(content, "PNG")
    stored = open_picture(reencode_picture(upload(content.getvalue())))
    assert [stored.getpixel((x, 0)) for x in range(2)] == [255, 128]


def test_reencode_picture_drops_everything_but_pixels():
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif[0x0112] = 6
    secrets = {
        "exif": exif.tobytes(),
        "comment": b"SecretComment",
        "icc_profile": b"SecretProfile",
        "xmp": b"SecretXMP",
    }
    content = picture("RGB", "JPEG", **secrets)
    assert content.count(b"Secret") == 4
    clean = reencode_picture(upload(content))
    assert b"Secret" not in clean.read()
    assert (clean.width, clean.height) == (20, 30)


def test_reencode_picture_drops_text_in_a_png():
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "SecretText")
    text.add_itxt("XML:com.adobe.xmp", "SecretXMP")
    content = picture(pnginfo=text, icc_profile=b"SecretProfile")
    assert b"SecretText" in content
    assert b"Secret" not in reencode_picture(upload(content)).read()


def test_reencode_picture_preserves_transparency_of_a_palette():
    clean = reencode_picture(upload(picture("P", "GIF", transparency=0)))
    assert open_picture(clean).getpixel((0, 0))[3] == 0


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_reencode_picture_reduces_an_animation_to_its_first_frame(kind):
    frames = [Image.new("RGB", (30, 20), colour) for colour in ["red", "green", "blue"]]
    content = BytesIO()
    frames[0].save(content, kind, save_all=True, append_images=frames[1:], lossless=True)
    still = open_picture(reencode_picture(upload(content.getvalue())))
    assert not getattr(still, "is_animated", False)
    red, green, blue = still.convert("RGB").getpixel((5, 5))
    assert (red > 240, green < 15, blue < 15) == (True, True, True)


def zipped() -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.html", "<script>alert(1)</script>")
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        picture("P", "GIF") + b"/*<script>alert(1)</script>*/",
        picture("P", "GIF", comment=b"<script>alert(1)</script>"),
        picture("RGB", "JPEG") + zipped(),
        picture("RGB", "JPEG", comment=b"<script>alert(1)</script>"),
        picture() + b"<?php system('<script>') ?>",
    ],
)
def test_reencode_picture_removes_payloads_of_polyglots(content):
    cleaned = reencode_picture(upload(content)).read()
    assert b"script" not in cleaned
    assert b"PK\x03\x04" not in cleaned


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html><script>alert(1)</script></html>",
        b"GIF89a/*<script>alert(1)</script>*/",
        b"\x89PNG\r\n\x1a\n<script>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        PDF,
        picture("RGB", "BMP"),
        picture("RGB", "TIFF"),
        picture("RGB", "ICO", size=(32, 32)),
    ],
)
def test_reencode_picture_refuses_other_files_by_content(content):
    assert refusal_code(content) == "not_a_picture"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_reencode_picture_refuses_truncated_pictures(kind):
    content = BytesIO()
    Image.effect_noise((200, 200), 80).convert("RGB").save(content, kind)
    assert refusal_code(content.getvalue()[: len(content.getvalue()) // 2]) == "not_a_picture"


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of some kilobytes that unpacks to width x height."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    pixels = zlib.compress(bytes((width + 7) // 8 + 1) * height, 9)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(10_000, 5_000), (10_000, 10_000), (20_000, 20_000)])
def test_reencode_picture_refuses_bombs_unopened(size):
    content = bomb(*size)
    assert len(content) < 100_000
    assert refusal_code(content) == "too_many_pixels"


def test_reencode_picture_counts_bytes_first():
    assert refusal_code(picture() + bytes(MAX_PICTURE_BYTES)) == "too_large"


@pytest.fixture
def magazine(db) -> Magazine:
    return Magazine.objects.create(title="刊", slug="kan")


class TestPictureField:
    def test_picture_field_reencodes_assigned_files(self, magazine, media_root):
        magazine.cover = ContentFile(picture("RGB", "JPEG"), "封面.php")
        magazine.save()
        assert re.fullmatch(r"pictures/\d{4}/\d\d/[0-9a-f]{32}-30x20\.jpg", magazine.cover.name)
        assert (media_root / magazine.cover.name).read_bytes().startswith(b"\xff\xd8")
        assert (magazine.cover.width, magazine.cover.height) == (30, 20)

    def test_picture_field_reencodes_files_saved_by_the_storage_api(self, magazine):
        magazine.cover.save("封面.svg", ContentFile(picture() + b"<script>"))
        with Magazine.objects.get().cover.open() as stored:
            assert b"<script>" not in stored.read()
        with pytest.raises(ValidationError):
            magazine.cover.save("封面.png", ContentFile(b"<svg/>"))

    def test_picture_field_leaves_stored_pictures_unchanged(self, magazine, media_root):
        magazine.cover.save("a.png", ContentFile(picture()))
        name, files = magazine.cover.name, sorted(media_root.rglob("*"))
        magazine.save()
        Magazine.objects.get().save()
        assert Magazine.objects.get().cover.name == name
        assert sorted(media_root.rglob("*")) == files

    def test_picture_field_in_a_form(self, magazine):
        form_class = modelform_factory(Magazine, fields=["cover"])
        form = form_class(
            {}, {"cover": upload(picture("RGB", "JPEG"), "很" * 200 + ".png")}, instance=magazine
        )
        assert form.is_valid()
        assert isinstance(form.cleaned_data["cover"], CleanPicture)
        form.save()
        assert Magazine.objects.get().cover.name.endswith(".jpg")
        form = form_class({}, {"cover": upload(b"<svg/>", "a.png")}, instance=magazine)
        assert form.errors.as_data()["cover"][0].code == "not_a_picture"
        assert form_class({}, {}, instance=Magazine.objects.get()).is_valid()
        assert 'accept="image/jpeg,image/png,image/gif,image/webp"' in str(form["cover"])


class TestDocumentField:
    @pytest.mark.parametrize(
        ("content", "name", "code"),
        [
            (b"<html>", "刊.pdf", "not_a_pdf"),
            (b"", "刊.pdf", "not_a_pdf"),
            (b" " + PDF, "刊.pdf", "not_a_pdf"),
            (PDF, "刊.html", "wrong_extension"),
            (PDF, "刊.pdf.html", "wrong_extension"),
        ],
    )
    def test_document_field_refuses(self, content, name, code):
        with pytest.raises(ValidationError) as caught:
            validate_document(upload(content, name))
        assert caught.value.code == code

    def test_document_field_refuses_large_files(self):
        document = upload(PDF, "刊.pdf")
        document.size = MAX_DOCUMENT_BYTES + 1
        with pytest.raises(ValidationError) as caught:
            validate_document(document)
        assert caught.value.code == "too_large"

    def test_document_field_stores_under_a_random_name(self, magazine):
        issue = Issue.objects.create(
            magazine=magazine, year=2026, number=1, published_on=date(2026, 1, 5)
        )
        issue.pdf.save("第1期.PDF", ContentFile(PDF, "第1期.PDF"))
        assert re.fullmatch(r"documents/\d{4}/\d\d/[0-9a-f]{32}\.pdf", issue.pdf.name)
        with Issue.objects.get().pdf.open() as stored:
            assert stored.read() == PDF
        issue.pdf = ContentFile(b"<html>", "a.pdf")
        with pytest.raises(ValidationError):
            issue.save()

    def test_document_field_in_a_form(self, magazine):
        form_class = modelform_factory(Issue, fields=["pdf"])
        issue = Issue(magazine=magazine, year=2026, number=1)
        assert (
            form_class({}, {"pdf": upload(b"<html>", "a.pdf")}).errors.as_data()["pdf"][0].code
            == "not_a_pdf"
        )
        form = form_class({}, {"pdf": upload(PDF, "很" * 200 + ".pdf")}, instance=issue)
        assert form.is_valid()
        with form.save().pdf.open() as stored:
            assert stored.read() == PDF
        assert 'accept="application/pdf"' in str(form["pdf"])
