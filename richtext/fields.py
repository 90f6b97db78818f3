"""Model and form fields for rich text. A stored value is always sanitized."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from richtext.sanitizer import MAX_LENGTH, CleanHTML, check_size, clean
from richtext.widgets import RichTextWidget

if TYPE_CHECKING:
    TextField = models.TextField[Any, Any]
else:
    TextField = models.TextField


class RichTextFormField(forms.CharField):
    """Sanitize before validating, so that errors are about the text that would be stored."""

    widget = RichTextWidget

    def to_python(self, value: str | None) -> CleanHTML:
        if isinstance(value, CleanHTML):
            return value
        check_size(value)
        text: str = super().to_python(value) or ""
        return clean(text)


class RichTextField(TextField):
    """A TextField that sanitizes every value before it is stored.

    Two kinds of writes are not sanitized: expressions that the database evaluates, and models in
    migrations, where the field is a plain TextField. See
    docs/decisions/0022-rich-text-is-a-textfield-in-migrations.md.
    """

    def __init__(self, *args: Any, max_length: int = MAX_LENGTH, **kwargs: Any) -> None:
        kwargs["max_length"] = max_length
        super().__init__(*args, **kwargs)
        self.validators.append(MaxLengthValidator(max_length))

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, _path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, "django.db.models.TextField", list(args), dict(kwargs)

    def formfield(self, **kwargs: Any) -> Any:
        # The admin passes its own textarea for every TextField.
        kwargs["form_class"] = RichTextFormField
        kwargs["widget"] = RichTextWidget
        return super().formfield(**kwargs)

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        return super().clean(_sanitize(value), model_instance)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = _sanitize(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        # The only method that QuerySet.update and bulk_create call.
        value = _sanitize(value)
        if isinstance(value, CleanHTML):
            value = str(value)  # database drivers refuse subclasses of str
        return super().get_db_prep_save(value, connection)


def _sanitize(value: Any) -> Any:
    """Sanitize a string; return expressions and None unchanged."""
    return clean(value) if isinstance(value, str) else value
