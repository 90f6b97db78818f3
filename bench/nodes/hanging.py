"""Stop the processes of the replica: pages come from the primary."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from bench.nodes.articles import create_article, publish, seconds_until_seen
from bench.nodes.browser import Browser
from bench.nodes.cluster import Cluster, check
from bench.servers import run as command
from bench.servers import wait_until

READERS = 4  # at each node
SECONDS = 20
SHORT_SECONDS = 5
# operations/routing.py waits twice: for a response in the old connection and for a new one.
# The page itself then comes from the primary.
MAX_SECONDS = 2 * 2 + 1


def run(cluster: Cluster) -> None:
    editor = Browser(cluster.site)
    editor.sign_in(cluster.nodes[0])
    key = create_article(cluster, "副本停止应答时的文章")
    read(cluster, 2)  # opens the connections
    with cluster.standby.hanging():
        statuses, spans = read(cluster, SHORT_SECONDS if cluster.short else SECONDS)
        check("no page fails", set(statuses) == {200}, dict(statuses))
        slow = sum(span > 1 for span in spans)
        result = f"the longest {spans[-1]:.1f} s, {slow} of {len(spans)} over 1 s"
        check(f"and none takes more than {MAX_SECONDS:.0f} s", spans[-1] < MAX_SECONDS, result)
        ready = json.loads(
            command("curl", "-s", "--max-time", "10", f"http://127.0.0.1:{cluster.nodes[0]}/readyz")
        )
        level = ready["replica"]["level"]
        check("/readyz warns", level == "warning", ready["replica"]["says"])
        publish(cluster, editor, cluster.nodes[0], key)
        taken = seconds_until_seen(cluster, key, monotonic())
        check(
            "readers see an article published meanwhile",
            taken < MAX_SECONDS,
            f"after {taken:.1f} s",
        )
    [(begun,)] = cluster.standby.query("SELECT now()")
    new = "backend_type = 'client backend' AND pid <> pg_backend_pid() AND backend_start > %s"

    def is_read() -> bool:
        read(cluster, 0.5)
        return cluster.standby.query(
            f"SELECT count(*) > 0 FROM pg_stat_activity WHERE {new}",  # noqa: S608
            begun,
        )[0][0]

    check(
        "when the replica continues, readers read from it again",
        True,
        f"after {wait_until(is_read):.0f} s",
    )


def read(cluster: Cluster, seconds: float) -> tuple[Counter, list[float]]:
    """Read pages at all nodes, every second one uncached; return statuses and sorted times."""
    until = monotonic() + seconds
    statuses: Counter = Counter()
    spans: list[float] = []

    def one(port: int) -> None:
        reader = Browser(cluster.site)
        while monotonic() < until:
            for path in ["/", f"/?unknown={monotonic()}"]:
                begun = monotonic()
                statuses[reader.request(port, path).status] += 1
                spans.append(monotonic() - begun)

    with ThreadPoolExecutor(READERS * len(cluster.nodes)) as pool:
        list(pool.map(one, cluster.nodes * READERS))
    return statuses, sorted(spans)
