"""Measure the queries, time and bytes of a page of each kind. See bench/README.md."""

import gzip
import os
import sys
from pathlib import Path
from time import perf_counter
from urllib.parse import unquote

import django

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "magazine.settings")
django.setup()

from django.core.cache import cache  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402

from articles.mentions import MentionKind, address  # noqa: E402
from articles.models import Mention, Publication  # noqa: E402
from magazine.models import Issue  # noqa: E402
from richtext.rendering import render_article  # noqa: E402
from web.object_cache import object_cache  # noqa: E402
from web.pagination import NewestPaginator  # noqa: E402
from web.site_version import version_tracker  # noqa: E402

RUNS = 9
VERSION_TABLE = "magazine_alteration"
SHARED_KEYS = {"site", "notices", "nav paths", "last_begun"}


def main() -> None:
    setup_test_environment()
    print(f"{connection.vendor}, {Publication.objects.count():,} publications\n")
    print(f"{'page':<42}{'queries':>8}{'uncached':>10}{'texts':>7}{'ms':>8}", end="")
    print(f"{'HTML gz':>10}{'without text':>14}")
    for path in addresses():
        print(measure(path))
    print()
    for kind in ["css", "js"]:
        files = [path for path in (ROOT / "static").glob(f"*.{kind}") if path.stem != "editor"]
        size = sum(gzipped_size(path.read_bytes()) for path in files)
        print(f"{kind.upper()} of the public pages: {size:,} bytes gzipped")


def addresses() -> list[str]:
    """Return a page of each kind, old and new articles, and both ends of the longest lists."""
    live = Publication.objects.live().order_by("article").select_related("column", "magazine")
    count = live.count()
    articles = [live[index] for index in [0, count // 2, count - 1]]
    newest, column = articles[-1], articles[1].column.get_absolute_url()
    issue = Issue.objects.released().select_related("magazine")[0]
    magazine = issue.magazine.get_absolute_url()
    pages = ["/", *(article.get_absolute_url() for article in articles)]
    pages += ends(column, live.filter(column=articles[1].column))
    for kind in (MentionKind.AUTHOR, MentionKind.KEYWORD):
        named = (
            Mention.objects.filter(kind=kind)
            .values_list("name")
            .annotate(times=Count("*"))
            .order_by("-times")
        )
        pages += ends(address(kind, named[0][0]), live.naming(kind, named[0][0]))
    pages += [
        "/archive/",
        f"/archive/{newest.date.year}/",
        f"/archive/{newest.date.year}/{newest.date.month}/",
    ]
    pages += [magazine, issue.get_absolute_url(), f"{magazine}issues/", "/notices/"]
    return [*pages, "/feeds/", f"/feeds{magazine}", f"/feeds{column}", "/sitemap.xml"]


def ends(path: str, rows) -> list[str]:
    """Return the addresses of the first and the last page of a list."""
    return [path, f"{path}?page={NewestPaginator(rows).num_pages}"]


def measure(path: str) -> str:
    client = Client()
    client.get(path)
    cache.clear()
    object_cache.clear()
    version_tracker.refresh()
    uncached, response = get_with_queries(client, path)
    if response.status_code != 200:
        sys.exit(f"{path} answered {response.status_code}.")
    clear_page_entries()
    own, response = get_with_queries(client, path)
    times = []
    for _ in range(RUNS):
        clear_page_entries()
        start = perf_counter()
        client.get(path)
        times.append((perf_counter() - start) * 1000)
    texts = sum('"articles_publication"."body"' in query for query in own)
    publication = response.context and response.context.get("publication")
    html = response.content.decode()
    bare = html.replace(render_article(publication.body).html, "") if publication else html
    return (
        f"{unquote(path):<42}{len(own):>8}{len(uncached):>10}{texts:>7}{min(times):>8.1f}"
        f"{gzipped_size(html.encode()):>10,}{gzipped_size(bare.encode()):>14,}"
    )


def clear_page_entries() -> None:
    """Delete the cache entries of single pages; entries that all pages share stay."""
    for key in set(object_cache.entries) - SHARED_KEYS:
        del object_cache.entries[key]


def get_with_queries(client: Client, path: str) -> tuple[list[str], HttpResponse]:
    """Return the queries of one request, without that for the site version, and the response."""
    with CaptureQueriesContext(connection) as captured:
        response = client.get(path)
    queries = [query["sql"] for query in captured if VERSION_TABLE not in query["sql"]]
    return queries, response


def gzipped_size(content: bytes) -> int:
    return len(gzip.compress(content, 6))


if __name__ == "__main__":
    main()
