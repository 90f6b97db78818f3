from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime
from operator import attrgetter
from typing import NamedTuple, Self

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.utils import timezone

from articles import effects
from articles.mentions import names_of
from articles.related import COLUMN, MAX_READ, MAX_SHOWN, Candidate, Sharing, weighed
from publishing.querysets import TimeBoundedQuerySet
from search.index import sources
from web.models import PublicQuerySet
from web.object_cache import object_cache


class Neighbours(NamedTuple):
    """Where a reader may go from an article."""

    previous: models.Model | None
    next: models.Model | None
    related: list


def chosen_for(publication, cards: list, latest: Callable[[], list]) -> list:
    """Six articles: what editors picked, then what shares most, then the last published, each newer before older."""
    found = {card.article_id: card for card in cards if card.article_id != publication.article_id}
    picked, sharing = (
        [found[key] for key in keys if key in found]
        for keys in (publication.picked, publication.related)
    )
    picked.sort(key=attrgetter("date", "article_id"), reverse=True)
    is_short = len({card.article_id for card in picked + sharing}) < MAX_SHOWN
    chosen, known = [], {publication.article_id}
    for some in (picked, sharing, latest() if is_short else []):
        new = [card for card in some if card.article_id not in known][: MAX_SHOWN - len(chosen)]
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


class ColumnQuerySet(PublicQuerySet):
    def with_latest_keys(self, publications: models.QuerySet, count: int) -> list:
        """The columns that have some of these publications, each with the keys of its newest as `latest_keys`."""
        newest = (
            publications.filter(column=OuterRef("pk")).order_by("-date", "-article_id").values("pk")
        )
        places = [f"latest_{place}" for place in range(count)]
        found = {name: Subquery(newest[place : place + 1]) for place, name in enumerate(places)}
        columns = list(self.annotate(**found).filter(latest_0__isnull=False))
        for column in columns:
            column.latest_keys = [key for name in places if (key := getattr(column, name))]
        return columns


class ArticleQuerySet(models.QuerySet):
    def with_status(self, at: datetime | None = None) -> Self:
        """Annotate what readers see of each article: is one live, is one pending and from when, was there ever one?"""
        at = at or timezone.now()
        publication_model = self.model.publications.rel.related_model
        publications = publication_model.objects.filter(article=OuterRef("pk"))
        return self.annotate(
            live=Exists(publications.live(at)),
            pending=Exists(publications.pending(at)),
            pending_from=Subquery(
                publications.pending(at).order_by("starts_at").values("starts_at")[:1]
            ),
            published=Exists(publications.filter(starts_at__lte=at).seen()),
        )


class MentionQuerySet(models.QuerySet):
    def newest(self, kind: str, name: str) -> models.QuerySet:
        """Return publication and article keys of a mention, newest first."""
        rows = self.filter(kind=kind, name=name)
        newest = rows.order_by("-date", "-article_id", "-publication_id")
        return newest.values_list("publication_id", "article_id")

    def record(self, publications: Iterable) -> None:
        """Insert the mentions of publications."""
        mentions = []
        for publication in publications:
            mentions += self._mentions_of(publication)
        # Another machine may be recording the same publications.
        self.bulk_create(mentions, ignore_conflicts=True)

    def refresh(self, publications: Iterable) -> None:
        """Correct the mentions of publications that differ; write nothing else."""
        key_names = self.model._meta.pk.field_names
        recorded = defaultdict(set)
        for key in self.filter(publication__in=publications).values_list(*key_names):
            recorded[key[-1]].add(key)
        differing = []
        for publication in publications:
            wanted = {mention.pk for mention in self._mentions_of(publication)}
            if recorded[publication.pk] != wanted:
                differing.append(publication)
        if differing:
            with transaction.atomic():
                self.filter(publication__in=differing).delete()
                self.record(differing)

    def _mentions_of(self, publication) -> list:
        order = {
            "date": publication.date,
            "article_id": publication.article_id,
            "publication_id": publication.pk,
        }
        return [self.model(kind=kind, name=name, **order) for kind, name in names_of(publication)]


