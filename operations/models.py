from datetime import timedelta
from socket import gethostname
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LONGEST_ERROR = 500


class TimerRun(models.Model):
    """How the command of a timer went last. Every machine may run it; the last one to say something is remembered."""

    name = models.CharField(max_length=50, primary_key=True)
    machine = models.CharField(max_length=100)
    begun_at = models.DateTimeField()
    succeeded_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=LONGEST_ERROR)

    class Meta:
        verbose_name = _("operating status")
        verbose_name_plural = _("operating status")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def begin(cls, name: str) -> Self:
        run = cls(name=name, machine=gethostname()[:100], begun_at=timezone.now())
        changed = ["machine", "begun_at"]
        cls.objects.bulk_create(
            [run], update_conflicts=True, update_fields=changed, unique_fields=["name"]
        )
        return run

    def succeed(self) -> None:
        TimerRun.objects.filter(pk=self.pk).update(succeeded_at=timezone.now())

    def fail(self, error: BaseException) -> None:
        says = f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
        TimerRun.objects.filter(pk=self.pk).update(failed_at=timezone.now(), error=says)

    @property
    def has_failed(self) -> bool:
        """The last that is known of it is a failure."""
        return self.failed_at is not None and (
            self.succeeded_at is None or self.failed_at > self.succeeded_at
        )

    def is_late(self, every: timedelta) -> bool:
        """Three times in a row it has not come, or come to nothing; a night's timer gets no less than that either."""
        return timezone.now() - (self.succeeded_at or self.begun_at) > 3 * every + timedelta(
            minutes=10
        )
