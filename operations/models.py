from datetime import timedelta
from socket import gethostname
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MAX_ERROR_LENGTH = 500
GRACE = timedelta(minutes=10)  # beyond three periods, before a command is overdue


class TimerRun(models.Model):
    """The last run of a timer's command, on any machine. One row for each command."""

    name = models.CharField(max_length=50, primary_key=True)
    machine = models.CharField(max_length=100)
    begun_at = models.DateTimeField()
    succeeded_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=MAX_ERROR_LENGTH)

    class Meta:
        verbose_name = _("operating status")
        verbose_name_plural = _("operating status")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def begin(cls, name: str) -> Self:
        """Record that a command starts on this machine."""
        run = cls(name=name, machine=gethostname()[:100], begun_at=timezone.now())
        cls.objects.bulk_create(
            [run],
            update_conflicts=True,
            update_fields=["machine", "begun_at"],
            unique_fields=["name"],
        )
        return run

    def succeed(self) -> None:
        TimerRun.objects.filter(pk=self.pk).update(succeeded_at=timezone.now())

    def fail(self, error: BaseException) -> None:
        message = f"{type(error).__name__}: {error}"
        rows = TimerRun.objects.filter(pk=self.pk)
        rows.update(failed_at=timezone.now(), error=message[:MAX_ERROR_LENGTH])

    @property
    def has_failed(self) -> bool:
        """Return whether the last finished run failed."""
        if self.failed_at is None:
            return False
        return self.succeeded_at is None or self.failed_at > self.succeeded_at

    def is_late(self, period: timedelta) -> bool:
        """Return whether the command has not succeeded for three periods and GRACE."""
        last = self.succeeded_at or self.begun_at
        return timezone.now() - last > 3 * period + GRACE