class PublicationQuerySet(TimeBoundedQuerySet, PublicQuerySet):
    def seen(self) -> Self:
        """Without those cancelled before anyone saw them."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")))

    def pending(self, at: datetime | None = None) -> Self:
        """Scheduled for after `at` (now, unless given)."""
        return self.seen().filter(starts_at__gt=at or timezone.now())

    def live_or_scheduled(self) -> Self:
        """What readers see now, and what they are going to see."""
        return self.seen().filter(Q(ends_at__isnull=True) | Q(ends_at__gt=timezone.now()))

    def latest_public(self, article: int) -> models.Model | None:
        """The version of an article that readers see, or saw last; None if they never saw any."""
        return (
            self.seen()
            .filter(article=article, starts_at__lte=timezone.now())
            .order_by("-starts_at")
            .first()
        )

    def for_cards(self) -> Self:
        """What lists show: everything but the text, newest first. A corrected piece keeps its place."""
        return (
            self.defer("body", "related")
            .select_related("column", "magazine")
            .order_by("-date", "-article_id")
        )

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

    def prev_next_related(self, publication) -> Neighbours:
        """Of these, what stands before and after a publication, and what is related to it. Costs one query.

        Where fewer than six are related, a second one fills them up, for all articles together.
        """
        named = Q(article__in={*publication.picked, *publication.related})
        beside = Q(pk=self.before(publication).values("pk")[:1]) | Q(
            pk=self.after(publication).values("pk")[:1]
        )
        found = list(self.for_links().filter(named | beside).order_by())
        chosen = chosen_for(
            publication, found, lambda: object_cache.get_or_compute("last_begun", self.last_begun)
        )
        return Neighbours(*neighbours(publication, found), chosen)

    def last_begun(self) -> list:
        """What was published last: enough to show beside one of them."""
        return list(self.for_links().order_by("-starts_at", "-article_id")[: MAX_SHOWN + 1])

    def for_links(self) -> Self:
        """What a line of a list shows, a title that leads to the article, and where it stands."""
        return self.only(
            "article",
            "title",
            "date",
            "starts_at",
            "correction_kind",
            "column",
            "issue",
            "position",
        )

    def naming(self, kind: str, name: str) -> Self:
        """What names an author or a keyword, newest first, in the order of the key of its mentions."""
        named = self.filter(mentions__kind=kind, mentions__name=name)
        return named.order_by("-mentions__date", "-mentions__article_id")

    def candidates(self, versions: list[int] | None = None) -> dict[int, Candidate]:
        """The places of those of some versions (all, unless given) that are among these."""
        among = self if versions is None else self.filter(pk__in=versions)
        return {
            row[0]: Candidate(*row[1:])
            for row in among.order_by().values_list("pk", "date", "article_id")
        }

    def set_related(self, articles: list[int]) -> None:
        """Name anew what has most in common with these versions: derived from the record, and no part of it."""
        # A night's work names many, and pages learn of it within a minute: it is no reason to render all of them.
        models.QuerySet.update(self, related=articles)

    def set_date(self, day: date) -> None:
        """Set the date of versions that were never visible."""
        with transaction.atomic():
            keys = list(self.order_by().values_list("pk", flat=True))
            self._mentions().filter(publication__in=keys).update(date=day)
            super().update(date=day)
            source = sources["publication"]
            source.index_rows(source.rows().filter(pk__in=keys))

    def update(self, **values) -> int:
        raise TypeError("A publication is never edited: publish the article again.")

    def end(self, *, ends_at, ended_by, end_reason: str = "") -> int:
        """End versions, or reopen them, with all effects; return their number."""
        return effects.end(self, ends_at=ends_at, ended_by=ended_by, end_reason=end_reason)

    def set_end(self, **values) -> int:
        """Update the end alone. Only `articles.effects.end` calls this."""
        return models.QuerySet.update(self, **values)

    def bulk_create(self, objs, batch_size: int | None = None) -> list:
        """Insert versions with all the effects of publishing, and overwrite none."""
        return effects.insert(self, list(objs), batch_size)

    def insert(self, publications, batch_size: int | None = None) -> list:
        """Insert rows without effects. Only `articles.effects.insert` and benches call this."""
        return models.QuerySet.bulk_create(self, publications, batch_size)

    def sharing(self, kind: str, name: str | int) -> Sharing:
        """Return the newest versions that share a mention or a column."""
        if kind == COLUMN:
            rows = self.filter(column=name).order_by("-date", "-article_id")
            rows = rows.values_list("pk", "article_id")
        else:
            rows = self._mentions().newest(kind, name)
        return weighed(kind, list(rows[:MAX_READ]))

    def _mentions(self) -> MentionQuerySet:
        return self.model.mentions.rel.related_model.objects.all()

    def delete(self):
        raise models.ProtectedError(
            "Publications are never deleted: withdraw the article.", set(self)
        )
