import os
import sqlite3
import subprocess
import time
from contextlib import closing
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from operations.models import TimerRun
from tests.builders import a_publication
from tests.deploy.conftest import database_url

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path / "data"
    monkeypatch.setenv("DATABASE_URL", database_url())
    (tmp_path / "backup").mkdir()
    return tmp_path / "backup"


def back_up(folder) -> str:
    stdout = StringIO()
    call_command("backup", folder, stdout=stdout)
    return stdout.getvalue().strip()


def test_backup_has_the_database_and_the_uploads(folder, settings):
    a_publication(title="要留下的文章")
    picture = settings.DATA_DIR / "media" / "pictures" / "a.jpg"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"picture")
    output = back_up(folder)
    [dump] = folder.glob("*.dump")
    assert output == str(dump)
    assert "要留下的文章" in titles(dump)
    assert (folder / "media" / "pictures" / "a.jpg").read_bytes() == b"picture"
    assert TimerRun.objects.get(pk="backup").succeeded_at


def titles(dump) -> str:
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(dump)) as copy:
            return str(copy.execute("SELECT title FROM articles_publication").fetchall())
    command = ["pg_restore", "--data-only", "--table=articles_publication", "--file=-", dump]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603


def test_backup_needs_no_uploads_and_deletes_old_dumps(folder):
    for name, days in [("old", 31), ("young", 29)]:
        (folder / f"{name}.dump").touch()
        at = time.time() - days * 86400
        os.utime(folder / f"{name}.dump", (at, at))
    dump = back_up(folder)
    assert {path.name for path in folder.iterdir()} == {
        "young.dump",
        "media",
        dump.rpartition("/")[2],
    }


def test_backup_that_fails_leaves_no_file_and_is_recorded(folder, monkeypatch):
    if connection.vendor == "sqlite":
        folder = folder / "missing"
    else:
        monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/nothing")
    with pytest.raises((CommandError, sqlite3.OperationalError)):
        back_up(folder)
    assert not folder.exists() or list(folder.iterdir()) == []
    assert TimerRun.objects.get(pk="backup").has_failed
