"""No node is special."""

from bench.nodes.browser import Browser
from bench.nodes.house import House, show
from bench.servers import run as command


def run(house: House) -> None:
    reader = Browser(house.site)
    pages = [reader.ask(port, "/") for port in house.nodes]
    show(
        "the same page from every node",
        len({page.content for page in pages}) == 1,
        f"{len(pages[0].content)} bytes",
    )
    show(
        "the same static files by the same hashes",
        pages[0].static == pages[1].static != [],
        len(pages[0].static),
    )
    answers = {reader.ask(port, name).status for port in house.nodes for name in pages[0].static}
    show("every node has each of them", answers == {200})
    show("and sets readers no cookie", not reader.cookies)
    editor = Browser(house.site)
    show("who signs in on one", editor.sign_in(house.nodes[0]).status == 302)
    show("is signed in on the other", editor.ask(house.nodes[1], "/admin/").status == 200)
    kept = command("redis-cli", "-p", str(house.redis_port), "--scan").split()
    show("both keep in one Redis", kept != [], kept)
