"""Metrics of publishing."""

from collections.abc import Iterator

from django.core.cache import cache
from django.utils import timezone

from articles.models import Publication
from operations.metrics import gauge

CACHE_SECONDS = 60  # counting a million rows is slow


@gauge(
    "magazine_publications", "Versions that readers see, and that they are going to see.", "state"
)
def publications() -> Iterator[tuple[str, float]]:
    yield from cache.get_or_set("publication_counts", _counts, CACHE_SECONDS)


def _counts() -> list[tuple[str, float]]:
    now = timezone.now()
    return [
        ("live", Publication.objects.live(now).count()),
        ("scheduled", Publication.objects.pending(now).count()),
    ]
