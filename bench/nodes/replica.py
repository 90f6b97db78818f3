"""Readers on the replica, editors reading what they wrote."""

from time import monotonic

from bench.nodes.articles import article_of, publish, seconds_until_seen
from bench.nodes.browser import Browser
from bench.nodes.house import COUNT, House, show


def run(house: House) -> None:
    editor, reader = Browser(house.site), Browser(house.site)
    editor.sign_in(house.nodes[0])
    key = article_of(house, "副本延迟时的文章")
    house.standby.query("SELECT pg_wal_replay_pause()")
    publish(house, editor, house.nodes[0], key)
    path = f"/articles/{key}/"
    seen = [editor.ask(port, path).status for port in house.nodes]
    show(
        "while the replica stands still, the editor sees the article on every node",
        seen == [200] * COUNT,
    )
    unseen = [reader.ask(port, path).status for port in house.nodes]
    show("and readers do not yet", unseen == [404] * COUNT, "they read the replica")
    since = monotonic()
    house.standby.query("SELECT pg_wal_replay_resume()")
    taken = seconds_until_seen(house, key, since)
    show("when it goes on, readers of every node see it within 2 s", taken < 2, f"{taken:.2f} s")
    spans = []
    for number in range(5):
        key = article_of(house, f"即时发布{number}")
        publish(house, editor, house.nodes[number % COUNT], key)
        spans.append(seconds_until_seen(house, key, monotonic()))
    show(
        "from publishing to every node's readers: 1 s at most",
        max(spans) < 1,
        f"{max(spans):.2f} s",
    )
