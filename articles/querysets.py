from collections.abc import Callable
from datetime import date, datetime
from operator import attrgetter
from typing import NamedTuple, Self

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.utils import timezone

from articles.mentions import Mention, note_mentions
from articles.related import SHOWN, Place
from magazine.freshness import ShownQuerySet, freshness
from magazine.liveness import TimedQuerySet
from search.sources import sources


class WaysOn(NamedTuple):
    """Where a reader may go from an article."""

    previous: models.Model | None
    next: models.Model | None
    related: list


def chosen_for(publication, cards: list, latest: Callable[[], list]) -> list:
    """Six articles: what editors picked, then what shares most, then the last published, each newer before older."""
    found = {card.article_id: card for card in cards if card.article_id != publication.article_id}
    picked, sharing = (
        [found[key] for key in keys if key in found] for keys in (publication.picked, publication.related)
    )
    picked.sort(key=attrgetter("date", "article_id"), reverse=True)
    is_short = len({card.article_id for card in picked + sharing}) < SHOWN
    chosen, known = [], {publication.article_id}
    for some in (picked, sharing, latest() if is_short else []):
        new = [card for card in some if card.article_id not in known][: SHOWN - len(chosen)]
        known |= {card.article_id for card in new}
        chosen += sorted(new, key=attrgetter("date", "article_id"), reverse=True)
    return chosen


def neighbours(publication, cards: list) -> tuple:
    """Which of these stand next to a publication in its issue's contents or its column: before it, and after it."""
    lists, order = ("issue_id", "position") if publication.issue_id else ("column_id", "date")
    whole, place = attrgetter(lists), attrgetter(order, "article_id")
    here = place(publication)
    beside = [card for card in cards if whole(card) == whole(publication)]
    before = max((card for card in beside if place(card) < here), key=place, default=None)
    return before, min((card for card in beside if place(card) > here), key=place, default=None)


def together(*rows: models.QuerySet) -> list[list]:
    """What each of these finds, in no order, by one query."""
    found = [[] for _ in rows]
    first, *others = [some.order_by().annotate(part=Value(part)) for part, some in enumerate(rows)]
    for row in first.union(*others, all=True):
        found[row.part].append(row)
    return found


class ColumnQuerySet(ShownQuerySet):
    def with_latest_keys(self, publications: models.QuerySet, count: int) -> list:
        """The columns that have some of these publications, each with the keys of its newest as `latest_keys`."""
        newest = publications.filter(column=OuterRef("pk")).order_by("-date", "-article_id").values("pk")
        places = [f"latest_{place}" for place in range(count)]
        found = {name: Subquery(newest[place : place + 1]) for place, name in enumerate(places)}
        columns = list(self.annotate(**found).filter(latest_0__isnull=False))
        for column in columns:
            column.latest_keys = [key for name in places if (key := getattr(column, name))]
        return columns


class ArticleQuerySet(models.QuerySet):
    def with_status(self, at: datetime | None = None) -> Self:
        """Annotate what readers see of each article: is one live, is one pending and from when, was there ever one?"""
        from articles.models import Publication  # the models are built on this module

        at = at or timezone.now()
        publications = Publication.objects.filter(article=OuterRef("pk"))
        return self.annotate(
            live=Exists(publications.live(at)),
            pending=Exists(publications.pending(at)),
            pending_from=Subquery(publications.pending(at).order_by("starts_at").values("starts_at")[:1]),
            published=Exists(publications.filter(starts_at__lte=at).seen()),
        )


