"""运行状态: what is wrong and what to do, on one page."""

import platform
import shutil
import sqlite3
from collections import Counter
from pathlib import Path
from socket import gethostname

import django
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from operations.metrics import counted
from operations.models import TimerRun
from operations.probing import Level, health
from operations.timers import EVERY


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
        verdicts = [(health.names[key], verdict) for key, verdict in health.verdicts().items()]
        verdicts.sort(key=lambda named: list(Level).index(named[1].level), reverse=True)
        runs = TimerRun.objects.in_bulk()
        context = self.admin_site.each_context(request) | {
            "title": self.opts.verbose_name,
            "verdicts": verdicts,
            "wrong": sum(verdict.level != Level.GOOD for _name, verdict in verdicts),
            "timers": [(name, every, runs.get(name)) for name, every in EVERY.items()],
            "errors": errors().most_common(),
            "facts": facts(),
        }
        return TemplateResponse(request, "admin/operations/status.html", context)


def errors() -> Counter[str]:
    """How many answers of each view said that something is broken, on this machine since it was started."""
    found = Counter()
    for metric in counted().collect():
        for sample in metric.samples:
            if sample.name == "magazine_requests_total" and sample.labels["status"].startswith("5"):
                found[sample.labels["view"]] += int(sample.value)
    return +found


def facts() -> list[tuple[str, str]]:
    disk = shutil.disk_usage(settings.DATA_DIR)
    words = {"free": filesizeformat(disk.free), "total": filesizeformat(disk.total)}
    return [
        (_("machine"), gethostname()),
        (_("versions"), f"Python {platform.python_version()}, Django {django.get_version()}, {_database_version()}"),
        (_("size of the database"), filesizeformat(_database_size())),
        (_("room on the disk"), _("%(free)s of %(total)s are free") % words),
        (_("cache"), settings.CACHES["default"]["BACKEND"].rpartition(".")[2]),
    ]


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
