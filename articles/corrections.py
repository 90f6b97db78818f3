"""Corrections of published articles."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from magazine.validators import validate_day


class CorrectionKind(models.TextChoices):
    CORRECTION = "correction", pgettext_lazy("kind", "correction")
    ERRATUM = "erratum", pgettext_lazy("kind", "erratum")
    RETRACTION = "retraction", pgettext_lazy("kind", "retraction")


class Correctable(models.Model):
    """Content with an optional correction: kind, reason and date are all set, or none."""

    correction_kind = models.CharField(
        _("kind of correction"),
        max_length=20,
        choices=CorrectionKind,
        blank=True,
        help_text=_(
            "Stands above the text and as a mark in lists, in every version from the next "
            "publication on."
        ),
    )
    corrected_on = models.DateField(
        _("corrected on"), null=True, blank=True, validators=[validate_day]
    )
    correction_reason = models.TextField(
        _("what was wrong"),
        max_length=1000,
        blank=True,
        help_text=_("One or two sentences to readers."),
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(correction_kind="", corrected_on__isnull=True, correction_reason="")
                | (
                    ~Q(correction_kind="")
                    & Q(corrected_on__isnull=False)
                    & ~Q(correction_reason="")
                ),
                name="%(app_label)s_%(class)s_whole_correction",
                violation_error_code="half_a_correction",
                violation_error_message=_(
                    "A correction has a kind, a date and a reason, or none of them."
                ),
            ),
        ]

    @property
    def correction(self) -> str:
        """Return the correction in one line, or an empty string."""
        if not self.correction_kind:
            return ""
        return gettext("%(kind)s (%(day)s): %(reason)s") % {
            "kind": self.get_correction_kind_display(),
            "day": self.corrected_on.isoformat(),
            "reason": self.correction_reason,
        }
