"""Is all as it should be? Every room registers its checks, and each says what is wrong and what to do.

What is asked may hang. So it is asked in a thread of its own: nobody waits for it longer than a moment, and no second
one of its kind is begun meanwhile.
"""

from collections.abc import Callable
from math import inf
from threading import Lock, Thread
from time import monotonic
from typing import NamedTuple

from django.db import connections
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

TIMEOUT_SECONDS = 2.0  # seconds, for all checks together
MAX_AGE_SECONDS = 2.0  # seconds for which an answer is given again


class Level(TextChoices):
    """From what needs nobody to what needs somebody at once."""

    GOOD = "good", gettext_lazy("fine")
    WARNING = "warning", gettext_lazy("look at it")  # in working hours
    BAD = "bad", gettext_lazy("broken")


class CheckResult(NamedTuple):
    level: Level
    says: str
    remedy: str = ""


class Probe:
    """A question, and the thread in which it is asked."""

    def __init__(self, ask: Callable, silence: Level = Level.BAD) -> None:
        self.ask, self.silence = ask, silence
        self.thread: Thread | None = None

    def begin(self) -> None:
        if self.thread is None or not self.thread.is_alive():
            self.answered: object = None
            self.error: Exception = TimeoutError()
            self.thread = Thread(target=self._run, daemon=True)
            self.thread.start()

    def _run(self) -> None:
        try:
            self.answered = self.ask()
        except Exception as error:  # raised where the answer is asked for
            self.error = error
        finally:
            connections.close_all()

    def answer(self, deadline: float):
        """What it answers. Raises what it raises, and TimeoutError if it takes longer."""
        self.thread.join(max(0, deadline - monotonic()))
        if self.answered is None:
            raise self.error
        return self.answered


class Checks:
    """All that is checked, and what was found last: who asks every moment gets the same answer for a while."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.probes: dict[str, Probe] = {}
        self.lock = Lock()
        self.forget()

    def forget(self) -> None:
        self.found: dict[str, CheckResult] = {}
        self.at = -inf

    def register(self, key: str, name: str, silence: Level = Level.BAD) -> Callable:
        """Registers a function that answers a verdict, read under this name, and how bad it is if it says nothing."""

        def add(ask: Callable[[], CheckResult]) -> Callable[[], CheckResult]:
            self.names[key], self.probes[key] = name, Probe(ask, silence)
            return ask

        return add

    def verdicts(self) -> dict[str, CheckResult]:
        with self.lock:
            if monotonic() - self.at >= MAX_AGE_SECONDS:
                deadline = monotonic() + TIMEOUT_SECONDS
                for probe in self.probes.values():
                    probe.begin()
                self.found = {key: _verdict(probe, deadline) for key, probe in self.probes.items()}
                self.at = monotonic()
            return self.found

    @property
    def is_bad(self) -> bool:
        return any(verdict.level == Level.BAD for verdict in self.verdicts().values())


def _verdict(probe: Probe, deadline: float) -> CheckResult:
    try:
        return probe.answer(deadline)
    except TimeoutError:
        says = _("No answer within %(seconds)d seconds.") % {"seconds": TIMEOUT_SECONDS}
        return CheckResult(
            probe.silence,
            says,
            _("See whether it runs and can be reached; start it anew if it hangs."),
        )
    except Exception as error:  # whatever it is, it is the answer
        says = _("This could not be found out: %(error)s") % {
            "error": str(error).partition("\n")[0]
        }
        return CheckResult(Level.BAD, says, _("Put right what else is wrong, and look again."))


checks = Checks()
