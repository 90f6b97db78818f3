"""The primary is lost, and the standby is promoted."""

from collections import Counter
from time import monotonic

from bench.nodes.articles import article_of, publish, seconds_until_seen
from bench.nodes.browser import Browser
from bench.nodes.house import COUNT, House, show
from bench.servers import wait_until


def run(house: House) -> None:
    before = [process.pid for process in house.gunicorns]
    editor = Browser(house.site)
    editor.sign_in(house.nodes[0])
    keys = [article_of(house, f"切换之后{number}") for number in range(COUNT)]
    house.primary.kill()
    reader = Browser(house.site)
    answers = Counter(
        reader.ask(port, f"/?lost={n}").status for n in range(20) for port in house.nodes
    )
    show(
        "without a primary readers are answered, uncached pages too",
        set(answers) == {200},
        dict(answers),
    )
    since = monotonic()
    house.standby.query("SELECT pg_promote()")
    show("the standby is promoted", True, f"within {monotonic() - since:.1f} s")
    since = monotonic()
    for port in house.nodes:
        wait_until(lambda port=port: editor.ask(port, "/admin/").status == 200, 30)
    show(
        "editors are served again by every node",
        True,
        f"{monotonic() - since:.1f} s after the promotion",
    )
    for port, key in zip(house.nodes, keys, strict=True):
        publish(house, editor, port, key)
        seconds_until_seen(house, key, monotonic())
    show("they publish, and readers of every node see it", True)
    workers = [process.pid for process in house.gunicorns if process.poll() is None]
    show("no gunicorn was started anew", workers == before)
