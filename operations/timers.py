"""The commands that timers run, how often, and how it went."""

from datetime import timedelta
from functools import wraps

from django.conf import settings
from django.core.management.base import BaseCommand

from operations.models import TimerRun

PERIODS = {
    "backup": timedelta(days=1),
    "clearsessions": timedelta(days=1),
    "push_addresses": timedelta(minutes=1),
    "refresh_related": timedelta(days=1),
}
if settings.SEARCH_URL:
    PERIODS["deliver_search"] = timedelta(minutes=1)


def timer(name: str) -> str:
    """The unit that starts a command."""
    return f"{name.replace('_', '-')}.timer"


def service(name: str) -> str:
    """The unit that runs it, in whose log stands what it said."""
    return "backup" if name == "backup" else f"manage@{name}"


def timed(command: type[BaseCommand]) -> type[BaseCommand]:
    """Has each run of a command remembered: when it began, when it succeeded, with what it failed."""
    name, handle = command.__module__.rpartition(".")[2], command.handle

    @wraps(handle)
    def remembered(self, *args, **options):
        run = TimerRun.begin(name)
        try:
            says = handle(self, *args, **options)
        except Exception as error:
            run.fail(error)
            raise
        run.succeed()
        return says

    command.handle = remembered
    return command
