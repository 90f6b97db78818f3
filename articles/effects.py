"""The effects of publishing, in order: `insert` is the one function that lists them.

`Article.publish` calls the gates and ends the version before; then it inserts the new version
here, as imports of many publications do.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import transaction
from django.db.models import QuerySet

from articles.cards import draw_card
from articles.related import related_articles
from publishing import effects as registered_effects
from search import index
from web.models import ContentChange

if TYPE_CHECKING:
    from articles.models import Publication  # articles.models imports this module


def insert(
    rows: QuerySet, publications: Sequence["Publication"], batch_size: int | None = None
) -> list["Publication"]:
    """Insert publications with all their effects, in one transaction.

    An effect is added here, or registered in `publishing.effects` by an app above.
    """
    if not publications:
        return []
    with transaction.atomic():
        find_related(publications)
        inserted = rows.insert(publications, batch_size)
        record_mentions(inserted)
        index_for_search(inserted)
        ContentChange.record(rows.db)
        draw_cards_after_commit(inserted)
        registered_effects.run(inserted)
    return inserted


def end(rows: QuerySet, **values) -> int:
    """End publications or reopen them, with all effects, and return their number.

    `values` are the new values of `ends_at`, `ended_by` and `end_reason`.
    """
    with transaction.atomic():
        index.sources["publication"].end(rows.order_by().values("pk"), values["ends_at"])
        count = rows.set_end(**values)
        if count:
            ContentChange.record(rows.db)
    return count


def find_related(publications: Sequence["Publication"]) -> None:
    """Compute the related articles of publications that are not inserted yet."""
    for publication in publications:
        rows = type(publication).objects
        live = rows.live(publication.starts_at)
        publication.related = related_articles(publication, live.candidates, rows.sharing)


def record_mentions(publications: Sequence["Publication"]) -> None:
    """Index the authors, keywords and words that publications mention."""
    apps.get_model("articles", "Mention").objects.record(publications)


def index_for_search(publications: Sequence["Publication"]) -> None:
    """Index publications; their articles are found by them from now on."""
    source = index.sources["publication"]
    source.index_rows(source.rows().filter(pk__in=[row.pk for row in publications]))


def draw_cards_after_commit(publications: Sequence["Publication"]) -> None:
    """Draw the share cards of publications without a cover; a failure is only logged."""
    for publication in publications:
        if not publication.cover:
            transaction.on_commit(_card_task(publication), robust=True)


def _card_task(publication: "Publication"):
    def task() -> None:
        draw_card(publication.title, publication.magazine)

    return task
