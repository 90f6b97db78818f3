"""Visibility: the one rule that decides when the public sees a row."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone


class TimeBoundedQuerySet(models.QuerySet):
    def live(self, at: datetime | None = None) -> Self:
        """Return the rows that the public sees at the instant `at` (default: now)."""
        at = at or timezone.now()
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), starts_at__lte=at)
