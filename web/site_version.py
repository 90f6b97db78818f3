"""The site version: it differs after every change of public content.

Public content changes when a row is written, and when the clock reaches an instant at which
something begins or ends to show. Caches store the version with each entry, and an entry is
invalid once the version differs.

See docs/decisions/0001-site-version-invalidates-every-cache.md and
docs/decisions/0050-session-cookie-and-method-choose-the-database.md.
"""

from datetime import datetime, timedelta
from datetime import time as time_of_day
from math import inf
from time import monotonic, time
from typing import Any, NamedTuple

from django.db import Error
from django.db.models import Count, Max, Min
from django.utils import timezone

from operations.routing import reading_from_replica
from web.models import ContentChange, content_changed, public_models

POLL_SECONDS = 0.5  # between two queries, also after a failed one
# Read counts change without a content change, so no cache entry is older than this.
MAX_AGE_SECONDS = 60


class SiteVersion(NamedTuple):
    """One version of the public site, valid until the instant `until` (seconds since 1970)."""

    changes: tuple[Any, ...]
    until: float

    @property
    def is_over(self) -> bool:
        # Called for every cached page: time() takes a tenth of timezone.now().
        return time() >= self.until


def next_instant(now: datetime) -> datetime:
    """Return the next instant at which the clock changes the site, midnight at the latest.

    Costs one index lookup for each field of `PublicModel.instants`.
    """
    # Issues come out on a day, and citations contain today's date.
    tomorrow = timezone.localdate(now) + timedelta(days=1)
    instants = [timezone.make_aware(datetime.combine(tomorrow, time_of_day.min))]
    for model in public_models:
        for field in model.instants:
            later = model._default_manager.filter(**{f"{field}__gt": now}).order_by(field)
            instant = later.values_list(field, flat=True).first()
            if instant:
                instants.append(instant)
    return min(instants)


class VersionTracker:
    """Hold the site version that this process read last."""

    def __init__(self) -> None:
        self.failed_at = -inf
        self.invalidate()

    def invalidate(self, **signal: Any) -> None:
        """Forget the version, so that the next request reads it again."""
        self.version: SiteVersion | None = None
        self.read_at = -inf

    # Readers' pages come from the replica, so their version must come from it too.
    @reading_from_replica()
    def refresh(self) -> None:
        """Read the version from the database. Raises django.db.Error."""
        begun = monotonic()
        now = timezone.now()
        try:
            counts = ContentChange.objects.aggregate(Count("pk"), Min("pk"), Max("pk"), Max("at"))
            changes = tuple(counts.values())
            version = self.version
            if version is None or version.changes != changes or now.timestamp() >= version.until:
                version = SiteVersion(changes, next_instant(now).timestamp())
        except Error:
            self.failed_at = begun
            raise
        if begun > self.read_at:
            self.read_at = begun
            self.version = version

    def is_due(self) -> bool:
        """Return whether the version must be read again."""
        now = monotonic()
        if now - self.failed_at < POLL_SECONDS:
            return False
        if self.version is None or self.version.is_over:
            return True
        return now - self.read_at >= POLL_SECONDS


version_tracker = VersionTracker()
content_changed.connect(version_tracker.invalidate)