class PublicationQuerySet(TimedQuerySet, ShownQuerySet):
    def seen(self) -> Self:
        """Without those cancelled before anyone saw them."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")))

    def pending(self, at: datetime | None = None) -> Self:
        """Scheduled for after `at` (now, unless given)."""
        return self.seen().filter(starts_at__gt=at or timezone.now())

    def to_read(self) -> Self:
        """What readers see now, and what they are going to see."""
        return self.seen().filter(Q(ends_at__isnull=True) | Q(ends_at__gt=timezone.now()))

    def last_seen(self, article: int) -> models.Model | None:
        """The version of an article that readers see, or saw last; None if they never saw any."""
        return self.seen().filter(article=article, starts_at__lte=timezone.now()).order_by("-starts_at").first()

    def cards(self) -> Self:
        """What lists show: everything but the text, newest first. A corrected piece keeps its place."""
        return self.defer("body", "related").select_related("column", "magazine").order_by("-date", "-article_id")

    def in_contents_order(self) -> Self:
        return self.order_by("position", "article_id")

    def before(self, publication) -> Self:
        """What stands before a publication in its issue's contents, or is older in its column; the nearest first."""
        if publication.issue_id:
            return self._in_issue(publication, "lt").order_by("-position", "-article_id")
        return self._in_column(publication, "lt").order_by("-date", "-article_id")

    def after(self, publication) -> Self:
        """What stands after a publication in its issue's contents, or is newer in its column; the nearest first."""
        if publication.issue_id:
            return self._in_issue(publication, "gt").order_by("position", "article_id")
        return self._in_column(publication, "gt").order_by("date", "article_id")

    def _in_issue(self, publication, beyond: str) -> Self:
        return self.filter(issue=publication.issue_id)._beyond("position", publication, beyond)

    def _in_column(self, publication, beyond: str) -> Self:
        return self.filter(column=publication.column_id)._beyond("date", publication, beyond)

    def _beyond(self, name: str, publication, beyond: str) -> Self:
        # The first condition repeats what the second says, in a form that bounds the index.
        value = getattr(publication, name)
        return self.filter(**{f"{name}__{beyond}e": value}).filter(
            Q(**{f"{name}__{beyond}": value}) | Q(**{f"article__{beyond}": publication.article_id})
        )

    def ways_on(self, publication) -> WaysOn:
        """Of these, what stands before and after a publication, and what is related to it. Costs one query.

        Where fewer than six are related, a second one fills them up, for all articles together.
        """
        named = Q(article__in={*publication.picked, *publication.related})
        beside = Q(pk=self.before(publication).values("pk")[:1]) | Q(pk=self.after(publication).values("pk")[:1])
        found = list(self.entries().filter(named | beside).order_by())
        chosen = chosen_for(publication, found, lambda: freshness.keep("last_begun", self.last_begun))
        return WaysOn(*neighbours(publication, found), chosen)

    def last_begun(self) -> list:
        """What was published last: enough to show beside one of them."""
        return list(self.entries().order_by("-starts_at", "-article_id")[: SHOWN + 1])

    def entries(self) -> Self:
        """What a line of a list shows, a title that leads to the article, and where it stands."""
        return self.only("article", "title", "date", "starts_at", "correction_kind", "column", "issue", "position")

    def naming(self, kind: str, name: str) -> Self:
        """What names an author or a keyword, newest first, in the order of the key of its mentions."""
        named = self.filter(mentions__kind=kind, mentions__name=name)
        return named.order_by("-mentions__date", "-mentions__article_id")

    def places(self, versions: list[int] | None = None) -> dict[int, Place]:
        """The places of those of some versions (all, unless given) that are among these."""
        among = self if versions is None else self.filter(pk__in=versions)
        return {row[0]: Place(*row[1:]) for row in among.order_by().values_list("pk", "date", "article_id")}

    def relate(self, articles: list[int]) -> None:
        """Name anew what has most in common with these versions: derived from the record, and no part of it."""
        # A night's work names many, and pages learn of it within a minute: it is no reason to render all of them.
        super(ShownQuerySet, self).update(related=articles)

    def redate(self, day: date) -> None:
        """Give versions that nobody has seen yet the day on which the article is first seen."""
        with transaction.atomic():
            keys = list(self.order_by().values_list("pk", flat=True))
            Mention.objects.filter(publication__in=keys).update(date=day)
            super().update(date=day)
            sources["publication"].note(self.model.objects.filter(pk__in=keys).select_related("article", "issue"))

    def update(self, **values) -> int:
        if not values.keys() <= {"ends_at", "ended_by", "end_reason"}:
            raise TypeError("A publication is never edited: publish the article again.")
        with transaction.atomic():
            if "ends_at" in values:
                sources["publication"].end(self.order_by().values("pk"), values["ends_at"])
            return super().update(**values)

    def bulk_create(self, objs, batch_size=None):
        """Adds rows and nothing else: no overwriting of those that are there. What they name is noted."""
        with transaction.atomic():
            created = super().bulk_create(objs, batch_size)
            note_mentions(created)
        return created

    def delete(self):
        raise models.ProtectedError("Publications are never deleted: withdraw the article.", set(self))
