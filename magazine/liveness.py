"""When the public may see a thing: the one rule, shared by publications and notices."""

from datetime import datetime, timedelta
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Who picks the current minute in a form means now, though some seconds of it are gone.
GRACE = timedelta(minutes=1)


def instant(at: datetime | None) -> datetime:
    """The instant `at` (now, unless given). Raises ValidationError if it has passed."""
    now = timezone.now()
    if at is not None and at < now - GRACE:
        raise ValidationError(_("This instant has passed. Leave it empty to publish at once."), code="in_the_past")
    return at or now


class TimedQuerySet(models.QuerySet):
    def live(self, at: datetime | None = None) -> Self:
        """What the public sees at the instant `at` (now, unless given): begun, and not yet ended."""
        at = at or timezone.now()
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), starts_at__lte=at)


class Timed(models.Model):
    """Seen by the public from `starts_at` until just before `ends_at`; equal instants mean never seen."""

    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True, help_text=_("Left empty, it has no end."))

    instants = ["starts_at", "ends_at"]  # at which the clock changes what readers see (magazine/freshness.py)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
                name="%(app_label)s_%(class)s_ends_after_start",
                violation_error_code="ends_before_start",
                violation_error_message=_("The end lies before the start."),
            ),
        ]

    def is_live(self, at: datetime | None = None) -> bool:
        """The twin of `TimedQuerySet.live` for a row at hand."""
        at = at or timezone.now()
        return self.starts_at is not None and self.starts_at <= at and (self.ends_at is None or at < self.ends_at)

    @property
    def is_scheduled(self) -> bool:
        return self.starts_at is not None and self.starts_at > timezone.now() and self.ends_at != self.starts_at
