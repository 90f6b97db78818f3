"""Two nodes behind nginx, PostgreSQL with a streaming replica, Redis and moto for S3."""

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
    copy_static,
    free_port,
    gunicorn,
    listens,
    nginx,
    run,
    running,
    wait_until,
)

COUNT = 2


def check(claim: str, holds: bool, result: object = "") -> None:
    """Print a check and its result, and end the program if it failed."""
    print(
        f"{'ok' if holds else 'NO':>4}  {claim}{f': {result}' if result != '' else ''}", flush=True
    )
    if not holds:
        raise SystemExit(1)


class IndexNowServer(BaseHTTPRequestHandler):
    """A search engine that counts the addresses it receives."""

    received: Counter = Counter()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.received.update(body["urlList"])
        sleep(0.2)  # long enough for the other nodes to send as well
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


class Cluster:
    """The ports, folders and processes of all servers."""

    def __init__(self, folder: Path, *, short: bool) -> None:
        self.folder = folder
        self.short = short
        self.primary = PostgreSQL(folder / "primary")
        self.standby = PostgreSQL(folder / "standby")
        self.redis_port, self.store_port, self.http, self.https = (free_port() for _ in range(4))
        self.nodes = [free_port() for _ in range(COUNT)]
        self.search_engine = ThreadingHTTPServer(("127.0.0.1", 0), IndexNowServer)
        self.site = f"https://127.0.0.1:{self.https}"
        self.gunicorns: list[Popen] = []

    def variables(self, node: int) -> dict[str, str]:
        hosts = f"127.0.0.1:{self.primary.port},127.0.0.1:{self.standby.port}"
        url = f"postgresql://magazine@{hosts}/postgres"
        variables = {
            "SECRET_KEY": "the same on all nodes of this cluster, fifty characters or more",
            "SITE_URL": self.site,
            "BEHIND_PROXY": "true",
            "DATA_DIR": str(self.folder / f"node{node}"),
            "DATABASE_URL": f"{url}?target_session_attrs=read-write",
            "DATABASE_REPLICA_URL": self.standby.url,
            "CACHE_URL": f"redis://127.0.0.1:{self.redis_port}/0",
            "INDEXNOW_KEY": "a-key-of-this-cluster",
            "INDEXNOW_URL": f"http://127.0.0.1:{self.search_engine.server_port}/",
            "no_proxy": "127.0.0.1",
        }
        if not self.short:
            store = f"s3+http://key:secret@127.0.0.1:{self.store_port}"
            variables["MEDIA_STORAGE_URL"] = f"{store}/media?region=cn-north-1"
        return variables

    def environment(self, node: int) -> dict[str, str]:
        return os.environ | self.variables(node)

    def manage(self, node: int, *args: str) -> str:
        return run(sys.executable, ROOT / "manage.py", *args, env=self.environment(node), cwd=ROOT)

    def shell(self, code: str) -> str:
        return self.manage(0, "shell", "--no-imports", "-c", code)

    def manage_all(self, *args: str) -> list[int]:
        """Run a command on all nodes at the same time, and return the exit codes."""
        command = [sys.executable, ROOT / "manage.py", *args]
        log = (self.folder / "commands.log").open("ab")
        with log:
            options = {"cwd": ROOT, "stdout": log, "stderr": log}
            started = [
                Popen(command, env=self.environment(node), **options)  # noqa: S603
                for node in range(COUNT)
            ]
            return [process.wait(300) for process in started]


@contextmanager
def running_cluster(folder: Path, *, short: bool) -> Iterator[Cluster]:
    """Start all servers in `folder`, and stop them at the end."""
    cluster = Cluster(folder, short=short)
    with ExitStack() as stack:
        folder.chmod(0o755)
        stack.callback(cluster.primary.stop)
        stack.callback(cluster.standby.stop)
        cluster.primary.create()
        cluster.primary.start()
        cluster.standby.follow(cluster.primary)
        cluster.standby.start()
        redis = [
            "redis-server",
            "--port",
            str(cluster.redis_port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
        ]
        cluster.redis = stack.enter_context(running(redis, log=folder / "redis.log"))
        wait_until(lambda: listens(cluster.redis_port), 60)
        if not short:
            start_object_storage(stack, cluster)
        Thread(target=cluster.search_engine.serve_forever, daemon=True).start()
        stack.callback(cluster.search_engine.shutdown)
        for node in range(COUNT):
            (folder / f"node{node}").mkdir(mode=0o755)
            copy_static(folder / f"node{node}" / "static")
        cluster.manage(0, "migrate", "--verbosity=0")
        cluster.manage(0, "load_demo")
        cluster.shell(
            "from accounts.models import User;"
            f"User.objects.create_superuser('chief', password={PASSWORD!r})"
        )
        for node, port in enumerate(cluster.nodes):
            (folder / f"log{node}").mkdir()
            cluster.gunicorns.append(
                stack.enter_context(gunicorn(folder / f"log{node}", port, cluster.variables(node)))
            )
            wait_until(lambda port=port: listens(port))
        stack.enter_context(
            nginx(folder, folder / "node0", cluster.nodes, cluster.http, cluster.https)
        )
        yield cluster


def start_object_storage(stack: ExitStack, cluster: Cluster) -> None:
    """Start moto as an S3-compatible store and create the bucket."""
    port = str(cluster.store_port)
    command = [moto_program(cluster.folder), "-H", "127.0.0.1", "-p", port]
    stack.enter_context(running(command, log=cluster.folder / "moto.log"))
    wait_until(lambda: listens(cluster.store_port), 60)
    cluster.bucket = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="key",
        aws_secret_access_key="secret",  # noqa: S106
        region_name="cn-north-1",
    )
    location = {"LocationConstraint": "cn-north-1"}
    cluster.bucket.create_bucket(Bucket="media", CreateBucketConfiguration=location)


def moto_program(folder: Path) -> Path:
    """Return the path of moto_server, and install moto into `folder` if there is none."""
    program = os.environ.get("MOTO_SERVER") or shutil.which("moto_server")
    if program:
        return Path(program)
    run(sys.executable, "-m", "venv", folder / "moto")
    run(folder / "moto/bin/pip", "install", "--quiet", "moto[s3,server]")
    return folder / "moto/bin/moto_server"
