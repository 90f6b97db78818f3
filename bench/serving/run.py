"""Measure the site and other applications under load, in turn. See bench/README.md."""

import gzip
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from shutil import which
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import quote

import brotli
import django

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PORT = int(os.environ.get("PORT", "8700"))
SITE = f"http://127.0.0.1:{PORT + 2}"
os.environ.setdefault("SECRET_KEY", "measured alone, and never on the way")
os.environ.update(SITE_URL=SITE, DJANGO_SETTINGS_MODULE="magazine.settings")
sys.path.insert(0, str(ROOT))
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from articles.models import Publication  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = int(os.environ.get("SECONDS", "2"))
# Letters of contenders to compare on one article: many short rounds separate close results.
ONLY = os.environ.get("ONLY", "")
CONCURRENCY = [1, 16, 64]
COMPARED = 50  # articles that Wagtail gets
STARTS = 5

# The same for all applications: as deploy/gunicorn.conf.py, without a log.
GUNICORN = (
    "--workers 2 --threads 4 --worker-class gthread --worker-tmp-dir /dev/shm --no-control-socket"
)
NGINX = """
worker_processes 2; pid {folder}/pid; error_log {folder}/error.log; daemon off; {modules}
events {{ worker_connections 1024; }}
http {{
  access_log off; default_type text/html; keepalive_requests 1000000; types {{ }}
  proxy_temp_path {folder}/t1; client_body_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  proxy_cache_path {folder}/cache keys_zone=pages:10m use_temp_path=off;
  map $http_accept_encoding $encoding {{ ~br "br, gzip"; ~gzip gzip; default ""; }}
  upstream site {{ server 127.0.0.1:{site}; keepalive 32; }}
  server {{
    listen 127.0.0.1:{static}; root {folder}/pages; index index.html; gzip_static on; {brotli}
  }}
  server {{
    listen 127.0.0.1:{proxied};
    location / {{
      proxy_pass http://site; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host 127.0.0.1:{site}; proxy_set_header Accept-Encoding $encoding;
      proxy_cache pages; proxy_cache_key "$request_uri $encoding"; proxy_cache_valid 200 1s;
      proxy_cache_lock on;
      proxy_cache_use_stale updating error timeout http_500; proxy_ignore_headers Vary;
      open_file_cache max=1000;
    }}
  }}
}}
"""


class Contender(NamedTuple):
    letter: str
    name: str
    port: int


CONTENDERS = [
    Contender("a", "nginx, compressed file", PORT),
    Contender("b", "nginx before the site", PORT + 1),
    Contender("c", "gunicorn, page cached", PORT + 2),
    Contender("d", "gunicorn, page cache off", PORT + 3),
    Contender("e", "bare Django view", PORT + 4),
    Contender("f", "hello world", PORT + 5),
    Contender("g", "Wagtail", PORT + 6),
    Contender("h", "gunicorn, page and object caches off", PORT + 7),
]


class Run(NamedTuple):
    """The result of one run of wrk."""

    per_second: float
    p50: float  # ms
    p99: float


def main() -> None:
    settings.ALLOWED_HOSTS.append("127.0.0.1")
    article = longest_of(
        Publication.objects.live().select_related("column", "magazine").order_by("-pk")[:COMPARED]
    )
    lists = ["/", article.magazine.get_absolute_url(), article.column.get_absolute_url()]
    count = Publication.objects.live().count()
    print(
        f"{connection.vendor}, {count:,} live publications, "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    print(f"{ROUNDS} rounds of {SECONDS} s, {time.strftime('%Y-%m-%d %H:%M')}\n")
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(
                TemporaryDirectory(prefix="magazine-serving-", ignore_cleanup_errors=True)
            )
        )
        folder.chmod(0o755)
        servers = start(stack, folder, article)
        compared = [contender for contender in CONTENDERS if not ONLY or contender.letter in ONLY]
        compare(dict.fromkeys(compared, article.get_absolute_url()), CONCURRENCY)
        if ONLY:
            return
        memory(servers)
        for path in [*lists, f"/search/?q={quote('预算')}"]:
            compare(dict.fromkeys([*CONTENDERS[1:4], CONTENDERS[7]], path), CONCURRENCY[1:2])
    ready(article.get_absolute_url())


def longest_of(publications) -> Publication:
    """Return the longest article of a magazine, which costs most to compress and render."""
    longest = max(
        (one for one in publications if one.magazine), key=lambda one: len(one.body), default=None
    )
    if longest is None:
        sys.exit("There is no article: run manage.py load_demo or generate_publications.")
    return longest


