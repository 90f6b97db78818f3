"""Registry of health checks.

Every app registers the checks of what it depends on. The result of a check states what is wrong
and how to fix it. A check may hang, so it runs in a thread of its own.
See docs/decisions/0042-operations-imports-no-other-app.md.
"""

from collections.abc import Callable
from math import inf
from threading import Lock, Thread
from time import monotonic
from typing import Generic, NamedTuple, TypeVar

from django.db import connections
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

TIMEOUT_SECONDS = 2.0  # for all checks together
MAX_AGE_SECONDS = 2.0  # for which the results are used again

T = TypeVar("T")


class Level(TextChoices):
    """How urgent the result of a check is, the least urgent first."""

    GOOD = "good", gettext_lazy("fine")
    WARNING = "warning", gettext_lazy("look at it")  # in working hours
    BAD = "bad", gettext_lazy("broken")


class CheckResult(NamedTuple):
    """The state of one checked item: its level, a message, and how to fix it."""

    level: Level
    message: str
    fix: str = ""


class Probe(Generic[T]):
    """A function that runs in a thread, at most once at a time.

    `on_timeout` is the level of a check that does not return in time.
    """

    def __init__(self, function: Callable[[], T], on_timeout: Level = Level.BAD) -> None:
        self.function = function
        self.on_timeout = on_timeout
        self.thread: Thread | None = None
        self.returned: T | None = None
        self.error: Exception = TimeoutError()

    def start(self) -> None:
        """Start the function, unless its last call is still running."""
        if self.thread and self.thread.is_alive():
            return
        self.returned = None
        self.error = TimeoutError()
        self.thread = Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.returned = self.function()
        except Exception as error:  # result() raises it again
            self.error = error
        finally:
            connections.close_all()

    def result(self, deadline: float) -> T:
        """Return what the function returned.

        Raises the function's exception, and TimeoutError if it is not finished at `deadline`,
        an instant of time.monotonic().
        """
        if self.thread:
            self.thread.join(max(0, deadline - monotonic()))
        if self.returned is None:
            raise self.error
        return self.returned


class CheckRegistry:
    """All checks by their keys, and their last results."""

    def __init__(self) -> None:
        self.names: dict[str, str | Promise] = {}
        self.probes: dict[str, Probe[CheckResult]] = {}
        self.lock = Lock()
        self.clear()

    def clear(self) -> None:
        """Delete the last results, so that the next call runs the checks again."""
        self.last_results: dict[str, CheckResult] = {}
        self.checked_at = -inf

    def register(
        self, key: str, name: str | Promise, on_timeout: Level = Level.BAD
    ) -> Callable[[Callable[[], CheckResult]], Callable[[], CheckResult]]:
        """Return a decorator that registers a check under `key`.

        `name` is the name for operators; `on_timeout` is the level if the check hangs.
        """

        def add(check: Callable[[], CheckResult]) -> Callable[[], CheckResult]:
            self.names[key] = name
            self.probes[key] = Probe(check, on_timeout)
            return check

        return add

    def results(self) -> dict[str, CheckResult]:
        """Return the results by key, at most MAX_AGE_SECONDS old.

        Waits TIMEOUT_SECONDS at most for all checks together.
        """
        with self.lock:
            if monotonic() - self.checked_at >= MAX_AGE_SECONDS:
                self.last_results = self._run()
                self.checked_at = monotonic()
            return self.last_results

    def _run(self) -> dict[str, CheckResult]:
        deadline = monotonic() + TIMEOUT_SECONDS
        for probe in self.probes.values():
            probe.start()
        results = {}
        for key, probe in self.probes.items():
            results[key] = _result(probe, deadline)
        return results

    @property
    def has_failure(self) -> bool:
        """Return whether any result has the level BAD."""
        return any(result.level == Level.BAD for result in self.results().values())


def first_line(error: Exception) -> str:
    """Return the first line of an error's message; PostgreSQL's have several."""
    return str(error).partition("\n")[0]


def _result(probe: Probe[CheckResult], deadline: float) -> CheckResult:
    try:
        return probe.result(deadline)
    except TimeoutError:
        message = _("No answer within %(seconds)d seconds.") % {"seconds": TIMEOUT_SECONDS}
        fix = _("Check whether it is running and reachable; restart it if it hangs.")
        return CheckResult(probe.on_timeout, message, fix)
    except Exception as error:  # a check that raises has failed, for any reason
        message = _("The check failed: %(error)s") % {"error": first_line(error)}
        fix = _("Solve the other problems first, and then look again.")
        return CheckResult(Level.BAD, message, fix)


checks = CheckRegistry()
