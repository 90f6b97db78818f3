"""The site on several machines, with real servers: what bench/README.md says is shown, or this ends with an error.

Two gunicorns with folders of their own behind one nginx, a PostgreSQL with a streaming replica, a Redis, and moto for
an S3-compatible store. All of it listens on the loopback alone, and is gone when this ends.
"""

import json
import os
import re
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from signal import SIGCONT, SIGSTOP
from subprocess import Popen
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from urllib.parse import urlencode

import boto3
import psycopg

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.servers import free_port, gunicorn, listens, nginx, run, running, wait_until  # noqa: E402
from operations.breaker import PAUSE  # noqa: E402

NODES = 2
PASSWORD = "correct-horse-battery"  # noqa: S105
STEP = "\n== {}"
TIMES = 3  # that timers run on all nodes at once


def say(text: str) -> None:
    print(text, flush=True)


def show(claim: str, holds: bool, seen: object = "") -> None:
    """Print what was seen, and end here if it is not what was claimed."""
    say(f"{'ok' if holds else 'NO':>4}  {claim}{f': {seen}' if seen != '' else ''}")
    if not holds:
        raise SystemExit(1)


class Postgres:
    """A server with a folder and a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))

    def ask(self, program: str, *arguments) -> None:
        """As the user postgres, for it refuses to be run by root."""
        user = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
        run(*(user if os.getuid() == 0 else []), self.programs / program, *arguments, cwd="/")

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        self.ask("pg_ctl", "-D", self.folder, "-w", "-l", self.folder / "log", "start", "-o", options)

    def initialise(self) -> None:
        self.ask("initdb", "-D", self.folder, "-U", "magazine", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8")
        self.start()

    def follow(self, primary: "Postgres") -> None:
        source = f"host=127.0.0.1 port={primary.port} user=magazine"
        self.ask("pg_basebackup", "-D", self.folder, "-R", "-X", "stream", "-c", "fast", "-d", source)
        self.start()

    def promote(self) -> None:
        self.ask("pg_ctl", "-D", self.folder, "-w", "promote")

    def kill(self) -> None:
        """With all that belongs to it, and without a word."""
        if (pid := self.folder / "postmaster.pid").exists():
            self.ask("pg_ctl", "-D", self.folder, "-m", "immediate", "stop")
            pid.unlink(missing_ok=True)

    def query(self, sql: str) -> list[tuple]:
        with psycopg.connect(f"host=127.0.0.1 port={self.port} user=magazine dbname=postgres", autocommit=True) as own:
            cursor = own.execute(sql)
            return cursor.fetchall() if cursor.description else []


class Answer:
    def __init__(self, response) -> None:
        self.status, self.headers, self.content = response.status, response.headers, response.read()
        self.text = self.content.decode(errors="replace")

    @property
    def static(self) -> list[str]:
        return sorted(set(re.findall(r"/static/[\w./-]+", self.text)))


class Browser:
    """Somebody with cookies, at a node or at nginx, as nginx would hand it over."""

    def __init__(self, site: str) -> None:
        self.site, self.cookies = site, {}

    def ask(self, port: int, path: str, sent: dict | None = None) -> Answer:
        headers = {
            "Host": self.site.partition("://")[2],
            "X-Forwarded-Proto": "https",
            "X-Real-IP": "192.0.2.1",
            "Origin": self.site,
            "Referer": f"{self.site}/",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        if sent is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if not self.cookies:
            del headers["Cookie"]
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET" if sent is None else "POST", path, sent and urlencode(sent), headers)
            answer = Answer(connection.getresponse())
        finally:
            connection.close()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def submit(self, port: int, path: str, **changed: str) -> Answer:
        form = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', self.ask(port, path).text))
        return self.ask(port, path, form | changed)

    def sign_in(self, port: int) -> Answer:
        self.cookies.clear()
        return self.submit(port, "/admin/login/", username="chief", password=PASSWORD)


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
        self.primary, self.standby = Postgres(folder / "primary"), Postgres(folder / "standby")
        self.redis_port, self.store_port, self.http, self.https = (free_port() for _ in range(4))
        self.nodes = [free_port() for _ in range(NODES)]
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
            "DATABASE_URL": f"postgresql://magazine@{hosts}/magazine?target_session_attrs=read-write",
            "DATABASE_REPLICA_URL": f"postgresql://magazine@127.0.0.1:{self.standby.port}/magazine",
            "CACHE_URL": f"redis://127.0.0.1:{self.redis_port}/0",
            "MEDIA_STORAGE_URL": f"s3+http://key:secret@127.0.0.1:{self.store_port}/media?region=cn-north-1",
            "INDEXNOW_KEY": "a-key-of-this-trial",
            "INDEXNOW_URL": f"http://127.0.0.1:{self.engine.server_port}/",
            "no_proxy": "127.0.0.1",
        }

    def environment(self, node: int) -> dict[str, str]:
        return os.environ | self.variables(node)

    def manage(self, node: int, *arguments: str) -> str:
        return run(sys.executable, ROOT / "manage.py", *arguments, env=self.environment(node), cwd=ROOT)

    def shell(self, code: str) -> str:
        return self.manage(0, "shell", "--no-imports", "-c", code)

    def everywhere(self, *arguments: str) -> list[int]:
        """A command on all nodes at the same time; answers how each ended."""
        command = [sys.executable, ROOT / "manage.py", *arguments]
        log = (self.folder / "commands.log").open("ab")
        with log:
            options = {"cwd": ROOT, "stdout": log, "stderr": log}
            started = [Popen(command, env=self.environment(node), **options) for node in range(NODES)]  # noqa: S603
            return [process.wait(300) for process in started]


@contextmanager
def started(folder: Path) -> Iterator[House]:
    house = House(folder)
    with ExitStack() as stack:
        folder.chmod(0o755)
        for postgres in [house.primary, house.standby]:
            postgres.folder.mkdir(mode=0o700)
            if os.getuid() == 0:
                shutil.chown(postgres.folder, "postgres", "postgres")
            stack.callback(postgres.kill)
        house.primary.initialise()
        house.primary.query("CREATE DATABASE magazine")
        house.standby.follow(house.primary)
        redis = ["redis-server", "--port", str(house.redis_port), "--bind", "127.0.0.1", "--save", ""]
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
        threading.Thread(target=house.engine.serve_forever, daemon=True).start()
        stack.callback(house.engine.shutdown)
        for node in range(NODES):
            (folder / f"node{node}").mkdir(mode=0o755)
            house.manage(node, "collectstatic", "--noinput", "--verbosity=0", "--ignore=ckeditor")
        house.manage(0, "migrate", "--verbosity=0")
        house.manage(0, "load_demo")
        house.shell(f"from accounts.models import User; User.objects.create_superuser('chief', password={PASSWORD!r})")
        for node, port in enumerate(house.nodes):
            (folder / f"log{node}").mkdir()
            house.gunicorns.append(stack.enter_context(gunicorn(folder / f"log{node}", port, house.variables(node))))
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


def main() -> None:
    with TemporaryDirectory(prefix="magazine-nodes-") as folder, started(Path(folder)) as house:
        steps = [nodes, replica, media, timers, redis, failover]
        for step in steps:
            if step.__name__ in (sys.argv[1:] or [step.__name__ for step in steps]):
                say(STEP.format(step.__doc__))
                step(house)
    say(STEP.format("All of it was shown."))


def nodes(house: House) -> None:
    """No node is special"""
    reader = Browser(house.site)
    pages = [reader.ask(port, "/") for port in house.nodes]
    show("the same page from every node", len({page.content for page in pages}) == 1, f"{len(pages[0].content)} bytes")
    show("the same static files by the same hashes", pages[0].static == pages[1].static != [], len(pages[0].static))
    answers = {reader.ask(port, name).status for port in house.nodes for name in pages[0].static}
    show("every node has each of them", answers == {200})
    show("and sets readers no cookie", not reader.cookies)
    editor = Browser(house.site)
    show("who signs in on one", editor.sign_in(house.nodes[0]).status == 302)
    show("is signed in on the other", editor.ask(house.nodes[1], "/admin/").status == 200)
    kept = run("redis-cli", "-p", str(house.redis_port), "--scan").split()
    show("both keep in one Redis", kept != [], kept)


def article_of(house: House, title: str) -> int:
    made = house.shell(
        "from articles.models import Article, Column; column = Column.objects.first();"
        f"print(Article.objects.create(title={title!r}, body='<p>文</p>', column=column).pk)"
    )
    return int(made.split()[-1])


def publish(house: House, editor: Browser, port: int, key: int) -> float:
    """By the buttons of the desk; answers how long that took."""
    begun = monotonic()
    answer = editor.submit(port, f"/admin/articles/article/publish/?ids={key}", at_0="", at_1="")
    if answer.status != 302:
        raise RuntimeError(f"publishing was answered {answer.status}")
    return monotonic() - begun


def seconds_until_seen(house: House, key: int, since: float) -> float:
    """Until a reader at any node sees an article."""
    reader = Browser(house.site)
    for port in house.nodes:
        wait_until(lambda port=port: reader.ask(port, f"/articles/{key}/").status == 200, 20)
    return monotonic() - since


def replica(house: House) -> None:
    """Readers on the replica, editors reading what they wrote"""
    editor, reader = Browser(house.site), Browser(house.site)
    editor.sign_in(house.nodes[0])
    key = article_of(house, "副本延迟时的文章")
    house.standby.query("SELECT pg_wal_replay_pause()")
    publish(house, editor, house.nodes[0], key)
    path = f"/articles/{key}/"
    seen = [editor.ask(port, path).status for port in house.nodes]
    show("while the replica stands still, the editor sees the article on every node", seen == [200] * NODES)
    unseen = [reader.ask(port, path).status for port in house.nodes]
    show("and readers do not yet", unseen == [404] * NODES, "they read the replica")
    since = monotonic()
    house.standby.query("SELECT pg_wal_replay_resume()")
    taken = seconds_until_seen(house, key, since)
    show("when it goes on, readers of every node see it within 2 s", taken < 2, f"{taken:.2f} s")
    spans = []
    for number in range(5):
        key = article_of(house, f"即时发布{number}")
        publish(house, editor, house.nodes[number % NODES], key)
        spans.append(seconds_until_seen(house, key, monotonic()))
    show("from publishing to every node's readers: 1 s at most", max(spans) < 1, f"{max(spans):.2f} s")


def media(house: House) -> None:
    """Media in the store"""
    reader = Browser(house.site)
    stored = [entry["Key"] for entry in house.bucket.list_objects_v2(Bucket="media").get("Contents", [])]
    show("pictures lie in the bucket", len(stored) > 5, f"{len(stored)} files")
    left = [path for node in range(NODES) for path in (house.folder / f"node{node}" / "media").glob("**/*.*")]
    show("and on no node's disk", left == [])
    picture = next(name for name in stored if name.startswith("pictures/") and name.endswith(".webp"))
    answers = [reader.ask(port, f"/media/{picture}") for port in house.nodes]
    show("every node serves them at our own address", len({answer.content for answer in answers}) == 1)
    safe = all(answer.headers["Content-Security-Policy"].startswith("sandbox") for answer in answers)
    show("shut in", safe and {answer.status for answer in answers} == {200})
    through = run("curl", "-sk", "--max-time", "10", "-D", "-", "-o", "/dev/null", f"{house.site}/media/{picture}")
    show("and so does nginx", "200" in through.splitlines()[0] and "sandbox" in through)


def timers(house: House) -> None:
    """Every timer on all nodes at once"""
    for _ in range(TIMES):
        key = article_of(house, "告知搜索引擎的文章")
        house.shell(f"from articles.models import Article; Article.objects.get(pk={key}).publish(by=None)")
        ended = house.everywhere("push_addresses")
        show("push_addresses ends well everywhere", ended == [0] * NODES)
        show("and told of the article once", Engine.told[f"{house.site}/articles/{key}/"] == 1)
    show("it told of nothing twice", set(Engine.told.values()) == {1}, f"{len(Engine.told)} addresses")
    state = (
        "from articles.models import Publication; from articles.mentions import Mention;"
        "print(sorted(Publication.objects.values_list('pk', 'related')), Mention.objects.count())"
    )
    house.manage(0, "refresh_related")
    right = house.shell(state)
    for _ in range(TIMES):
        house.shell(
            "from articles.models import Publication; from articles.mentions import Mention;"
            "Mention.objects.all().delete();"
            "keys = list(Publication.objects.values_list('pk', flat=True));"
            "[Publication.objects.filter(pk=key).relate([]) for key in keys]"
        )
        show("refresh_related ends well everywhere", house.everywhere("refresh_related") == [0] * NODES)
        house.manage(1, "refresh_related")
        show("and what it wrote is right", house.shell(state) == right)
    for _ in range(TIMES):
        house.shell(
            "from datetime import timedelta; from django.utils import timezone;"
            "from django.contrib.sessions.models import Session; old = timezone.now() - timedelta(days=1);"
            "Session.objects.bulk_create(Session(session_key=f'old{n}', expire_date=old) for n in range(2000))"
        )
        show("clearsessions ends well everywhere", house.everywhere("clearsessions") == [0] * NODES)
        left = house.shell(
            "from django.contrib.sessions.models import Session;"
            "print(Session.objects.filter(session_key__startswith='old').count())"
        )
        show("and clears them all", left.split()[-1] == "0")


def redis(house: House) -> None:
    """Redis down, hung and full"""
    port = house.nodes[0]
    config = ["redis-cli", "-p", str(house.redis_port), "config", "set"]

    def stop_answering() -> None:
        house.redis.send_signal(SIGSTOP)

    def fill() -> None:
        house.redis.send_signal(SIGCONT)
        run(*config, "maxmemory", "1")
        run(*config, "maxmemory-policy", "noeviction")

    def go() -> None:
        house.redis.kill()
        house.redis.wait()

    failures: dict[str, Callable[[], None]] = {"hung": stop_answering, "full": fill, "down": go}
    usual = longest(house, port)
    for name, fail in failures.items():
        fail()
        found = longest(house, port)
        seen = f"the longest {found * 1000:.0f} ms, before {usual * 1000:.0f} ms"
        show(f"{name}: no page fails, and none takes 300 ms more", found - usual < 0.3, seen)
        show(f"{name}: signing in works", Browser(house.site).sign_in(port).status == 302)


def longest(house: House, port: int) -> float:
    """What the slowest of some requests took, in the quietest of several rounds: others use this machine, too.

    Between the rounds a Redis that is away is tried again.
    """
    rounds = []
    for _ in range(6):
        sleep(PAUSE + 1)
        rounds.append(max(spans_of(house, port)))
    return min(rounds)


def spans_of(house: House, port: int) -> list[float]:
    """How long pages take that the page cache does not answer."""
    spans = []
    for number in range(5):
        begun = monotonic()
        answer = Browser(house.site).ask(port, f"/?unknown={number}")
        spans.append(monotonic() - begun)
        if answer.status != 200:
            show("pages are answered", False, answer.status)
    return spans


def failover(house: House) -> None:
    """The primary is lost, and the standby is promoted"""
    before = [process.pid for process in house.gunicorns]
    editor = Browser(house.site)
    editor.sign_in(house.nodes[0])
    keys = [article_of(house, f"切换之后{number}") for number in range(NODES)]
    house.primary.kill()
    reader = Browser(house.site)
    answers = Counter(reader.ask(port, f"/?lost={n}").status for n in range(20) for port in house.nodes)
    show("without a primary readers are answered, uncached pages too", set(answers) == {200}, dict(answers))
    since = monotonic()
    house.standby.promote()
    say(f"      promoted within {monotonic() - since:.1f} s")
    since = monotonic()
    for port in house.nodes:
        wait_until(lambda port=port: editor.ask(port, "/admin/").status == 200, 30)
    show("editors are served again by every node", True, f"{monotonic() - since:.1f} s after the promotion")
    for port, key in zip(house.nodes, keys, strict=True):
        publish(house, editor, port, key)
        seconds_until_seen(house, key, monotonic())
    show("they publish, and readers of every node see it", True)
    workers = [process.pid for process in house.gunicorns if process.poll() is None]
    show("no gunicorn was started anew", workers == before)


if __name__ == "__main__":
    main()
