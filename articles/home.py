"""The cards of the home page: one query returns keys by column, a second one all cards.

See docs/decisions/0006-home-page-cost-does-not-grow.md.
"""

from typing import NamedTuple

from django.utils import timezone

from articles.models import Column, Publication
from articles.querysets import together
from articles.reads import most_read

MAX_LEADS = 5
MAX_LATEST = 6
MAX_MOST_READ = 10

# The fields that cards show: whole rows of seventy articles take long to read.
CARD_FIELDS = [
    "article",
    "title",
    "date",
    "correction_kind",
    "kicker",
    "subtitle",
    "authors",
    "abstract",
    "cover",
]


class HomePage(NamedTuple):
    leads: list
    columns: list
    most_read: list


def home_page() -> HomePage:
    """Return the lead stories, the columns with `latest`, and the most read articles."""
    live = Publication.objects.live(timezone.now())
    columns = Column.objects.filter(on_home_page=True).with_latest_keys(live, MAX_LATEST)
    ranking = most_read()
    leading = live.filter(lead=True).order_by("-date", "-article_id").values("pk")[:MAX_LEADS]
    latest_keys = []
    for column in columns:
        latest_keys += column.latest_keys
    cards = Publication.objects.select_related("column").only(*CARD_FIELDS, "column__title")
    leads, latest, read = together(
        cards.filter(pk__in=leading),
        cards.filter(pk__in=latest_keys),
        cards.live().filter(article__in=ranking),
    )
    cards_by_key = {card.pk: card for card in latest}
    for column in columns:
        column.latest = [cards_by_key[key] for key in column.latest_keys]
    leads.sort(key=lambda card: (card.date, card.article_id), reverse=True)
    read.sort(key=lambda card: ranking.index(card.article_id))
    return HomePage(leads, columns, read[:MAX_MOST_READ])