def start(
    stack: ExitStack, folder: Path, article: Publication
) -> dict[Contender, subprocess.Popen]:
    a, b, c, d, e, f, g, h = CONTENDERS
    here = {"PYTHONPATH": f"{ROOT}:{HERE}"}
    python = sys.executable
    servers = {
        c: gunicorn(stack, c, python, "magazine.wsgi", here),
        d: gunicorn(stack, d, python, "magazine.wsgi", here | {"PAGE_CACHE_MB": "0"}),
        e: gunicorn(stack, e, python, "bare", here | {"DATABASE_URL": database_url()}),
        f: gunicorn(stack, f, python, "hello", here),
        g: gunicorn(stack, g, *wagtail(folder)),
        h: gunicorn(stack, h, python, "uncached", here | {"PAGE_CACHE_MB": "0"}),
    }
    wait_for(c, article.get_absolute_url())
    page = fetch(f"{SITE}{article.get_absolute_url()}", Host=f"127.0.0.1:{c.port}")
    page_folder = folder / "pages" / article.get_absolute_url().strip("/")
    page_folder.mkdir(parents=True)
    for suffix, content in {
        "": page,
        ".gz": gzip.compress(page, 9),
        ".br": brotli.compress(page),
    }.items():
        (page_folder / f"index.html{suffix}").write_bytes(content)
    module = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
    (folder / "nginx.conf").write_text(
        NGINX.format(
            folder=folder,
            site=c.port,
            static=a.port,
            proxied=b.port,
            modules=f"load_module {module};" if module.exists() else "",
            brotli="brotli_static on;" if module.exists() else "",
        )
    )
    servers[b] = started(
        stack,
        [which("nginx") or "/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")],
    )
    for contender in CONTENDERS:
        wait_for(contender, article.get_absolute_url())
    return servers


def database_url() -> str:
    return os.environ.get("DATABASE_URL") or f"sqlite:///{settings.DATA_DIR / 'db.sqlite3'}"


def wagtail(folder: Path) -> tuple[str, str, dict[str, str]]:
    """Install Wagtail in its own environment, once, and load the newest articles into it."""
    home = Path(os.environ.get("WAGTAIL", "/tmp/magazine-wagtail"))  # noqa: S108
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", home], check=True)  # noqa: S603
        subprocess.run(  # noqa: S603
            [python, "-m", "pip", "install", "-q", "wagtail", "gunicorn", "psycopg[binary]"],
            check=True,
        )
    options = ["ENGINE", "HOST", "PORT", "USER", "PASSWORD", "CONN_MAX_AGE", "CONN_HEALTH_CHECKS"]
    default = settings.DATABASES["default"]
    database = {name: default[name] for name in options if name in default}
    if connection.vendor == "sqlite":
        database["NAME"] = str(folder / "cms.sqlite3")
    else:
        database["NAME"] = "magazine_bench_cms"
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database["NAME"]])
            if not cursor.fetchone():
                cursor.execute(f"CREATE DATABASE {database['NAME']}")
    own = {
        "PYTHONPATH": str(HERE),
        "CMS_DATABASE": json.dumps(database),
        "DJANGO_SETTINGS_MODULE": "cms.settings",
    }
    articles = Publication.objects.live().order_by("-pk")[:COMPARED]
    rows = [
        {
            "slug": str(one.article_id),
            "title": one.title,
            "date": str(one.date),
            "authors": one.authors,
            "keywords": one.keywords,
            "abstract": one.abstract,
            "body": one.body,
        }
        for one in articles
    ]
    environment = os.environ | own
    subprocess.run(  # noqa: S603
        [python, HERE / "cms" / "load.py"],
        env=environment,
        input=json.dumps(rows),
        text=True,
        check=True,
    )
    return str(python), "cms.wsgi", own


def gunicorn(
    stack: ExitStack, contender: Contender, python: str, application: str, variables: dict[str, str]
):
    command = [
        python,
        "-m",
        "gunicorn",
        *GUNICORN.split(),
        "--bind",
        f"127.0.0.1:{contender.port}",
        application,
    ]
    return started(stack, command, os.environ | {"PYTHONPATH": str(ROOT)} | variables)


