"""The changes of addresses, and how far each search engine has been notified of them.

See docs/decisions/0040-search-engines-are-notified-by-a-command.md.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import models
from django.utils import timezone

INITIAL_PERIOD = timedelta(days=1)  # of changes that a service gets at its first notification
OVERLAP = timedelta(minutes=10)  # that a publication may be committed later than it begins
LEASE = timedelta(minutes=10)
MAX_PAUSE = timedelta(hours=6)


class AddressChange(NamedTuple):
    """An address went live at an instant, or is gone since."""

    at: datetime
    path: str
    is_live: bool

    @property
    def key(self) -> str:
        return f"{self.at.isoformat()} {self.path}"


class PushCursor(models.Model):
    """How far a service has been notified. A process that sets `due_at` ahead owns the cursor.

    `reported` holds the keys of the changes of the last minutes before `until`, because a
    publication may be committed later than it begins.
    """

    service = models.CharField(max_length=20, primary_key=True)
    until = models.DateTimeField()
    reported = models.JSONField(default=dict, db_column="told")
    due_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "magazine_pushmark"

    def __str__(self) -> str:
        return self.service

    @classmethod
    def acquire(cls, service: str) -> "PushCursor | None":
        """Return the cursor of a service for this process alone.

        Returns None if another process has it, or if the service is to be left alone.
        """
        now = timezone.now()
        defaults = {"until": now - INITIAL_PERIOD, "due_at": now}
        cls.objects.get_or_create(service=service, defaults=defaults)
        is_free = cls.objects.filter(service=service, due_at__lte=now)
        if not is_free.update(due_at=now + LEASE):
            return None
        return cls.objects.get(service=service)

    @property
    def since(self) -> datetime:
        """Return the instant after which changes may be unreported."""
        return self.until - OVERLAP

    def has_reported(self, change: AddressChange) -> bool:
        return change.key in self.reported

    def advance(self, changes: list[AddressChange]) -> None:
        """Store that these changes have been reported; they are sorted by time."""
        self.until = max(self.until, changes[-1].at)
        reported = {}
        for key, at in self.reported.items():
            if datetime.fromisoformat(at) >= self.since:
                reported[key] = at
        for change in changes:
            if change.at >= self.since:
                reported[change.key] = change.at.isoformat()
        self.reported = reported
        self.failures = 0
        self.due_at = timezone.now() + LEASE
        self.save()

    def back_off(self) -> timedelta:
        """Release the cursor for later, twice as late after every failure."""
        pause = min(timedelta(minutes=2 ** min(self.failures, 10)), MAX_PAUSE)
        self.failures += 1
        self.due_at = timezone.now() + pause
        self.save()
        return pause

    def release(self) -> None:
        self.due_at = timezone.now()
        self.save()
