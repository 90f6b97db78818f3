import os
import subprocess

from django.db import connection

from bench.servers import DEPLOY
from tests.builders import a_publication
from tests.deploy.conftest import database_url


def test_backup_is_whole_or_is_not_there(transactional_db, tmp_path):
    a_publication(title="要留下的文章")
    picture = tmp_path / "data" / "media" / "pictures" / "a.jpg"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"picture")
    into = tmp_path / "backup"
    into.mkdir()
    variables = os.environ | {"DATABASE_URL": database_url(), "DATA_DIR": str(tmp_path / "data")}
    done = subprocess.run(["/bin/sh", DEPLOY / "backup", into], env=variables, capture_output=True, text=True)  # noqa: S603
    if connection.vendor == "postgresql":
        [dump] = into.glob("*.dump")
        assert done.returncode == 0
        assert "TABLE DATA public articles_publication" in listed(dump)
        assert (into / "media" / "pictures" / "a.jpg").read_bytes() == b"picture"
    else:  # pg_dump dumps no SQLite
        assert done.returncode != 0
        assert list(into.iterdir()) == []


def listed(dump) -> str:
    return subprocess.run(["pg_restore", "--list", dump], capture_output=True, text=True, check=True).stdout  # noqa: S603, S607
