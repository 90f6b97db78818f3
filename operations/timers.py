"""Register the commands that timers run, and record each run.

See docs/decisions/0052-one-systemd-unit-runs-every-timed-command.md.
"""

from datetime import timedelta
from functools import wraps
from typing import Any

from django.core.management.base import BaseCommand

from operations.models import TimerRun

# How often each command runs. deploy/ has a systemd timer for each.
PERIODS: dict[str, timedelta] = {}


def register(command: str, *, every: timedelta) -> None:
    """Register a management command that a timer runs. Apps call this in `apps.py`."""
    PERIODS[command] = every


def timer_unit(command: str) -> str:
    """Return the systemd unit that starts a command."""
    return f"{command.replace('_', '-')}.timer"


def service_unit(command: str) -> str:
    """Return the systemd unit that runs a command; its journal has the output."""
    return "backup" if command == "backup" else f"manage@{command}"


def timed(command: type[BaseCommand]) -> type[BaseCommand]:
    """Decorate a management command so that each run is recorded as a TimerRun."""
    name = command.__module__.rpartition(".")[2]
    handle = command.handle

    @wraps(handle)
    def recorded(self: BaseCommand, *args: Any, **options: Any) -> str | None:
        run = TimerRun.begin(name)
        try:
            output = handle(self, *args, **options)
        except Exception as error:
            run.fail(error)
            raise
        run.succeed()
        return output

    command.handle = recorded  # type: ignore[method-assign]
    return command
