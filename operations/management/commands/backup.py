import os
import sqlite3
import subprocess
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from operations.timers import timed

KEPT = timedelta(days=30)


@timed
class Command(BaseCommand):
    help = "Copy the database, and the uploads that are not there yet, into a folder. Run it every night."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, folder: Path, **options) -> None:
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
        for old in folder.glob("*.dump"):
            if old.stat().st_mtime < (now - KEPT).timestamp():
                old.unlink()
        self.stdout.write(str(dump))


def _dump(into: Path) -> None:
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(into)) as copy:
            connection.connection.backup(copy)
    else:
        _run(
            "pg_dump", "--format=custom", f"--dbname={os.environ['DATABASE_URL']}", f"--file={into}"
        )


def _copy_uploads(into: Path) -> None:
    """Uploads never change, and none is taken from the copy."""
    into.mkdir(exist_ok=True)
    media = settings.DATA_DIR / "media"
    if media.is_dir():
        _run("cp", "-R", "--update", "--preserve=timestamps", f"{media}/.", f"{into}/")


def _run(*command: str) -> None:
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True)  # noqa: S603
    if done.returncode:
        raise CommandError(done.stderr.strip())