def started(
    stack: ExitStack, command: list[str], environment: dict[str, str] | None = None
) -> subprocess.Popen:
    server = subprocess.Popen(  # noqa: S603
        command, env=environment, cwd=HERE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    stack.callback(server.wait, 30)
    stack.callback(server.terminate)
    return server


def fetch(address: str, **headers: str) -> bytes | None:
    try:
        request = urllib.request.Request(address, headers=headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
            return response.read()
    except OSError:
        return None


def wait_for(contender: Contender, path: str) -> None:
    end = time.monotonic() + 60
    while fetch(f"http://127.0.0.1:{contender.port}{path}", Host=f"127.0.0.1:{PORT + 2}") is None:
        if time.monotonic() > end:
            sys.exit(f"({contender.letter}) {contender.name} does not answer at {path}.")
        time.sleep(0.05)


def compare(paths: dict[Contender, str], levels: list[int]) -> None:
    """Measure all contenders in turn, so that other load on the machine affects all alike."""
    found: dict[tuple[Contender, int], list[Run]] = {}
    for contender, path in paths.items():
        load(contender, path, 16)  # not counted
    for _ in range(ROUNDS):
        for level in levels:
            for contender, path in paths.items():
                found.setdefault((contender, level), []).append(load(contender, path, level))
    print(
        f"| {next(iter(paths.values()))} |"
        + "".join(f" req/s at {n} | p50 | p99 |" for n in levels)
    )
    print("|---" * (1 + 3 * len(levels)) + "|")
    for contender in paths:
        cells = [medians(found[contender, level]) for level in levels]
        print(
            f"| ({contender.letter}) {contender.name} |"
            + "".join(f" {run.per_second:,.0f} | {run.p50:.2f} | {run.p99:.2f} |" for run in cells)
        )
    print()
    sets = dict(zip("abcdefgh", CONTENDERS, strict=True))
    for one, other in ["ba", "cf", "de", "dg", "he", "hg"]:
        if sets[one] in paths and sets[other] in paths:
            for name, figure in [("requests per second", "per_second"), ("p99", "p99")]:
                ratios = [
                    median(of_rounds(found, sets[one], sets[other], level, figure))
                    for level in levels
                ]
                said = ", ".join(
                    f"{ratio:.2f} at {n}" for ratio, n in zip(ratios, levels, strict=True)
                )
                print(f"{one} / {other}, {name}: {said}")
    print(flush=True)


def of_rounds(
    found: dict, one: Contender, other: Contender, level: int, figure: str
) -> list[float]:
    """Return the ratio of two contenders in each round."""
    pairs = zip(found[one, level], found[other, level], strict=True)
    return [getattr(ours, figure) / getattr(theirs, figure) for ours, theirs in pairs]


def medians(runs: list[Run]) -> Run:
    return Run(*(median(values) for values in zip(*runs, strict=True)))


def load(contender: Contender, path: str, level: int) -> Run:
    command = ["wrk", "-t", "1", "-c", str(level), "-d", f"{SECONDS}s", "--latency"]
    command += ["-H", f"Host: 127.0.0.1:{PORT + 2}", "-H", "Accept-Encoding: gzip, br"]
    done = subprocess.run(  # noqa: S603
        [*command, f"http://127.0.0.1:{contender.port}{path}"],
        capture_output=True,
        text=True,
        check=True,
    )
    if "Non-2xx" in done.stdout:
        sys.exit(
            f"({contender.letter}) {contender.name} does not respond with the page:\n{done.stdout}"
        )
    [per_second] = re.findall(r"Requests/sec:\s+([\d.]+)", done.stdout)
    times = [
        milliseconds(*re.search(rf"{share}%\s+([\d.]+)(us|ms|s)", done.stdout).groups())
        for share in (50, 99)
    ]
    return Run(float(per_second), *times)


def milliseconds(number: str, unit: str) -> float:
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def memory(servers: dict[Contender, subprocess.Popen]) -> None:
    """Print the memory of the workers; pages shared between processes are divided among them."""
    for contender, server in servers.items():
        workers = subprocess.run(  # noqa: S603
            ["pgrep", "-P", str(server.pid)],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in workers.split()]
        total = sum(int(re.search(r"^Pss:\s+(\d+)", rollup, re.M)[1]) for rollup in rollups)
        print(
            f"memory of the {len(rollups)} workers of ({contender.letter}): {total / 1024:.0f} MB"
        )
    print()


def ready(path: str) -> None:
    """Print the time from the start of gunicorn to the first page."""
    times = []
    for _ in range(STARTS):
        with ExitStack() as stack:
            begun = time.monotonic()
            gunicorn(stack, CONTENDERS[2], sys.executable, "magazine.wsgi", {})
            wait_for(CONTENDERS[2], path)
            times.append(time.monotonic() - begun)
    print(f"ready after {median(times):.1f} s (median of {STARTS} starts)")


if __name__ == "__main__":
    main()
