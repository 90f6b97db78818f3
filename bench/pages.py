"""What a page costs: queries, fetches of text, bytes over the wire. bench/README.md says how to run it."""

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
from articles.models import (
    Mention,
    Publication,
)
from magazine.models import Issue  # noqa: E402
from richtext.rendering import render_article  # noqa: E402
from web.object_cache import object_cache  # noqa: E402
from web.pagination import NewestPaginator  # noqa: E402

RUNS = 9


def main() -> None:
    setup_test_environment()
    print(f"{connection.vendor}, {Publication.objects.count():,} publications\n")
    print(
        f"{'page':<42}{'queries':>8}{'uncached':>10}{'texts':>7}{'ms':>8}{'HTML gz':>10}{'without text':>14}"
    )
    for path in addresses():
        print(measured(path))
    print()
    for kind in ["css", "js"]:
        files = [path for path in (ROOT / "static").glob(f"*.{kind}") if path.stem != "editor"]
        print(
            f"{kind.upper()} of the public pages: {sum(packed(path.read_bytes()) for path in files):,} bytes gzipped"
        )


def addresses() -> list[str]:
    """A page of each kind; articles from the old end, the middle and the new end; the longest lists, at both ends."""
    live = Publication.objects.live().order_by("article").select_related("column", "magazine")
    count = live.count()
    articles = [live[place] for place in [0, count // 2, count - 1]]
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
    """The first and the last page of a list."""
    return [path, f"{path}?page={NewestPaginator(rows).num_pages}"]


def measured(path: str) -> str:
    client = Client()
    client.get(path)
    cache.clear()
    object_cache.forget()
    object_cache.ask()
    uncached, response = asked(client, path)
    if response.status_code != 200:
        sys.exit(f"{path} answered {response.status_code}.")
    forget_what_is_its_own()
    own, response = asked(client, path)
    times = []
    for _ in range(RUNS):
        forget_what_is_its_own()
        start = perf_counter()
        client.get(path)
        times.append((perf_counter() - start) * 1000)
    texts = sum('"articles_publication"."body"' in query for query in own)
    publication = response.context and response.context.get("publication")
    html = response.content.decode()
    bare = html.replace(render_article(publication.body).html, "") if publication else html
    return (
        f"{unquote(path):<42}{len(own):>8}{len(uncached):>10}{texts:>7}{min(times):>8.1f}"
        f"{packed(html.encode()):>10,}{packed(bare.encode()):>14,}"
    )


def forget_what_is_its_own() -> None:
    """The page is read and rendered anew; what all pages share stays, as it does until something is written."""
    for name in set(object_cache.kept) - {"house", "notices", "places", "last_begun"}:
        del object_cache.kept[name]


def asked(client: Client, path: str) -> tuple[list[str], HttpResponse]:
    """The queries of one request, without the one that asks twice a second how the site stands; and its answer."""
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    return [
        query["sql"] for query in queries if "magazine_alteration" not in query["sql"]
    ], response


def packed(content: bytes) -> int:
    return len(gzip.compress(content, 6))


if __name__ == "__main__":
    main()
