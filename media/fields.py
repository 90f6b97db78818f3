"""Model and form fields for pictures and PDF files. Stored names are random."""

from django import forms
from django.core.files.storage import default_storage
from django.db import models
from django.db.models.fields.files import FieldFile, ImageFieldFile
from django.utils import timezone

from media.renditions import make_renditions
from media.validation import CleanPicture, random_name, reencode_picture, validate_document

PICTURES = "pictures/%Y/%m/"
DOCUMENTS = "documents/%Y/%m/"


def store_picture(picture: CleanPicture) -> str:
    """Store a picture of a text with its renditions, and return its name in the storage."""
    folder = timezone.localtime().strftime(PICTURES)
    name = default_storage.save(folder + picture.name, picture)
    make_renditions(name)
    return name


class PictureFieldFile(ImageFieldFile):
    def save(self, name, content, save=True):
        # Every way to store a file ends here: forms, assignments, the shell.
        is_clean = isinstance(content, CleanPicture)
        picture = content if is_clean else reencode_picture(content)
        super().save(picture.name, picture, save=False)
        make_renditions(self.name)
        if save:
            self.instance.save()


class PictureFormField(forms.FileField):
    """Reencode the picture during validation, so that errors show beside the field."""

    def to_python(self, data):
        upload = super().to_python(data)
        return reencode_picture(upload) if upload else upload

    def widget_attrs(self, widget):
        accept = "image/jpeg,image/png,image/gif,image/webp"
        return {**super().widget_attrs(widget), "accept": accept}


class PictureField(models.ImageField):
    """Store only pictures that `reencode_picture` wrote, under random names."""

    attr_class = PictureFieldFile

    def __init__(self, *args, upload_to=PICTURES, **kwargs):
        super().__init__(*args, upload_to=upload_to, **kwargs)

    def formfield(self, **kwargs):
        # The uploaded name may have any length: it is not stored.
        options = {"form_class": PictureFormField, "max_length": None}
        return super().formfield(**{**kwargs, **options})


class DocumentFieldFile(FieldFile):
    def save(self, name, content, save=True):
        validate_document(content)
        super().save(random_name(".pdf"), content, save)


class DocumentFormField(forms.FileField):
    default_validators = [validate_document]

    def widget_attrs(self, widget):
        return {**super().widget_attrs(widget), "accept": "application/pdf"}


class DocumentField(models.FileField):
    """Store only PDF files, under random names."""

    attr_class = DocumentFieldFile

    def __init__(self, *args, upload_to=DOCUMENTS, **kwargs):
        super().__init__(*args, upload_to=upload_to, **kwargs)

    def formfield(self, **kwargs):
        options = {"form_class": DocumentFormField, "max_length": None}
        return super().formfield(**{**kwargs, **options})
