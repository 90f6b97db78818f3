"""Measure Wagtail's own search with questions.txt on the same corpus. See bench/README.md."""

import os
import re
import sys
from pathlib import Path
from statistics import mean, median
from time import perf_counter

import django
import psycopg

django.setup()

from cms.models import Article  # noqa: E402
from django.core.management import call_command  # noqa: E402
from wagtail.search.backends import get_search_backend  # noqa: E402

BATCH = 1000
KINDS = {"word", "planted", "quoted", "title", "rare"}
FIELDS = ["title", "authors", "keywords", "abstract", "body"]


def load() -> None:
    call_command("migrate", verbosity=0)
    Article.objects.all().delete()
    with psycopg.connect(os.environ["SOURCE"]) as source, source.cursor("all") as cursor:
        cursor.execute(f"SELECT {', '.join(FIELDS)} FROM articles_publication ORDER BY id")  # noqa: S608
        while rows := cursor.fetchmany(BATCH):
            texts = [dict(zip(FIELDS, row, strict=True)) for row in rows]
            Article.objects.bulk_create(
                Article(**text | {"body": re.sub("<[^>]*>", "\n", text["body"])}) for text in texts
            )
    # Each chunk reads all earlier ones.
    call_command("update_index", chunk_size=100_000, verbosity=0)


def main() -> None:
    if sys.argv[1:] == ["load"]:
        load()
    lines = Path(__file__).with_name("questions.txt").read_text("utf-8").splitlines()
    questions = [
        (kind, text.strip("“”"))
        for kind, text in (line.split("\t") for line in lines)
        if kind in KINDS
    ]
    expected = {text.lower(): set() for _kind, text in questions}
    for article in Article.objects.iterator(chunk_size=2000):
        text = "\n".join(getattr(article, field) for field in FIELDS).lower()
        for phrase, keys in expected.items():
            if phrase in text:
                keys.add(article.pk)
    backend = get_search_backend()
    recalls: list[float] = []
    first: list[float] = []
    ranks: list[int] = []
    times: list[float] = []
    for kind, text in questions:
        keys = expected[text.lower()]
        if not keys:
            continue
        start = perf_counter()
        found = list(backend.search(text, Article)[:10])
        count = backend.search(text, Article).count()
        times.append(perf_counter() - start)
        recalls.append(min(1, count / len(keys)))
        first.append(len([one for one in found if one.pk in keys]) / min(10, len(keys)))
        if kind == "title":
            ranks.append(next((rank for rank, one in enumerate(found, 1) if one.title == text), 0))
    print(
        f"{Article.objects.count():,} articles, {len(times)} questions; "
        f"median {median(times) * 1000:.1f} ms"
    )
    print(f"recall at most {mean(recalls):.3f}; precision at 10 {mean(first):.3f}")
    print(f"exact titles first: {sum(rank == 1 for rank in ranks)} of {len(ranks)}")


if __name__ == "__main__":
    main()
