"""Create and publish articles, and wait until readers see them."""

from time import monotonic

from bench.nodes.browser import Browser
from bench.nodes.cluster import Cluster
from bench.servers import wait_until


def create_article(cluster: Cluster, title: str) -> int:
    output = cluster.shell(
        "from articles.models import Article, Column; column = Column.objects.first();"
        f"print(Article.objects.create(title={title!r}, body='<p>文</p>', column=column).pk)"
    )
    return int(output.split()[-1])


def publish(cluster: Cluster, editor: Browser, port: int, key: int) -> None:
    """Publish an article through the form of the admin."""
    response = editor.submit(port, f"/admin/articles/article/publish/?ids={key}", at_0="", at_1="")
    if response.status != 302:
        raise RuntimeError(f"publishing got status {response.status}")


def seconds_until_seen(cluster: Cluster, key: int, since: float) -> float:
    """Wait until readers of all nodes see an article; return the seconds since `since`."""
    reader = Browser(cluster.site)
    for port in cluster.nodes:
        wait_until(lambda port=port: reader.request(port, f"/articles/{key}/").status == 200, 20)
    return monotonic() - since
