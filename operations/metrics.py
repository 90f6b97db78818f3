"""What is counted, for Prometheus. Every room may add gauges, which are asked when somebody looks.

Workers write their numbers into files in PROMETHEUS_MULTIPROC_DIR, which deploy/gunicorn.conf.py makes; whichever of
them is asked adds up all. Files go by a small number instead of the process's: a worker that is renewed goes on with
the file of one that has ended, so that they do not grow more numerous with every worker there ever was.
"""

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import count
from pathlib import Path
from time import monotonic
from typing import IO

from django.db import DatabaseError
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from operations import checks
from operations.tracing import CACHED, Trace

FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

_held: dict[int, tuple[int, IO]] = {}


def slot() -> int:
    """The lowest number that no other living process of the folder has; the system frees it when this one ends."""
    process = os.getpid()
    if process not in _held:
        _held.clear()  # a parent's, if this process was forked
        _held[process] = next(_free_slots())
    return _held[process][0]


def _free_slots() -> Iterator[tuple[int, IO]]:
    for number in count():
        file = (Path(FOLDER) / f"{number}.lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
        else:
            yield number, file


if FOLDER:
    values.ValueClass = values.MultiProcessValue(slot)

registry = CollectorRegistry()
requests = Counter("magazine_requests", "Requests answered.", ["view", "status"], registry=registry)
latency = Histogram(
    "magazine_request_seconds", "How long views took.", ["view"], registry=registry, buckets=BUCKETS
)
queries = Counter(
    "magazine_queries", "Queries that requests asked of the database.", registry=registry
)
query_seconds = Counter(
    "magazine_query_seconds", "How long these took, with all they waited for.", registry=registry
)

answered = cache(requests.labels)  # views and statuses are few

gauges: dict[str, tuple[str, str, Callable[[], Iterable[tuple[str, float]]]]] = {}


def gauge(name: str, says: str, label: str):
    """Registers a function that answers a number for each value of a label."""

    def register(ask: Callable[[], Iterable[tuple[str, float]]]):
        gauges[name] = (says, label, ask)
        return ask

    return register


def _measured() -> list[Metric]:
    families = []
    for name, (says, label, ask) in gauges.items():
        families.append(GaugeMetricFamily(name, says, labels=[label]))
        for value, number in ask():
            families[-1].add_metric([value], number)
    return families


probe = checks.Probe(_measured)


class Gauges(Collector):
    """None, while what they are asked of does not answer: the counters are wanted then most of all."""

    def collect(self) -> list[Metric]:
        probe.begin()
        try:
            return probe.answer(monotonic() + checks.TIMEOUT_SECONDS)
        except (TimeoutError, DatabaseError):
            return []


def count_request(trace: Trace, seconds: float) -> None:
    answered(trace.view, trace.status).inc()
    # What comes ready from memory is counted, and no more: it takes less time than to note how long it took.
    if trace.view != CACHED:
        latency.labels(trace.view).observe(seconds)
    if trace.queries:
        queries.inc(trace.queries)
        query_seconds.inc(trace.seconds)


def counted() -> CollectorRegistry:
    """What has been counted, by all workers of this machine."""
    if not FOLDER:
        return registry
    summed = CollectorRegistry()
    MultiProcessCollector(summed, FOLDER)
    return summed


def exposition() -> bytes:
    asked = CollectorRegistry()
    asked.register(Gauges())
    return generate_latest(counted()) + generate_latest(asked)
