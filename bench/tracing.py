"""Measure what request ids and counters cost. See bench/README.md."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

ROOT = Path(__file__).resolve().parent.parent
FOLDER = TemporaryDirectory(prefix="magazine-tracing-")  # deleted when the process ends
sys.path.insert(0, str(ROOT))
os.environ["PROMETHEUS_MULTIPROC_DIR"] = FOLDER.name  # as in the workers of gunicorn
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
    current_trace.get().view, current_trace.get().query_count = "articles:article", 2
    return cached(environ, start_response)


def run_query() -> None:
    connection.cursor().execute("SELECT 1")


def timed(act: Callable, *args) -> float:
    begun = process_time()
    for _ in range(TIMES):
        act(*args)
    return (process_time() - begun) / TIMES * 1e6


def main() -> None:
    spans: dict[str, list[float]] = {}

    def start(status: str, headers: list) -> None:
        pass

    run_query()
    for _ in range(ROUNDS):
        bare = timed(cached, ENVIRON, start)
        spans.setdefault("a page out of the page cache", []).append(
            timed(RequestObserver(cached), ENVIRON, start) - bare
        )
        spans.setdefault("a page that Django renders", []).append(
            timed(RequestObserver(rendered), ENVIRON, start) - bare
        )
        traced = timed(run_query)
        connection.execute_wrappers.remove(trace_query)
        spans.setdefault("a query", []).append(traced - timed(run_query))
        connection.execute_wrappers.append(trace_query)
    for name, values in spans.items():
        print(f"{name}: {median(values):.1f} µs more")


if __name__ == "__main__":
    main()
