"""The replica hangs."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from bench.nodes.articles import article_of, publish, seconds_until_seen
from bench.nodes.browser import Browser
from bench.nodes.house import House, show
from bench.servers import run as command
from bench.servers import wait_until

READERS, SPAN = 4, 20  # at each node; seconds
# Seconds: as long as operations/routing.py is patient, for an answer in an old connection and for a new one; then for
# the page itself, which comes from the primary.
LONGEST = 2 * 2 + 1


def run(house: House) -> None:
    editor = Browser(house.site)
    editor.sign_in(house.nodes[0])
    key = article_of(house, "副本停止应答时的文章")
    read(house, 2)  # so that connections are open
    with house.standby.hanging():
        statuses, spans = read(house, SPAN)
        show("no page fails", set(statuses) == {200}, dict(statuses))
        seen = f"the longest {spans[-1]:.1f} s, {sum(span > 1 for span in spans)} of {len(spans)} over 1 s"
        show(f"and none takes more than {LONGEST:.0f} s", spans[-1] < LONGEST, seen)
        ready = json.loads(
            command("curl", "-s", "--max-time", "10", f"http://127.0.0.1:{house.nodes[0]}/readyz")
        )
        level = ready["replica"]["level"]
        show("operators are warned", level == "warning", ready["replica"]["says"])
        publish(house, editor, house.nodes[0], key)
        taken = seconds_until_seen(house, key, monotonic())
        show("what is published meanwhile is seen", taken < LONGEST, f"after {taken:.1f} s")
    [(begun,)] = house.standby.query("SELECT now()")
    new = "backend_type = 'client backend' AND pid <> pg_backend_pid() AND backend_start > %s"

    def is_read() -> bool:
        read(house, 0.5)
        return house.standby.query(f"SELECT count(*) > 0 FROM pg_stat_activity WHERE {new}", begun)[
            0
        ][0]

    show("when it goes on, readers read it again", True, f"after {wait_until(is_read):.0f} s")


def read(house: House, seconds: float) -> tuple[Counter, list[float]]:
    """Readers at all nodes; every second page none of the page cache. Answers how long pages took, sorted."""
    until, statuses, spans = monotonic() + seconds, Counter(), []

    def one(port: int) -> None:
        reader = Browser(house.site)
        while monotonic() < until:
            for path in ["/", f"/?unknown={monotonic()}"]:
                begun = monotonic()
                statuses[reader.ask(port, path).status] += 1
                spans.append(monotonic() - begun)

    with ThreadPoolExecutor(READERS * len(house.nodes)) as pool:
        list(pool.map(one, house.nodes * READERS))
    return statuses, sorted(spans)
