"""Health checks of every installation: database, cache, storage, migrations and timers."""

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

from operations.checks import CheckResult, Level, checks, first_line
from operations.metrics import gauge
from operations.models import TimerRun
from operations.timers import PERIODS, service_unit, timer_unit

MIN_FREE_SHARE = 0.05  # of a disk

# Loaded once: it takes a tenth of a second, and code does not change while a process lives.
migrations = SimpleLazyObject(lambda: set(MigrationLoader(None).graph.nodes))


def _query_error(alias: str) -> str:
    """Return the message about a database that fails, or an empty string."""
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception as error:  # of the driver too: a wrong password, no route to the host
        return _("The database does not answer: %(error)s") % {"error": first_line(error)}
    return ""


def _answer_time(alias: str, started_at: float) -> CheckResult:
    milliseconds = (perf_counter() - started_at) * 1000
    values = {"name": connections[alias].display_name, "ms": milliseconds}
    return CheckResult(Level.GOOD, _("%(name)s answers within %(ms).0f ms.") % values)


@checks.register("database", gettext_lazy("database"))
def database() -> CheckResult:
    started_at = perf_counter()
    error = _query_error("default")
    if error:
        fix = _(
            "Start the database, or find out why it is not reachable. "
            "The site then continues by itself."
        )
        return CheckResult(Level.BAD, error, fix)
    return _answer_time("default", started_at)


def replica() -> CheckResult:
    started_at = perf_counter()
    error = _query_error("replica")
    if error:
        fix = _("Readers are served from the primary meanwhile. Start the replica.")
        return CheckResult(Level.WARNING, error, fix)
    return _answer_time("replica", started_at)


if "replica" in settings.DATABASES:
    checks.register("replica", gettext_lazy("database replica"), on_timeout=Level.WARNING)(replica)


@checks.register("cache", gettext_lazy("cache"))
def shared_cache() -> CheckResult:
    token = secrets.token_hex(8)
    cache.set("health", token, 10)
    is_stored = cache.get("health") == token
    if not is_stored or getattr(cache, "is_unavailable", False):
        message = _(
            "Redis does not answer, or is full. "
            "Each process uses its own memory meanwhile, and pages take longer."
        )
        fix = _("Start Redis, or give it more memory: its maxmemory-policy should evict keys.")
        return CheckResult(Level.BAD, message, fix)
    return CheckResult(Level.GOOD, _("Values can be stored and read."))


@checks.register("storage", gettext_lazy("storage of uploads"))
def storage() -> CheckResult:
    try:
        name = default_storage.save("health/check.txt", ContentFile(b""))
        default_storage.delete(name)
    except Exception as error:  # each storage has its own types of errors
        details = f"{type(error).__name__}: {error}"
        message = _("Uploads cannot be stored: %(error)s") % {"error": details}
        fix = _("Free disk space, and check that the site's user may write there.")
        return CheckResult(Level.BAD, message, fix)
    if isinstance(default_storage, FileSystemStorage):
        disk = shutil.disk_usage(default_storage.location)
        if disk.free < MIN_FREE_SHARE * disk.total:
            free = {"free": disk.free // 2**20}
            message = _("The disk is nearly full: %(free)d MB are left.") % free
            fix = _("Free disk space before saving begins to fail.")
            return CheckResult(Level.WARNING, message, fix)
    return CheckResult(Level.GOOD, _("Files can be stored."))


@checks.register("migrations", gettext_lazy("migrations"))
def pending_migrations() -> CheckResult:
    applied = MigrationRecorder(connection).applied_migrations().keys()
    pending = sorted(migrations - applied)
    if pending:
        names = ", ".join(f"{app}.{name}" for app, name in pending[:5])
        values = {"count": len(pending), "names": names}
        message = _("%(count)d migrations have not been applied: %(names)s") % values
        return CheckResult(Level.BAD, message, _("Run manage.py migrate."))
    return CheckResult(Level.GOOD, _("All have been applied."))


@checks.register("timers", gettext_lazy("timers"))
def timers() -> CheckResult:
    runs = TimerRun.objects.in_bulk()
    late = []
    failed = []
    never_run = []
    for name, period in PERIODS.items():
        run = runs.get(name)
        if run is None:
            never_run.append(timer_unit(name))
            continue
        if run.is_late(period):
            late.append(service_unit(name))
        if run.has_failed:
            failed.append(service_unit(name))
    if late:
        message = _("Overdue: %(names)s") % {"names": ", ".join(late)}
        fix = _("On each machine, run systemctl list-timers, and journalctl -u for these units.")
        return CheckResult(Level.BAD, message, fix)
    if failed:
        message = _("The last run failed: %(names)s") % {"names": ", ".join(failed)}
        fix = _("The table of timers shows the errors; the commands run again by themselves.")
        return CheckResult(Level.WARNING, message, fix)
    if never_run:
        message = _("Never run so far: %(names)s") % {"names": ", ".join(never_run)}
        fix = _("Enable them, with systemctl enable --now and these names.")
        return CheckResult(Level.WARNING, message, fix)
    return CheckResult(Level.GOOD, _("All timers ran on time."))


@gauge("magazine_timer_age_seconds", "Seconds since a timer's command succeeded.", "timer")
def timer_ages() -> Iterator[tuple[str, float]]:
    for run in TimerRun.objects.all():
        if run.succeeded_at:
            yield run.name, (timezone.now() - run.succeeded_at).total_seconds()
