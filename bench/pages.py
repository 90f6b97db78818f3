"""What a page costs: queries, fetches of text, bytes over the wire. bench/README.md says how to run it."""

import gzip
import os
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

import django

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "magazine.settings")
django.setup()

from django.core.cache import cache  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402

from articles.models import Publication  # noqa: E402
from magazine.models import Issue  # noqa: E402

RUNS = 9


def main() -> None:
    setup_test_environment()
    print(f"{connection.vendor}, {Publication.objects.count():,} publications\n")
    print(f"{'page':<42}{'queries':>8}{'uncached':>10}{'texts':>7}{'ms':>8}{'HTML gz':>10}{'without text':>14}")
    for address in addresses():
        print(measured(address))
    print()
    for kind in ["css", "js"]:
        files = [path for path in (ROOT / "static").glob(f"*.{kind}") if path.stem != "editor"]
        print(f"{kind.upper()} of the public pages: {sum(packed(path.read_bytes()) for path in files):,} bytes gzipped")


def addresses() -> list[str]:
    """A page of each kind; articles from the old end, the middle and the new end."""
    live = Publication.objects.live().order_by("article").select_related("column", "magazine")
    count = live.count()
    articles = [live[place] for place in [0, count // 2, count - 1]]
    column = articles[1].column.get_absolute_url()
    issue = Issue.objects.released().select_related("magazine")[0]
    magazine = issue.magazine.get_absolute_url()
    pages = [article.get_absolute_url() for article in articles]
    return ["/", *pages, column, f"{column}?page=99999", magazine, issue.get_absolute_url(), f"{magazine}issues/"]


def measured(address: str) -> str:
    client = Client()
    client.get(address)
    cache.clear()
    uncached, response = asked(client, address)
    if response.status_code != 200:
        sys.exit(f"{address} answered {response.status_code}.")
    own, response = asked(client, address)
    times = []
    for _ in range(RUNS):
        start = perf_counter()
        client.get(address)
        times.append((perf_counter() - start) * 1000)
    texts = sum('"articles_publication"."body"' in query for query in own)
    publication = response.context.get("publication")
    html = response.content.decode()
    bare = html.replace(publication.body, "") if publication else html
    return (
        f"{address:<42}{len(own):>8}{len(uncached):>10}{texts:>7}{median(times):>8.1f}"
        f"{packed(html.encode()):>10,}{packed(bare.encode()):>14,}"
    )


def asked(client: Client, address: str) -> tuple[list[str], HttpResponse]:
    """The queries of one request, and its answer."""
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    return [query["sql"] for query in queries], response


def packed(content: bytes) -> int:
    return len(gzip.compress(content, 6))


if __name__ == "__main__":
    main()
