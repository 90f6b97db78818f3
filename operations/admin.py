"""运行状态: what is wrong and what to do, on one page."""

import platform
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from socket import gethostname
from typing import NamedTuple

import django
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from operations.checks import Level, checks
from operations.metrics import counted
from operations.models import TimerRun
from operations.timers import PERIODS


@admin.register(TimerRun)
class StatusAdmin(admin.ModelAdmin):
    """One page instead of a list: site administrators see it, and nobody changes anything there."""

    def get_urls(self) -> list:
        page = self.admin_site.admin_view(require_safe(self.status))
        return [path("", page, name=f"{self.opts.app_label}_{self.opts.model_name}_changelist")]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def status(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = self.admin_site.each_context(request) | {
            "title": self.opts.verbose_name,
            "wrong": sum(verdict.level != Level.GOOD for verdict in checks.verdicts().values()),
            "tables": [checked(), timers(), errors(), facts()],
        }
        return TemplateResponse(request, "admin/operations/status.html", context)


class Table(NamedTuple):
    caption: str
    rows: list[tuple[str, list]]  # each with its name
    heads: tuple = ()
    note: str = ""  # what to do about them, if there are any


def checked() -> Table:
    """The worst first."""
    verdicts = sorted(
        checks.verdicts().items(), key=lambda one: list(Level).index(one[1].level), reverse=True
    )
    rows = [
        (checks.names[key], [level, f"{says}\n{remedy}"]) for key, (level, says, remedy) in verdicts
    ]
    return Table(
        _("What is checked"), rows, (_("thing"), _("state"), _("what is so, and what to do"))
    )


def timers() -> Table:
    runs = TimerRun.objects.in_bulk()
    rows = [
        (name, [_often(every), "\n".join(_last(runs.get(name)))]) for name, every in PERIODS.items()
    ]
    return Table(_("Timers"), rows, (_("command"), _("how often"), _("how it went last")))


def _often(every: timedelta) -> str:
    return _("every day") if every.days else _("every minute")


def _last(run: TimerRun | None) -> Iterator[str]:
    if run:
        yield _("Begun %(at)s on %(machine)s.") % {
            "at": _said(run.begun_at),
            "machine": run.machine,
        }
        if run.succeeded_at:
            yield _("Succeeded %(at)s.") % {"at": _said(run.succeeded_at)}
        if run.failed_at:
            yield _("Failed %(at)s: %(error)s") % {"at": _said(run.failed_at), "error": run.error}


def _said(instant: datetime) -> str:
    return f"{localtime(instant):%Y-%m-%d %H:%M:%S}"


def errors() -> Table:
    """How many answers of each view said that something is broken, on this machine since it was started."""
    found = Counter()
    for metric in counted().collect():
        for sample in metric.samples:
            if sample.name == "magazine_requests_total" and sample.labels["status"].startswith("5"):
                found[sample.labels["view"]] += int(sample.value)
    note = _(
        "The lines of the log whose level is ERROR say what happened: journalctl -u magazine. "
        "If it goes on, hand them to whoever maintains the software."
    )
    rows = [(view, [count]) for view, count in (+found).most_common()]
    return Table(
        _("Requests that failed on this machine since the service was started"), rows, note=note
    )


def facts() -> Table:
    disk = shutil.disk_usage(settings.DATA_DIR)
    words = {"free": filesizeformat(disk.free), "total": filesizeformat(disk.total)}
    rows = [
        (_("machine"), [gethostname()]),
        (
            _("versions"),
            [
                f"Python {platform.python_version()}, Django {django.get_version()}, {_database_version()}"
            ],
        ),
        (_("size of the database"), [filesizeformat(_database_size())]),
        (_("room on the disk"), [_("%(free)s of %(total)s are free") % words]),
        (_("cache"), [settings.CACHES["default"]["BACKEND"].rpartition(".")[2]]),
    ]
    return Table(_("Versions and sizes"), rows)


def _database_version() -> str:
    if connection.vendor == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    return f"{connection.display_name} {connection.pg_version // 10_000}.{connection.pg_version % 10_000}"


def _database_size() -> int:
    if connection.vendor == "sqlite":
        return Path(connection.settings_dict["NAME"]).stat().st_size
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return cursor.fetchone()[0]
