"""What changed at an address and when, and how far search engines have been told of it."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import models
from django.utils import timezone

FIRST_TOLD = timedelta(days=1)  # how far back a service is told that has never been told anything
SETTLING = timedelta(minutes=10)  # how much later than it begins a publication may be committed
LEASE = timedelta(minutes=10)
LONGEST_PAUSE = timedelta(hours=6)


class Change(NamedTuple):
    """That an address went live, or that nothing stands there any more."""

    at: datetime
    path: str
    is_live: bool

    @property
    def name(self) -> str:
        return f"{self.at.isoformat()} {self.path}"


class PushMark(models.Model):
    """How far a service has been told. Whoever sets `due_at` ahead has the mark to itself until then."""

    service = models.CharField(max_length=20, primary_key=True)
    until = models.DateTimeField(help_text="Every change before this instant has been told, but for late ones.")
    told = models.JSONField(default=dict, help_text="What has been told of the last minutes before `until`.")
    due_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.service

    @classmethod
    def take(cls, service: str) -> "PushMark | None":
        """The service's mark, for this process alone; None if it is another's, or if the service needs a pause."""
        now = timezone.now()
        cls.objects.get_or_create(service=service, defaults={"until": now - FIRST_TOLD, "due_at": now})
        taken = cls.objects.filter(service=service, due_at__lte=now).update(due_at=now + LEASE)
        return cls.objects.get(service=service) if taken else None

    @property
    def since(self) -> datetime:
        """From here on something may have come that has not been told."""
        return self.until - SETTLING

    def has_told(self, change: Change) -> bool:
        return change.name in self.told

    def move(self, changes: list[Change]) -> None:
        """Remember that these have been told."""
        self.until = max(self.until, changes[-1].at)
        told = {name: at for name, at in self.told.items() if datetime.fromisoformat(at) >= self.since}
        self.told = told | {change.name: change.at.isoformat() for change in changes if change.at >= self.since}
        self.failures, self.due_at = 0, timezone.now() + LEASE
        self.save()

    def pause(self) -> timedelta:
        """Twice as long after every failure."""
        pause = min(timedelta(minutes=2 ** min(self.failures, 10)), LONGEST_PAUSE)
        self.failures, self.due_at = self.failures + 1, timezone.now() + pause
        self.save()
        return pause

    def release(self) -> None:
        self.due_at = timezone.now()
        self.save()
