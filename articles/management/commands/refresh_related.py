import time
from collections.abc import Callable
from functools import lru_cache

from django.core.management.base import BaseCommand
from django.db import transaction
from django.db.models import QuerySet

from articles.models import Mention, Publication
from articles.related import Candidate, related_articles
from operations.timers import timed

BATCH_ROWS = 500
MAX_CACHED_NAMES = 10_000  # with their newest entries: 40 MB at most


@timed
class Command(BaseCommand):
    help = (
        "Compute the related articles of all live and scheduled publications again. "
        "Run it every night, on any machine."
    )

    def handle(self, **options) -> None:
        self.begun = time.monotonic()
        self.in_batches("noted", Publication.objects.order_by("pk"), Mention.objects.refresh)
        publications = Publication.objects.live_or_scheduled()
        newest_first = publications.order_by("-date", "-article_id", "pk")
        self.in_batches("related", newest_first, RelatedRefresher().refresh)

    def in_batches(
        self, label: str, publications: QuerySet, act: Callable[[list[Publication]], None]
    ) -> None:
        """Call `act` with all publications, BATCH_ROWS at a time, and print progress."""
        keys = list(publications.values_list("pk", flat=True))
        for start in range(0, len(keys), BATCH_ROWS):
            batch = keys[start : start + BATCH_ROWS]
            rows = Publication.objects.defer("body").in_bulk(batch)
            act([rows[key] for key in batch])
            done = start + len(batch)
            seconds = time.monotonic() - self.begun
            self.stdout.write(f"{label}: {done} of {len(keys)}, {seconds:.0f} s")


class RelatedRefresher:
    """Compute related articles, with names and live versions cached in memory."""

    def __init__(self) -> None:
        self.find = lru_cache(MAX_CACHED_NAMES)(Publication.objects.sharing)
        self.candidates = Publication.objects.live().candidates()

    def live(self, versions: list[int]) -> dict[int, Candidate]:
        """Return the live ones among some versions."""
        candidates = {}
        for version in versions:
            if version in self.candidates:
                candidates[version] = self.candidates[version]
        return candidates

    def refresh(self, publications: list[Publication]) -> None:
        """Compute and save what differs."""
        changed = {}
        for publication in publications:
            related = related_articles(publication, self.live, self.find)
            if related != publication.related:
                changed[publication.pk] = related
        if changed:
            save_related(changed)


@transaction.atomic
def save_related(articles_by_version: dict[int, list[int]]) -> None:
    """Save related articles; skip rows that another transaction holds."""
    rows = Publication.objects.filter(pk__in=articles_by_version)
    rows = rows.select_for_update(skip_locked=True, no_key=True)
    for key in rows.order_by().values_list("pk", flat=True):
        Publication.objects.filter(pk=key).set_related(articles_by_version[key])
