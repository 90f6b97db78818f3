"""Forms that all admin pages of content share."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext_lazy as _


def is_primary_key(value: str) -> bool:
    """Return whether a string is a primary key that fits a database column."""
    return re.fullmatch(r"[0-9]{1,18}", value) is not None


class GuardedForm(forms.ModelForm):
    """Refuse to overwrite a save made after the form was opened, unless sent a second time.

    See docs/decisions/0015-saving-is-guarded-by-the-time-of-opening.md.
    """

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["seen"].initial = self.instance.updated_at.isoformat()

    def clean(self) -> None:
        super().clean()
        if self.instance.pk is None:
            return
        rows = type(self.instance)._default_manager.select_for_update()
        saved = rows.get(pk=self.instance.pk)
        saved_at = saved.updated_at.isoformat()
        if self.cleaned_data.get("seen") == saved_at:
            return
        data: Any = self.data
        data = data.copy()
        data[self.add_prefix("seen")] = saved_at
        self.data = data
        raise ValidationError(
            _(
                "%(name)s saved this at %(time)s, after you opened it. Your text is not lost: "
                "it is still in the form below. Open the page in a second window to compare. "
                "Saving again replaces the other version with yours."
            ),
            code="saved_meanwhile",
            params={
                "name": saved.updated_by or _("Somebody"),
                "time": localize(timezone.localtime(saved.updated_at)),
            },
        )
