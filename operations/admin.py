"""Status page of the admin: health checks, timers, errors and versions."""

import platform
import shutil
import sqlite3
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from socket import gethostname
from typing import Any, NamedTuple

import django
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from operations.checks import Level, checks
from operations.metrics import counters
from operations.models import TimerRun
from operations.timers import PERIODS


@admin.register(TimerRun)
class StatusAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A read-only status page in the place of a list, for site administrators only."""

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(require_safe(self.status))
        return [path("", page, name=f"{self.opts.app_label}_{self.opts.model_name}_changelist")]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def status(self, request: HttpRequest) -> HttpResponse:
        """Render the status page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        problems = [result for result in checks.results().values() if result.level != Level.GOOD]
        context = self.admin_site.each_context(request) | {
            "title": self.opts.verbose_name,
            "problems": len(problems),
            "tables": [checks_table(), timers_table(), errors_table(), versions_table()],
        }
        return TemplateResponse(request, "admin/operations/status.html", context)


class Table(NamedTuple):
    """A table of the status page. Each row is its name and its other cells."""

    caption: str
    rows: list[tuple[str, list[Any]]]
    headings: tuple[str, ...] = ()
    note: str = ""  # shown below a table that has rows


def checks_table() -> Table:
    """Return the results of all health checks, the most urgent first."""
    urgency = list(Level)
    results = list(checks.results().items())
    results.sort(key=lambda item: urgency.index(item[1].level), reverse=True)
    rows = []
    for key, result in results:
        rows.append((str(checks.names[key]), [result.level, f"{result.message}\n{result.fix}"]))
    headings = (_("checked item"), _("state"), _("result and what to do"))
    return Table(_("Health checks"), rows, headings)


def timers_table() -> Table:
    """Return how often each timer's command runs, and its last run."""
    runs = TimerRun.objects.in_bulk()
    rows = []
    for name, period in PERIODS.items():
        lines = _describe_run(runs[name]) if name in runs else []
        rows.append((name, [_describe_period(period), "\n".join(lines)]))
    return Table(_("Timers"), rows, (_("command"), _("how often"), _("last run")))


def _describe_period(period: timedelta) -> str:
    return _("every day") if period.days else _("every minute")


def _describe_run(run: TimerRun) -> list[str]:
    values = {"at": _format(run.begun_at), "machine": run.machine}
    lines = [_("Started %(at)s on %(machine)s.") % values]
    if run.succeeded_at:
        lines.append(_("Succeeded %(at)s.") % {"at": _format(run.succeeded_at)})
    if run.failed_at:
        values = {"at": _format(run.failed_at), "error": run.error}
        lines.append(_("Failed %(at)s: %(error)s") % values)
    return lines


def _format(instant: datetime) -> str:
    return f"{localtime(instant):%Y-%m-%d %H:%M:%S}"


def errors_table() -> Table:
    """Return how many responses of each view had a status of 500 or more."""
    counts: Counter[str] = Counter()
    for metric in counters().collect():
        for sample in metric.samples:
            if sample.name != "magazine_requests_total":
                continue
            if sample.labels["status"].startswith("5"):
                counts[sample.labels["view"]] += int(sample.value)
    rows: list[tuple[str, list[Any]]] = []
    for view, number in counts.most_common():
        if number:
            rows.append((view, [number]))
    note = _(
        "The lines of the log whose level is ERROR say what happened: journalctl -u magazine. "
        "If it goes on, send them to the maintainers of the software."
    )
    caption = _("Requests that failed on this machine since the service was started")
    return Table(caption, rows, note=note)


def versions_table() -> Table:
    """Return the versions of the software and the sizes of database and disk."""
    disk = shutil.disk_usage(settings.DATA_DIR)
    sizes = {"free": filesizeformat(disk.free), "total": filesizeformat(disk.total)}
    versions = [
        f"Python {platform.python_version()}",
        f"Django {django.get_version()}",
        _database_version(),
    ]
    cache_class = settings.CACHES["default"]["BACKEND"].rpartition(".")[2]
    rows: list[tuple[str, list[Any]]] = [
        (_("machine"), [gethostname()]),
        (_("versions"), [", ".join(versions)]),
        (_("size of the database"), [filesizeformat(_database_size())]),
        (_("free disk space"), [_("%(free)s of %(total)s are free") % sizes]),
        (_("cache"), [cache_class]),
    ]
    return Table(_("Versions and sizes"), rows)


def _database_version() -> str:
    if connection.vendor == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    connection.ensure_connection()
    major, minor = divmod(connection.connection.info.server_version, 10_000)
    return f"{connection.display_name} {major}.{minor}"


def _database_size() -> int:
    """Return the size of the database in bytes."""
    if connection.vendor == "sqlite":
        return Path(connection.settings_dict["NAME"]).stat().st_size
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        [size] = cursor.fetchone()
    return int(size)
