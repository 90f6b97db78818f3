"""An article on its way from the desk to readers."""

from time import monotonic

from bench.nodes.browser import Browser
from bench.nodes.house import House
from bench.servers import wait_until


def article_of(house: House, title: str) -> int:
    made = house.shell(
        "from articles.models import Article, Column; column = Column.objects.first();"
        f"print(Article.objects.create(title={title!r}, body='<p>文</p>', column=column).pk)"
    )
    return int(made.split()[-1])


def publish(house: House, editor: Browser, port: int, key: int) -> float:
    """By the buttons of the desk; answers how long that took."""
    begun = monotonic()
    answer = editor.submit(port, f"/admin/articles/article/publish/?ids={key}", at_0="", at_1="")
    if answer.status != 302:
        raise RuntimeError(f"publishing was answered {answer.status}")
    return monotonic() - begun


def seconds_until_seen(house: House, key: int, since: float) -> float:
    """Until a reader at any node sees an article."""
    reader = Browser(house.site)
    for port in house.nodes:
        wait_until(lambda port=port: reader.ask(port, f"/articles/{key}/").status == 200, 20)
    return monotonic() - since
