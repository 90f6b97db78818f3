"""Counters and gauges for Prometheus.

Workers write counters into files in PROMETHEUS_MULTIPROC_DIR (deploy/gunicorn.conf.py makes it);
a worker that answers /metrics adds them up. Gauges of all apps are computed when /metrics is
read. See docs/decisions/0045-counters-use-files-that-workers-inherit.md.
"""

import fcntl
import os
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from time import monotonic
from typing import IO, NamedTuple

from django.db import DatabaseError
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from operations import checks
from operations.tracing import CACHED, Trace

MULTIPROC_DIR = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

# The slot of this process, by its process id, with the file whose lock holds it.
_slots: dict[int, tuple[int, IO[str]]] = {}


def process_slot() -> int:
    """Return the lowest number that no other living process holds.

    It names the files of this process instead of the process id. The system frees it when the
    process ends, so that a renewed worker continues the files of one that has ended.
    """
    process_id = os.getpid()
    if process_id not in _slots:
        _slots.clear()  # the parent's slot, if this process was forked
        _slots[process_id] = _lock_free_slot()
    number, _file = _slots[process_id]
    return number


def _lock_free_slot() -> tuple[int, IO[str]]:
    number = 0
    while True:
        file = (Path(MULTIPROC_DIR) / f"{number}.lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            number += 1
        else:
            return number, file


if MULTIPROC_DIR:
    values.ValueClass = values.MultiProcessValue(process_slot)

registry = CollectorRegistry()
requests = Counter("magazine_requests", "Requests answered.", ["view", "status"], registry=registry)
latency = Histogram(
    "magazine_request_seconds",
    "How long views took.",
    ["view"],
    registry=registry,
    buckets=BUCKETS_SECONDS,
)
queries = Counter("magazine_queries", "Database queries of requests.", registry=registry)
query_seconds = Counter(
    "magazine_query_seconds", "How long these queries took, with waiting.", registry=registry
)

# Views and statuses are few, and labels() takes longer than the rest of a cached response.
request_counter = cache(requests.labels)

Samples = Iterable[tuple[str, float]]


class Gauge(NamedTuple):
    """A number for each value of one label."""

    description: str
    label: str
    read: Callable[[], Samples]


gauges: dict[str, Gauge] = {}


def gauge(
    name: str, description: str, label: str
) -> Callable[[Callable[[], Samples]], Callable[[], Samples]]:
    """Return a decorator that registers a function as a gauge.

    The function yields (value of the label, number) each time /metrics is read.
    """

    def register(read: Callable[[], Samples]) -> Callable[[], Samples]:
        gauges[name] = Gauge(description, label, read)
        return read

    return register


def _read_gauges() -> list[Metric]:
    families: list[Metric] = []
    for name, item in gauges.items():
        family = GaugeMetricFamily(name, item.description, labels=[item.label])
        for value, number in item.read():
            family.add_metric([value], number)
        families.append(family)
    return families


probe = checks.Probe(_read_gauges)


class GaugeCollector(Collector):
    """Collect all gauges, or none if the database does not answer in time.

    The counters are most important while the database is down.
    """

    def collect(self) -> list[Metric]:
        probe.start()
        try:
            return probe.result(monotonic() + checks.TIMEOUT_SECONDS)
        except (TimeoutError, DatabaseError):
            return []


def count_request(trace: Trace, seconds: float) -> None:
    """Count an answered request, its duration and its queries."""
    request_counter(trace.view, trace.status).inc()
    # Timing a response of the page cache would take longer than the response.
    if trace.view != CACHED:
        latency.labels(trace.view).observe(seconds)
    if trace.query_count:
        queries.inc(trace.query_count)
        query_seconds.inc(trace.query_seconds)


def counters() -> CollectorRegistry:
    """Return the counters of all workers of this machine."""
    if not MULTIPROC_DIR:
        return registry
    all_workers = CollectorRegistry()
    MultiProcessCollector(all_workers, MULTIPROC_DIR)
    return all_workers


def exposition() -> bytes:
    """Return all metrics in the text format of Prometheus."""
    gauge_registry = CollectorRegistry()
    gauge_registry.register(GaugeCollector())
    return generate_latest(counters()) + generate_latest(gauge_registry)
