from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone

from magazine.liveness import TimedQuerySet


class ColumnQuerySet(models.QuerySet):
    def with_latest(self, count: int) -> list:
        """The columns that have something live, each with its newest `count` cards as `latest`. Costs two queries."""
        from articles.models import Publication  # the models are built on this module

        newest = Publication.objects.live().filter(column=OuterRef("pk")).cards().values("pk")
        places = [f"latest_{place}" for place in range(count)]
        found = {name: Subquery(newest[place : place + 1]) for place, name in enumerate(places)}
        columns = list(self.annotate(**found).filter(latest_0__isnull=False))
        keys = {column: [key for name in places if (key := getattr(column, name))] for column in columns}
        cards = Publication.objects.cards().in_bulk([key for some in keys.values() for key in some])
        for column in columns:
            column.latest = [cards[key] for key in keys[column]]
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


class PublicationQuerySet(TimedQuerySet):
    def seen(self) -> Self:
        """Without those cancelled before anyone saw them."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")))

    def pending(self, at: datetime | None = None) -> Self:
        """Scheduled for after `at` (now, unless given)."""
        return self.seen().filter(starts_at__gt=at or timezone.now())

    def cards(self) -> Self:
        """What lists show: everything but the text, newest first. A corrected piece keeps its place."""
        return self.defer("body").select_related("column", "magazine").order_by("-date", "-article_id")

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

    def redate(self, day: date) -> None:
        """Give versions that nobody has seen yet the day on which the article is first seen."""
        super().update(date=day)

    def update(self, **values) -> int:
        if not values.keys() <= {"ends_at", "ended_by", "end_reason"}:
            raise TypeError("A publication is never edited: publish the article again.")
        return super().update(**values)

    def bulk_create(self, objs, batch_size=None):
        """Adds rows and nothing else: no overwriting of those that are there."""
        return super().bulk_create(objs, batch_size)

    def delete(self):
        raise models.ProtectedError("Publications are never deleted: withdraw the article.", set(self))
