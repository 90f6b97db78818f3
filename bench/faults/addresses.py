"""Random addresses as fast as one core can send them: memory bounded, one query each at most, articles within 500 ms.

Straight at gunicorn, since nginx would let 30 a second pass. SECONDS=300 in the environment makes it five minutes.
"""

import os
import random
import re
import subprocess
from pathlib import Path
from time import sleep

from bench.faults.house import Readers, house
from bench.servers import wait_until

SECONDS = int(os.environ.get("SECONDS", "30"))
LIMIT, GROWTH = 500, 60  # milliseconds, MB in all

ADDRESSES = """
local kinds = {"/articles/%d/", "/columns/c%d/", "/authors/n%d/", "/%d.html", "/notices/%d/", "/pages/p%d/"}
math.randomseed(os.time())
request = function()
  local path = string.format(kinds[math.random(#kinds)], math.random(1000, 999999999))
  return wrk.format("GET", path, {["Host"] = wrk.headers["Host"], ["X-Forwarded-Proto"] = "https"})
end
"""


def run() -> list[str]:
    with house() as site:
        site.warm()
        script = site.folder / "addresses.lua"
        script.write_text(ADDRESSES)
        articles = [page for page in site.pages if page.startswith("/articles/")]
        site.database.query("ALTER SYSTEM SET log_statement = 'all'")
        site.database.query("SELECT pg_reload_conf()")
        sleep(1)
        memory, queries = _memory(site), _queries(site)
        host = site.url.partition("://")[2]
        command = ["wrk", "-t1", "-c8", f"-d{SECONDS}s", "-s", script, "-H", f"Host: {host}"]
        with Readers(site, lambda: random.choice(articles)) as readers:  # noqa: S311
            flood = subprocess.Popen(  # noqa: S603
                [*command, f"http://127.0.0.1:{site.port}"], stdout=subprocess.PIPE, text=True
            )
            wait_until(lambda: flood.poll() is not None, SECONDS + 30)
        sent = int(re.search(r"(\d+) requests in", flood.stdout.read())[1])
        grown, asked = _memory(site) - memory, _queries(site) - queries
    print(
        f"{sent} random addresses in {SECONDS} s, {asked / sent:.2f} queries for each, the readers' among them"
    )
    print(f"memory of the workers: {memory:.0f} MB, {grown:+.0f} MB")
    print(f"readers of articles through nginx: {readers}")
    complaints = (
        [f"{len(readers.failures)} readers were refused: {readers.failures[:5]}"]
        if readers.failures
        else []
    )
    if readers.p(0.99) > LIMIT:
        complaints.append(f"p99 is {readers.p(0.99):.0f} ms")
    if grown > GROWTH:
        complaints.append("memory grows")
    if asked > 1.05 * sent:
        complaints.append("more than one query each")
    return complaints


def _memory(site) -> float:
    """Of all workers, in MB, pages they share counted once."""
    rollups = [Path(f"/proc/{worker}/smaps_rollup").read_text() for worker in site.workers]
    return sum(int(re.search(r"^Pss:\s+(\d+)", rollup, re.M)[1]) for rollup in rollups) / 1024


def _queries(site) -> int:
    """Those of pages. That a connection is still there, each request asks with one of its own."""
    return len(
        re.findall(
            r"LOG:  (?:statement|execute [^:]+): (?!SELECT 1$)", site.database.log.read_text(), re.M
        )
    )
