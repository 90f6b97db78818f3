"""Measure Wagtail's own search with questions.txt on the same corpus. See bench/README.md."""

import os
import re

import django
import psycopg

django.setup()

from cms.models import Article  # noqa: E402
from django.core.management import call_command  # noqa: E402

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
