import json
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from whitenoise.compress import Compressor

from bench import servers


class Answer:
    """A response as curl received it; header names are in lower case."""

    def __init__(self, head: str, body: bytes):
        first, *lines = head.splitlines()
        self.protocol, status, *_ = first.split(" ")
        self.status = int(status)
        self.headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in lines)
        }
        self.body = body

    @property
    def text(self) -> str:
        return self.body.decode()


class Machine:
    """nginx in front of gunicorn, configured by deploy/, on the database of the tests."""

    session = [
        "-H",
        "Cookie: sessionid=whatever",
    ]  # options of `ask` that make a request look signed in

    def __init__(self, folder: Path):
        self.folder = folder
        self.data = folder / "data"
        self.http, self.https, self.port = (servers.free_port() for _ in range(3))
        self.url = f"https://127.0.0.1:{self.https}"

    def ask(self, path: str, *options: str) -> Answer:
        head = self.folder / "head"
        url = path if "://" in path else self.url + path
        command = [
            "curl",
            "-gksS",
            "--path-as-is",
            "--max-time",
            "30",
            "-H",
            "Expect:",
            "-D",
            head,
            *options,
            url,
        ]
        body = subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603
        return Answer(head.read_text("latin-1").partition("\n\n")[0], body)

    def logged(self, path: str, times: int = 1) -> list[dict]:
        """Wait until the access log has `times` lines of a path, and return them."""
        return self._logged("uri", path, times)

    def cache_status(self, answer: Answer) -> str:
        return self._logged("id", answer.headers["x-request-id"])[0]["cache"]

    def _logged(self, name: str, value: str, times: int = 1) -> list[dict]:
        log = self.folder / "var/log/magazine/access.log"
        found = []

        def enough() -> bool:
            lines = log.read_text().splitlines() if log.exists() else []
            found[:] = [line for line in map(json.loads, lines) if line[name] == value]
            return len(found) >= times

        servers.wait_until(enough)
        return found

    def gunicorn(self) -> AbstractContextManager[subprocess.Popen]:
        variables = {
            "DJANGO_SETTINGS_MODULE": "magazine.settings",
            "SECRET_KEY": "used in tests alone",
            "SITE_URL": self.url,
            "BEHIND_PROXY": "true",
            "DATA_DIR": str(self.data),
            "DATABASE_URL": database_url(),
        }
        return servers.gunicorn(self.folder, self.port, variables)


def database_url() -> str:
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    return "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)


@pytest.fixture(scope="session")
def machine(tmp_path_factory) -> Iterator[Machine]:
    """Start nginx with the static files, without gunicorn."""
    machine = Machine(tmp_path_factory.mktemp("machine"))
    (machine.data / "media").mkdir(parents=True)
    root = machine.data / "static"
    hashed = {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    }
    with override_settings(STATIC_ROOT=root, STORAGES=hashed):
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["ckeditor"])
    # As a deployment compresses them, without the files of the admin, which take long.
    compressor = Compressor(quiet=True)
    for path in [*root.glob("*.css"), *root.glob("*.js")]:
        compressor.compress(str(path))
    with servers.nginx(machine.folder, machine.data, [machine.port], machine.http, machine.https):
        yield machine


@pytest.fixture(scope="module")
def served(machine, django_db_setup) -> Iterator[Machine]:
    with machine.gunicorn() as process:
        servers.wait_until(lambda: servers.listens(machine.port), process=process)
        yield machine


@pytest.fixture
def site(served, transactional_db) -> Machine:
    return served
