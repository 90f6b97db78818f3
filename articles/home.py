"""The home page's cards: one query says which they are of each column, and one fetches all of them."""

from typing import NamedTuple

from django.utils import timezone

from articles.models import Column, Publication
from articles.querysets import together
from articles.reads import most_read

LEADS = 5
LATEST = 6
MOST_READ = 10


# What the page shows of an article: of seventy of them, whole rows with their magazines take long to read.
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
    live = Publication.objects.live(timezone.now())
    columns = Column.objects.filter(on_home_page=True).with_latest_keys(live, LATEST)
    ranking = most_read()
    leading = live.filter(lead=True).order_by("-date", "-article_id").values("pk")[:LEADS]
    cards = Publication.objects.select_related("column").only(*CARD_FIELDS, "column__title")
    leads, latest, read = together(
        cards.filter(pk__in=leading),
        cards.filter(pk__in=[key for column in columns for key in column.latest_keys]),
        cards.live().filter(article__in=ranking),
    )
    cards = {card.pk: card for card in latest}
    for column in columns:
        column.latest = [cards[key] for key in column.latest_keys]
    leads.sort(key=lambda card: (card.date, card.article_id), reverse=True)
    read.sort(key=lambda card: ranking.index(card.article_id))
    return HomePage(leads, columns, read[:MOST_READ])
