"""Model and form field for rich text: what is stored is always sanitized."""

from django import forms
from django.core.validators import MaxLengthValidator
from django.db import models

from richtext.sanitizer import MAX_LENGTH, CleanHTML, check_size, clean
from richtext.widgets import RichTextWidget


class RichTextFormField(forms.CharField):
    """Sanitize before validating, so that errors are about the text that would be stored."""

    widget = RichTextWidget

    def to_python(self, value):
        if isinstance(value, CleanHTML):
            return value
        check_size(value)
        return clean(super().to_python(value))


class RichTextField(models.TextField):
    """A TextField that sanitizes every write. Migrations see a plain TextField:
    docs/decisions/0022-rich-text-is-a-textfield-in-migrations.md.

    Only expressions that the database computes, and migrations' historical models, get past it.
    """

    def __init__(self, *args, max_length=MAX_LENGTH, **kwargs):
        super().__init__(*args, max_length=max_length, **kwargs)
        self.validators.append(MaxLengthValidator(max_length))

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, "django.db.models.TextField", args, kwargs

    def formfield(self, **kwargs):
        # The admin asks for its own textarea wherever there is a TextField.
        return super().formfield(
            **kwargs | {"form_class": RichTextFormField, "widget": RichTextWidget}
        )

    def clean(self, value, model_instance):
        return super().clean(_cleaned(value), model_instance)

    def pre_save(self, model_instance, add):
        value = _cleaned(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value

    def get_db_prep_save(self, value, connection):
        # QuerySet.update and bulk_create come only here. Drivers take nothing but true strings.
        value = _cleaned(value)
        return super().get_db_prep_save(
            str(value) if isinstance(value, CleanHTML) else value, connection
        )


def _cleaned(value):
    return clean(value) if isinstance(value, str) else value
