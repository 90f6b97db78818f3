import time
from collections.abc import Callable
from functools import lru_cache

from django.core.management.base import BaseCommand
from django.db import transaction

from articles.models import Mention, Publication
from articles.related import Candidate, related_articles
from operations.timers import timed

BATCH = 500
REMEMBERED = 10_000  # names with their newest entries: 40 MB at most


@timed
class Command(BaseCommand):
    help = "Find related reading anew for all that readers see or are going to see. Run it every night, on any machine."

    def handle(self, **options) -> None:
        self.begun = time.monotonic()
        self.in_batches("noted", Publication.objects.order_by("pk"), Mention.objects.refresh)
        newest_first = Publication.objects.live_or_scheduled().order_by(
            "-date", "-article_id", "pk"
        )
        self.in_batches("related", newest_first, Relating().relate)

    def in_batches(self, done: str, publications, act: Callable[[list[Publication]], None]) -> None:
        keys = list(publications.values_list("pk", flat=True))
        for start in range(0, len(keys), BATCH):
            batch = keys[start : start + BATCH]
            found = Publication.objects.defer("body").in_bulk(batch)
            act([found[key] for key in batch])
            seconds = time.monotonic() - self.begun
            self.stdout.write(f"{done}: {start + len(batch)} of {len(keys)}, {seconds:.0f} s")


class Relating:
    """Finds what is related, remembering who shares a name, and what readers see."""

    def __init__(self) -> None:
        self.find = lru_cache(REMEMBERED)(Publication.objects.sharing)
        self.places = Publication.objects.live().candidates()

    def live(self, versions: list[int]) -> dict[int, Candidate]:
        return {version: self.places[version] for version in versions if version in self.places}

    def relate(self, publications: list[Publication]) -> None:
        found = {one.pk: related_articles(one, self.live, self.find) for one in publications}
        changed = [one.pk for one in publications if found[one.pk] != one.related]
        if changed:
            write({key: found[key] for key in changed})


@transaction.atomic
def write(found: dict[int, list[int]]) -> None:
    """Versions that somebody is ending at this moment are left out: nobody waits for the other."""
    rows = Publication.objects.filter(pk__in=found).select_for_update(skip_locked=True, no_key=True)
    for key in rows.order_by().values_list("pk", flat=True):
        Publication.objects.filter(pk=key).set_related(found[key])
