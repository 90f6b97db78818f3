"""Abstract models that all content shares.

See docs/decisions/0015-saving-is-guarded-by-the-time-of-opening.md.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# An editor who picks the current minute in a form means now, though it began seconds ago.
GRACE = timedelta(minutes=1)


def future_instant(at: datetime | None) -> datetime:
    """Return the instant `at` (default: now). Raises ValidationError if it has passed."""
    now = timezone.now()
    if at is None:
        return now
    if at < now - GRACE:
        raise ValidationError(
            _("This time has passed. Leave it empty to publish at once."), code="in_the_past"
        )
    return at


class TimeBounded(models.Model):
    """A row that the public sees from `starts_at` until just before `ends_at`.

    Equal instants mean that it was never visible.
    """

    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(
        _("ends"), null=True, blank=True, help_text=_("Leave it empty for no end.")
    )

    # Fields with the instants at which the clock changes public pages: PublicModel.instants.
    instants = ["starts_at", "ends_at"]

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
                name="%(app_label)s_%(class)s_ends_after_start",
                violation_error_code="ends_before_start",
                violation_error_message=_("The end is before the start."),
            ),
        ]

    def is_live(self, at: datetime | None = None) -> bool:
        """Apply the rule of `TimeBoundedQuerySet.live` to this row."""
        at = at or timezone.now()
        if self.starts_at is None or self.starts_at > at:
            return False
        return self.ends_at is None or at < self.ends_at

    @property
    def is_scheduled(self) -> bool:
        if self.starts_at is None or self.ends_at == self.starts_at:
            return False
        return self.starts_at > timezone.now()


class EditTracked(models.Model):
    """Record who saved a row last and when: forms refuse to overwrite a newer save."""

    updated_at = models.DateTimeField(_("last saved"), auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("last saved by"),
    )

    class Meta:
        abstract = True
