"""Validation of uploads: the type of a file is read from its content, never from its name."""

import secrets
from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

MAX_PICTURE_BYTES = 10 * 1024 * 1024
MAX_PICTURE_PIXELS = 40_000_000
MAX_DOCUMENT_BYTES = 100 * 1024 * 1024

# For each format that is read: the format that is stored, its extension, the encoder's options.
STORED_AS = {
    "JPEG": ("JPEG", "jpg", {"quality": 90, "optimize": True, "progressive": True}),
    # Not optimized: that takes a minute for a large picture of noise, and makes it larger.
    "PNG": ("PNG", "png", {}),
    "GIF": ("PNG", "png", {}),
    # Method 4, the default, takes 11 seconds for 40 million pixels; 2 takes two.
    "WEBP": ("WEBP", "webp", {"quality": 90, "method": 2}),
}


class CleanPicture(ContentFile):
    """A picture that `reencode_picture` returned. Width and height are in pixels."""

    def __init__(self, content: bytes, name: str, width: int, height: int):
        super().__init__(content, name)
        self.width = width
        self.height = height


def reencode_picture(upload: File) -> CleanPicture:
    """Decode `upload` and encode its pixels anew, so that nothing else of the file remains.

    Applies the EXIF orientation. Keeps the first frame of an animation; stores a GIF as PNG.
    Raises ValidationError: too_large, too_many_pixels, not_a_picture.
    """
    _validate_size(upload, MAX_PICTURE_BYTES)
    too_many_pixels = ValidationError(
        _("The picture has more than 40 million pixels: make it smaller."), code="too_many_pixels"
    )
    upload.seek(0)
    try:
        with Image.open(upload, formats=list(STORED_AS)) as image:
            # The header gives the size: nothing has been decompressed so far.
            if image.width * image.height > MAX_PICTURE_PIXELS:
                raise too_many_pixels
            image.load()
            return _encode(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise too_many_pixels from None
    except ValidationError:
        raise
    except Exception as error:  # Pillow's decoders raise anything for a broken file
        message = _("This is not a picture we can read: JPEG, PNG, GIF and WebP are.")
        raise ValidationError(message, code="not_a_picture") from error


def _encode(image: Image.Image) -> CleanPicture:
    # Cameras write MPO: a JPEG followed by further pictures.
    source_format = "JPEG" if image.format == "MPO" else image.format
    stored_format, extension, options = STORED_AS[source_format]
    if image.mode.startswith("I"):
        image = image.point(lambda value: value / 256).convert("L")
    ImageOps.exif_transpose(image, in_place=True)
    picture = image.convert(_stored_mode(image, stored_format))
    # Pillow would write comments, XMP and colour profiles it finds here.
    picture.info = {}
    content = BytesIO()
    picture.save(content, stored_format, **options)
    # The name contains the size, so that pages know it without opening the file.
    name = random_name(f"-{picture.width}x{picture.height}.{extension}")
    return CleanPicture(content.getvalue(), name, picture.width, picture.height)


def _stored_mode(image: Image.Image, stored_format: str) -> str:
    if image.has_transparency_data and stored_format != "JPEG":
        return "RGBA"
    return "L" if image.mode in {"1", "L"} else "RGB"


def random_name(suffix: str) -> str:
    return f"{secrets.token_hex(16)}{suffix}"


def validate_document(upload: File) -> None:
    """Raise ValidationError unless `upload` is a PDF: too_large, wrong_extension, not_a_pdf."""
    _validate_size(upload, MAX_DOCUMENT_BYTES)
    if not upload.name.lower().endswith(".pdf"):
        raise ValidationError(_("The file's name must end in .pdf."), code="wrong_extension")
    upload.seek(0)
    head = upload.read(5)
    upload.seek(0)
    if head != b"%PDF-":
        raise ValidationError(
            _("This is not a PDF file, whatever its name says."), code="not_a_pdf"
        )


def _validate_size(upload: File, max_bytes: int) -> None:
    if upload.size > max_bytes:
        raise ValidationError(
            _("The file is larger than %(limit)s."),
            code="too_large",
            params={"limit": filesizeformat(max_bytes)},
        )
