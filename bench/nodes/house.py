"""Two gunicorns with folders of their own behind one nginx, a PostgreSQL with a streaming replica, a Redis, and moto.

It stands in for an S3-compatible store.
"""

import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import Popen
from threading import Thread
from time import sleep

import boto3

from bench.nodes.browser import PASSWORD
from bench.servers import (
    ROOT,
    PostgreSQL,
    free_port,
    gunicorn,
    listens,
    nginx,
    run,
    running,
    wait_until,
)

COUNT = 2


def show(claim: str, holds: bool, seen: object = "") -> None:
    """Print what was seen, and end here if it is not what was claimed."""
    print(f"{'ok' if holds else 'NO':>4}  {claim}{f': {seen}' if seen != '' else ''}", flush=True)
    if not holds:
        raise SystemExit(1)


class Engine(BaseHTTPRequestHandler):
    """A search engine that counts what it is told."""

    told: Counter = Counter()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.told.update(body["urlList"])
        sleep(0.2)  # so that the others come while one is at it
        self.send_response(200)
        self.end_headers()

    def log_message(self, *arguments) -> None:
        pass


class House:
    """Everything that runs, and how to speak with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.primary, self.standby = PostgreSQL(folder / "primary"), PostgreSQL(folder / "standby")
        self.redis_port, self.store_port, self.http, self.https = (free_port() for _ in range(4))
        self.nodes = [free_port() for _ in range(COUNT)]
        self.engine = ThreadingHTTPServer(("127.0.0.1", 0), Engine)
        self.site = f"https://127.0.0.1:{self.https}"
        self.gunicorns: list[Popen] = []

    def variables(self, node: int) -> dict[str, str]:
        hosts = f"127.0.0.1:{self.primary.port},127.0.0.1:{self.standby.port}"
        return {
            "SECRET_KEY": "used on all nodes of this trial and nowhere else, fifty characters",
            "SITE_URL": self.site,
            "BEHIND_PROXY": "true",
            "DATA_DIR": str(self.folder / f"node{node}"),
            "DATABASE_URL": f"postgresql://magazine@{hosts}/postgres?target_session_attrs=read-write",
            "DATABASE_REPLICA_URL": self.standby.url,
            "CACHE_URL": f"redis://127.0.0.1:{self.redis_port}/0",
            "MEDIA_STORAGE_URL": f"s3+http://key:secret@127.0.0.1:{self.store_port}/media?region=cn-north-1",
            "INDEXNOW_KEY": "a-key-of-this-trial",
            "INDEXNOW_URL": f"http://127.0.0.1:{self.engine.server_port}/",
            "no_proxy": "127.0.0.1",
        }

    def environment(self, node: int) -> dict[str, str]:
        return os.environ | self.variables(node)

    def manage(self, node: int, *arguments: str) -> str:
        return run(
            sys.executable, ROOT / "manage.py", *arguments, env=self.environment(node), cwd=ROOT
        )

    def shell(self, code: str) -> str:
        return self.manage(0, "shell", "--no-imports", "-c", code)

    def everywhere(self, *arguments: str) -> list[int]:
        """A command on all nodes at the same time; answers how each ended."""
        command = [sys.executable, ROOT / "manage.py", *arguments]
        log = (self.folder / "commands.log").open("ab")
        with log:
            options = {"cwd": ROOT, "stdout": log, "stderr": log}
            started = [
                Popen(command, env=self.environment(node), **options) for node in range(COUNT)
            ]
            return [process.wait(300) for process in started]


@contextmanager
def started(folder: Path) -> Iterator[House]:
    house = House(folder)
    with ExitStack() as stack:
        folder.chmod(0o755)
        stack.callback(house.primary.stop)
        stack.callback(house.standby.stop)
        house.primary.create()
        house.primary.start()
        house.standby.follow(house.primary)
        house.standby.start()
        redis = [
            "redis-server",
            "--port",
            str(house.redis_port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
        ]
        house.redis = stack.enter_context(running(redis, log=folder / "redis.log"))
        moto = [stand_in_for_s3(folder), "-H", "127.0.0.1", "-p", str(house.store_port)]
        stack.enter_context(running(moto, log=folder / "moto.log"))
        wait_until(lambda: listens(house.redis_port) and listens(house.store_port), 60)
        house.bucket = boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{house.store_port}",
            aws_access_key_id="key",
            aws_secret_access_key="secret",  # noqa: S106
            region_name="cn-north-1",
        )
        place = {"LocationConstraint": "cn-north-1"}
        house.bucket.create_bucket(Bucket="media", CreateBucketConfiguration=place)
        Thread(target=house.engine.serve_forever, daemon=True).start()
        stack.callback(house.engine.shutdown)
        for node in range(COUNT):
            (folder / f"node{node}").mkdir(mode=0o755)
            house.manage(node, "collectstatic", "--noinput", "--verbosity=0", "--ignore=ckeditor")
        house.manage(0, "migrate", "--verbosity=0")
        house.manage(0, "load_demo")
        house.shell(
            f"from accounts.models import User; User.objects.create_superuser('chief', password={PASSWORD!r})"
        )
        for node, port in enumerate(house.nodes):
            (folder / f"log{node}").mkdir()
            house.gunicorns.append(
                stack.enter_context(gunicorn(folder / f"log{node}", port, house.variables(node)))
            )
            wait_until(lambda port=port: listens(port))
        stack.enter_context(nginx(folder, folder / "node0", house.nodes, house.http, house.https))
        yield house


def stand_in_for_s3(folder: Path) -> Path:
    """The program of moto, which is installed here and now if MOTO_SERVER does not say where it is."""
    if given := os.environ.get("MOTO_SERVER") or shutil.which("moto_server"):
        return Path(given)
    run(sys.executable, "-m", "venv", folder / "moto")
    run(folder / "moto/bin/pip", "install", "--quiet", "moto[s3,server]")
    return folder / "moto/bin/moto_server"
