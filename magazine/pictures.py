"""Pictures and documents from outside: what they are is found by reading them, not by their names."""

import secrets
from io import BytesIO

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import models
from django.db.models.fields.files import FieldFile, ImageFieldFile
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from magazine.renditions import make_renditions

MAX_PICTURE_BYTES = 10 * 1024 * 1024
MAX_PICTURE_PIXELS = 40_000_000
MAX_DOCUMENT_BYTES = 100 * 1024 * 1024

PICTURES = "pictures/%Y/%m/"
DOCUMENTS = "documents/%Y/%m/"

# What each kind of picture is stored as, and how.
STORED_AS = {
    "JPEG": ("JPEG", "jpg", {"quality": 90, "optimize": True, "progressive": True}),
    # Not optimized: that takes a minute for a large picture of noise, and makes it larger.
    "PNG": ("PNG", "png", {}),
    "GIF": ("PNG", "png", {}),
    # Method 4, the default, takes 11 seconds for 40 million pixels; 2 takes two.
    "WEBP": ("WEBP", "webp", {"quality": 90, "method": 2}),
}


class CleanPicture(ContentFile):
    """A picture that `reencode` has written."""

    def __init__(self, content: bytes, name: str, width: int, height: int):
        super().__init__(content, name)
        self.width = width
        self.height = height


def reencode(upload: File) -> CleanPicture:
    """The upload drawn anew: nothing of the file is kept but its pixels, turned as its EXIF says.

    Of an animation the first frame remains; a GIF becomes a PNG.
    Raises ValidationError: too_large, too_many_pixels, not_a_picture.
    """
    _refuse_larger(upload, MAX_PICTURE_BYTES)
    too_many = ValidationError(
        _("The picture has more than 40 million pixels: make it smaller."), code="too_many_pixels"
    )
    upload.seek(0)
    try:
        with Image.open(upload, formats=list(STORED_AS)) as image:
            # Known from the file's head: nothing has been unpacked so far.
            if image.width * image.height > MAX_PICTURE_PIXELS:
                raise too_many
            image.load()
            content, name, size = _drawn(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise too_many from None
    except ValidationError:
        raise
    except Exception as error:  # Pillow's decoders raise whatever a broken file leads them to
        message = _("This is not a picture we can read: JPEG, PNG, GIF and WebP are.")
        raise ValidationError(message, code="not_a_picture") from error
    return CleanPicture(content, name, *size)


def _drawn(image: Image.Image) -> tuple[bytes, str, tuple[int, int]]:
    # MPO is what cameras write: a JPEG with further pictures behind it.
    stored_as, extension, options = STORED_AS["JPEG" if image.format == "MPO" else image.format]
    if image.mode.startswith("I"):
        image = image.point(lambda value: value / 256).convert("L")
    ImageOps.exif_transpose(image, in_place=True)
    transparent = image.has_transparency_data and stored_as != "JPEG"
    picture = image.convert("RGBA" if transparent else "L" if image.mode in {"1", "L"} else "RGB")
    # Pillow would write comments, XMP and colour profiles it finds here.
    picture.info = {}
    content = BytesIO()
    picture.save(content, stored_as, **options)
    # Its size in its name, so that pages can tell it without opening the file.
    return content.getvalue(), _random_name("-{}x{}.{}".format(*picture.size, extension)), picture.size


def _random_name(ending: str) -> str:
    return f"{secrets.token_hex(16)}{ending}"


def store(picture: CleanPicture) -> str:
    """Store a picture for a text, with its renditions; answers its name."""
    name = default_storage.save(timezone.localtime().strftime(PICTURES) + picture.name, picture)
    make_renditions(name)
    return name


def _refuse_larger(upload: File, limit: int) -> None:
    if upload.size > limit:
        message = _("The file is larger than %(limit)s.")
        raise ValidationError(message, code="too_large", params={"limit": filesizeformat(limit)})


class PictureFieldFile(ImageFieldFile):
    def save(self, name, content, save=True):
        # Every way to store a file ends here: forms, assignments, calls from the shell.
        picture = content if isinstance(content, CleanPicture) else reencode(content)
        super().save(picture.name, picture, save=False)
        make_renditions(self.name)
        if save:
            self.instance.save()


class PictureFormField(forms.FileField):
    """Draws the picture anew while validating, so that what is wrong with it shows at the field."""

    def to_python(self, data):
        upload = super().to_python(data)
        return upload and reencode(upload)

    def widget_attrs(self, widget):
        return {**super().widget_attrs(widget), "accept": "image/jpeg,image/png,image/gif,image/webp"}


class PictureField(models.ImageField):
    """Stores nothing but pictures `reencode` has written, under random names."""

    attr_class = PictureFieldFile

    def __init__(self, *args, upload_to=PICTURES, **kwargs):
        super().__init__(*args, upload_to=upload_to, **kwargs)

    def formfield(self, **kwargs):
        # The name an upload came with may be as long as it likes: it is not kept.
        return super().formfield(**kwargs | {"form_class": PictureFormField, "max_length": None})


def check_document(upload: File) -> None:
    """Raises ValidationError: too_large, wrong_extension, not_a_pdf."""
    _refuse_larger(upload, MAX_DOCUMENT_BYTES)
    if not upload.name.lower().endswith(".pdf"):
        raise ValidationError(_("The file's name must end in .pdf."), code="wrong_extension")
    upload.seek(0)
    head = upload.read(5)
    upload.seek(0)
    if head != b"%PDF-":
        raise ValidationError(_("This is not a PDF file, whatever its name says."), code="not_a_pdf")


class DocumentFieldFile(FieldFile):
    def save(self, name, content, save=True):
        check_document(content)
        super().save(_random_name(".pdf"), content, save)


class DocumentFormField(forms.FileField):
    default_validators = [check_document]

    def widget_attrs(self, widget):
        return {**super().widget_attrs(widget), "accept": "application/pdf"}


class DocumentField(models.FileField):
    """Stores PDF files only, under random names."""

    attr_class = DocumentFieldFile

    def __init__(self, *args, upload_to=DOCUMENTS, **kwargs):
        super().__init__(*args, upload_to=upload_to, **kwargs)

    def formfield(self, **kwargs):
        return super().formfield(**kwargs | {"form_class": DocumentFormField, "max_length": None})
