"""Request random addresses at full speed: memory stays bounded, with at most one query each.

The requests go to gunicorn, because nginx passes only 30 a second. The environment variable
SECONDS=300 makes it five minutes. Needs wrk.
"""

import os
import random
import re
from pathlib import Path
from time import sleep
from typing import NamedTuple

from bench.faults.site import Readers, Site
from bench.servers import running, wait_until


class Numbers(NamedTuple):
    seconds: int
    max_p99_ms: int
    max_growth_mb: int


LONG = Numbers(seconds=int(os.environ.get("SECONDS", "30")), max_p99_ms=500, max_growth_mb=60)

WRK_SCRIPT = """
local kinds = {
  "/articles/%d/", "/columns/c%d/", "/authors/n%d/", "/%d.html", "/notices/%d/", "/pages/p%d/"
}
math.randomseed(os.time())
request = function()
  local path = string.format(kinds[math.random(#kinds)], math.random(1000, 999999999))
  local headers = {["Host"] = wrk.headers["Host"], ["X-Forwarded-Proto"] = "https"}
  return wrk.format("GET", path, headers)
end
"""
# CONN_HEALTH_CHECKS adds a SELECT 1 to each request.
QUERY = re.compile(r"LOG:  (?:statement|execute [^:]+): (?!SELECT 1$)", re.M)


def run(site: Site, numbers: Numbers) -> list[str]:
    site.warm()
    script = site.folder / "addresses.lua"
    script.write_text(WRK_SCRIPT)
    articles = [page for page in site.pages if page.startswith("/articles/")]
    site.database.query("ALTER SYSTEM SET log_statement = 'all'")
    site.database.query("SELECT pg_reload_conf()")
    sleep(1)
    memory_before = memory_mb(site)
    queries_before = count_queries(site)
    host = site.url.partition("://")[2]
    command = ["wrk", "-t1", "-c8", f"-d{numbers.seconds}s", "-s", script, "-H", f"Host: {host}"]
    command.append(f"http://127.0.0.1:{site.port}")
    log = site.folder / "wrk.log"
    with (
        Readers(site, lambda: random.choice(articles)) as readers,  # noqa: S311
        running(command, log=log) as wrk,
    ):
        wait_until(lambda: wrk.poll() is not None, numbers.seconds + 30)
    sent = int(re.search(r"(\d+) requests in", log.read_text())[1])
    growth = memory_mb(site) - memory_before
    queries = count_queries(site) - queries_before
    print(f"{sent} random addresses in {numbers.seconds} s")
    print(f"{queries / sent:.2f} queries each, those of the readers included")
    print(f"memory of the workers: {memory_before:.0f} MB, {growth:+.0f} MB")
    print(f"readers of articles through nginx: {readers}")
    failures = []
    if readers.failures:
        failures.append(f"{len(readers.failures)} requests failed: {readers.failures[:5]}")
    p99 = readers.percentile_ms(0.99)
    if p99 > numbers.max_p99_ms:
        failures.append(f"p99 is {p99:.0f} ms")
    if growth > numbers.max_growth_mb:
        failures.append("memory grows")
    if queries > 1.05 * sent:
        failures.append("more than one query each")
    return failures


def memory_mb(site: Site) -> float:
    """Return the memory of all workers in MB, with shared pages counted once."""
    total = 0
    for worker in site.workers:
        rollup = Path(f"/proc/{worker}/smaps_rollup").read_text()
        total += int(re.search(r"^Pss:\s+(\d+)", rollup, re.M)[1])
    return total / 1024


def count_queries(site: Site) -> int:
    return len(QUERY.findall(site.database.log.read_text()))
