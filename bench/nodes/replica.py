"""Pause the replica: readers get its data, editors their own changes."""

from time import monotonic

from bench.nodes.articles import create_article, publish, seconds_until_seen
from bench.nodes.browser import Browser
from bench.nodes.cluster import COUNT, Cluster, check


def run(cluster: Cluster) -> None:
    editor, reader = Browser(cluster.site), Browser(cluster.site)
    editor.sign_in(cluster.nodes[0])
    key = create_article(cluster, "副本延迟时的文章")
    cluster.standby.query("SELECT pg_wal_replay_pause()")
    publish(cluster, editor, cluster.nodes[0], key)
    path = f"/articles/{key}/"
    seen = [editor.request(port, path).status for port in cluster.nodes]
    check(
        "while the replica is paused, the editor sees the article on every node",
        seen == [200] * COUNT,
    )
    unseen = [reader.request(port, path).status for port in cluster.nodes]
    check("readers do not see it yet", unseen == [404] * COUNT)
    limit = 10 if cluster.short else 2
    since = monotonic()
    cluster.standby.query("SELECT pg_wal_replay_resume()")
    seconds = seconds_until_seen(cluster, key, since)
    check("when it continues, readers of every node see it", seconds < limit, f"{seconds:.2f} s")
    spans = []
    for number in range(2 if cluster.short else 5):
        key = create_article(cluster, f"即时发布{number}")
        publish(cluster, editor, cluster.nodes[number % COUNT], key)
        spans.append(seconds_until_seen(cluster, key, monotonic()))
    check(
        "readers of every node see what is published",
        max(spans) < (5 if cluster.short else 1),
        f"{max(spans):.2f} s",
    )
