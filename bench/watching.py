"""What it costs a request that its id is given and it is counted. bench/README.md says how to run it."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

ROOT = Path(__file__).resolve().parent.parent
FOLDER = TemporaryDirectory(prefix="magazine-watching-")  # goes when the process ends
sys.path.insert(0, str(ROOT))
os.environ["PROMETHEUS_MULTIPROC_DIR"] = FOLDER.name  # as gunicorn's workers count
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "magazine.settings",
    "SECRET_KEY": "x",
    "SITE_URL": "http://127.0.0.1:8000",
}
os.environ |= {"DATABASE_URL": "sqlite://:memory:"}

import django  # noqa: E402

django.setup()

from django.db import connection  # noqa: E402

from operations.tracing import current_trace, trace_query  # noqa: E402
from operations.wsgi import RequestObserver  # noqa: E402

ROUNDS, TIMES = 7, 20_000
ENVIRON = {
    "REQUEST_METHOD": "GET",
    "PATH_INFO": "/articles/1/",
    "HTTP_X_REQUEST_ID": "7f3a90c1d2e4b5a6",
}


def cached(environ: dict, start_response: Callable) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/html")])
    return [b""]


def rendered(environ: dict, start_response: Callable) -> list[bytes]:
    trace = current_trace.get()
    trace.view = "articles:article"
    trace.query_count = 2
    return cached(environ, start_response)


def asked() -> None:
    connection.cursor().execute("SELECT 1")


def timed(act: Callable, *arguments) -> float:
    begun = process_time()
    for _ in range(TIMES):
        act(*arguments)
    return (process_time() - begun) / TIMES * 1e6


def main() -> None:
    start, spans = lambda status, headers: None, {}
    asked()
    for _ in range(ROUNDS):
        bare = timed(cached, ENVIRON, start)
        spans.setdefault("a page out of the page cache", []).append(
            timed(RequestObserver(cached), ENVIRON, start) - bare
        )
        spans.setdefault("a page that Django renders", []).append(
            timed(RequestObserver(rendered), ENVIRON, start) - bare
        )
        watching = timed(asked)
        connection.execute_wrappers.remove(trace_query)
        spans.setdefault("a query", []).append(watching - timed(asked))
        connection.execute_wrappers.append(trace_query)
    for name, found in spans.items():
        print(f"{name}: {median(found):.1f} µs more")


if __name__ == "__main__":
    main()
