"""Compare the pages of all nodes and share sessions between them."""

from bench.nodes.browser import Browser
from bench.nodes.cluster import Cluster, check
from bench.servers import run as command


def run(cluster: Cluster) -> None:
    reader = Browser(cluster.site)
    pages = [reader.request(port, "/") for port in cluster.nodes]
    check(
        "the same page from every node",
        len({page.content for page in pages}) == 1,
        f"{len(pages[0].content)} bytes",
    )
    check(
        "the same static files by the same hashes",
        pages[0].static == pages[1].static != [],
        len(pages[0].static),
    )
    answers = {
        reader.request(port, name).status for port in cluster.nodes for name in pages[0].static
    }
    check("every node has each of them", answers == {200})
    check("readers get no cookie", not reader.cookies)
    editor = Browser(cluster.site)
    check("an editor signs in on one node", editor.sign_in(cluster.nodes[0]).status == 302)
    check(
        "and is signed in on the other", editor.request(cluster.nodes[1], "/admin/").status == 200
    )
    keys = command("redis-cli", "-p", str(cluster.redis_port), "--scan").split()
    check("both nodes use one Redis", keys != [], keys)
