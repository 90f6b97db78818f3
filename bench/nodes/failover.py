"""Kill the primary and promote the standby."""

from collections import Counter
from time import monotonic

from bench.nodes.articles import create_article, publish, seconds_until_seen
from bench.nodes.browser import Browser
from bench.nodes.cluster import COUNT, Cluster, check
from bench.servers import wait_until


def run(cluster: Cluster) -> None:
    before = [process.pid for process in cluster.gunicorns]
    editor = Browser(cluster.site)
    editor.sign_in(cluster.nodes[0])
    keys = [create_article(cluster, f"切换之后{number}") for number in range(COUNT)]
    cluster.primary.kill()
    reader = Browser(cluster.site)
    answers = Counter(
        reader.request(port, f"/?lost={n}").status for n in range(20) for port in cluster.nodes
    )
    check(
        "without a primary, readers get all pages, also uncached ones",
        set(answers) == {200},
        dict(answers),
    )
    since = monotonic()
    cluster.standby.query("SELECT pg_promote()")
    check("the standby is promoted", True, f"within {monotonic() - since:.1f} s")
    since = monotonic()
    for port in cluster.nodes:
        wait_until(lambda port=port: editor.request(port, "/admin/").status == 200, 30)
    check(
        "editors are served again by every node",
        True,
        f"{monotonic() - since:.1f} s after the promotion",
    )
    for port, key in zip(cluster.nodes, keys, strict=True):
        publish(cluster, editor, port, key)
        seconds_until_seen(cluster, key, monotonic())
    check("editors publish, and readers of every node see the articles", True)
    workers = [process.pid for process in cluster.gunicorns if process.poll() is None]
    check("no gunicorn was restarted", workers == before)
