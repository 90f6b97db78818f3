import os
import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from operations.timers import timed

RETENTION = timedelta(days=30)


@timed
class Command(BaseCommand):
    help = "Copy the database and all new uploads into a folder. Run it every night."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, folder: Path, **options: Any) -> None:
        now = timezone.localtime()
        dump = folder / f"{now:%Y-%m-%d-%H%M%S}.dump"
        part = dump.with_suffix(".part")
        # The database first: a file without a row does no harm, a row without its file does.
        try:
            _dump(part)
            part.rename(dump)
        finally:
            part.unlink(missing_ok=True)
        _copy_uploads(folder / "media")
        _delete_dumps(folder, now - RETENTION)
        self.stdout.write(str(dump))


def _dump(target: Path) -> None:
    """Write a copy of the database into a file."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(target)) as copy:
            connection.connection.backup(copy)
        return
    url = os.environ["DATABASE_URL"]
    _run("pg_dump", "--format=custom", f"--dbname={url}", f"--file={target}")


def _copy_uploads(target: Path) -> None:
    """Copy new uploads into a folder, and delete none there: uploads never change."""
    target.mkdir(exist_ok=True)
    media = settings.DATA_DIR / "media"
    if media.is_dir():
        _run("cp", "-R", "--update", "--preserve=timestamps", f"{media}/.", f"{target}/")


def _delete_dumps(folder: Path, before: datetime) -> None:
    for dump in folder.glob("*.dump"):
        if dump.stat().st_mtime < before.timestamp():
            dump.unlink()


def _run(*command: str) -> None:
    """Run a program. Raises CommandError with its error output."""
    result = subprocess.run(command, stderr=subprocess.PIPE, text=True)  # noqa: S603
    if result.returncode:
        raise CommandError(result.stderr.strip())
