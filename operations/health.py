"""What every installation stands on: database, cache, storage, migrations and timers."""

import secrets
import shutil
from collections.abc import Iterator
from time import perf_counter

from django.conf import settings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.checks import CheckResult, Level, checks
from operations.metrics import gauge
from operations.models import TimerRun
from operations.timers import PERIODS, service, timer

LEAST_FREE = 0.05  # of a disk

# Reading every migration takes a tenth of a second, and they are the same as long as this process lives.
migrations = SimpleLazyObject(lambda: set(MigrationLoader(None).graph.nodes))


@checks.register("database", gettext_lazy("database"))
def database() -> CheckResult:
    return _asked("default")


def replica() -> CheckResult:
    return _asked("replica")


if "replica" in settings.DATABASES:
    checks.register("replica", gettext_lazy("database replica"), silence=Level.WARNING)(replica)


def _asked(alias: str) -> CheckResult:
    begun = perf_counter()
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
    except (
        Exception
    ) as error:  # a wrong password, no route, too many connections: it is told as it comes
        says = _("The database does not answer: %(error)s") % {
            "error": str(error).partition("\n")[0]
        }
        if alias == "replica":
            return CheckResult(
                Level.WARNING,
                says,
                _("Readers are served from the primary meanwhile. Start the replica."),
            )
        return CheckResult(
            Level.BAD,
            says,
            _(
                "Start the database, or see why it cannot be reached. The site goes on by itself then."
            ),
        )
    ms = (perf_counter() - begun) * 1000
    return CheckResult(
        Level.GOOD,
        _("%(name)s answers within %(ms).0f ms.")
        % {"name": connections[alias].display_name, "ms": ms},
    )


@checks.register("cache", gettext_lazy("cache"))
def common_cache() -> CheckResult:
    token = secrets.token_hex(8)
    cache.set("health", token, 10)
    kept = cache.get("health") == token
    if not kept or getattr(cache, "is_away", False):
        says = _(
            "Redis does not answer, or is full. Each process remembers for itself meanwhile, and pages cost more."
        )
        return CheckResult(
            Level.BAD,
            says,
            _("Start Redis, or give it more memory: its maxmemory-policy should evict."),
        )
    return CheckResult(Level.GOOD, _("It keeps what it is given."))


@checks.register("storage", gettext_lazy("storage of uploads"))
def storage() -> CheckResult:
    try:
        default_storage.delete(default_storage.save("health/check.txt", ContentFile(b"")))
    except Exception as error:  # what stores of all kinds raise
        says = _("Uploads cannot be stored: %(error)s") % {
            "error": f"{type(error).__name__}: {error}"
        }
        return CheckResult(
            Level.BAD,
            says,
            _("Make room on the disk, and see that the site's user may write there."),
        )
    if isinstance(default_storage, FileSystemStorage):
        disk = shutil.disk_usage(default_storage.location)
        if disk.free < LEAST_FREE * disk.total:
            says = _("The disk is nearly full: %(free)d MB are left.") % {
                "free": disk.free // 2**20
            }
            return CheckResult(
                Level.WARNING, says, _("Make room on the disk before saving begins to fail.")
            )
    return CheckResult(Level.GOOD, _("It takes files."))


@checks.register("migrations", gettext_lazy("migrations"))
def pending_migrations() -> CheckResult:
    pending = sorted(migrations - MigrationRecorder(connection).applied_migrations().keys())
    if pending:
        names = ", ".join(f"{app}.{name}" for app, name in pending[:5])
        says = _("%(count)d migrations have not been applied: %(names)s") % {
            "count": len(pending),
            "names": names,
        }
        return CheckResult(Level.BAD, says, _("Run manage.py migrate."))
    return CheckResult(Level.GOOD, _("All have been applied."))


@checks.register("timers", gettext_lazy("timers"))
def timers() -> CheckResult:
    runs = TimerRun.objects.in_bulk()
    late = [
        service(name)
        for name, every in PERIODS.items()
        if name in runs and runs[name].is_late(every)
    ]
    if late:
        says = _("Overdue: %(names)s") % {"names": ", ".join(late)}
        return CheckResult(
            Level.BAD,
            says,
            _("On each machine, see systemctl list-timers, and journalctl -u of these."),
        )
    failed = [service(name) for name in PERIODS if name in runs and runs[name].has_failed]
    if failed:
        says = _("Failed the last time: %(names)s") % {"names": ", ".join(failed)}
        return CheckResult(
            Level.WARNING,
            says,
            _("The table of timers says with what; it is tried again by itself."),
        )
    never = [timer(name) for name in PERIODS if name not in runs]
    if never:
        says = _("Never run so far: %(names)s") % {"names": ", ".join(never)}
        return CheckResult(
            Level.WARNING, says, _("Enable them, with systemctl enable --now and these names.")
        )
    return CheckResult(Level.GOOD, _("All ran when they should have."))


@gauge("magazine_timer_age_seconds", "How long ago a timer's command succeeded last.", "timer")
def timer_ages() -> Iterator[tuple[str, float]]:
    for run in TimerRun.objects.exclude(succeeded_at=None):
        yield run.name, (timezone.now() - run.succeeded_at).total_seconds()
