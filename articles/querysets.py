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

MAX_LINKS = MAX_SHOWN + 1  # enough for the page of an article that is among them

by_date = attrgetter("date", "article_id")


class Neighbours(NamedTuple):
    """The articles that the page of an article links to."""

    previous: models.Model | None
    next: models.Model | None
    related: list


def chosen_for(publication, cards: list, latest: Callable[[], list]) -> list:
    """Return MAX_SHOWN articles: picked ones, then related ones, then the latest.

    Each of the three groups is in the order of dates, newest first.
    """
    cards_by_article = {card.article_id: card for card in cards}
    cards_by_article.pop(publication.article_id, None)
    picked = [cards_by_article[key] for key in publication.picked if key in cards_by_article]
    picked.sort(key=by_date, reverse=True)
    related = [cards_by_article[key] for key in publication.related if key in cards_by_article]
    chosen: list = []
    _add_new_cards(chosen, picked, publication)
    _add_new_cards(chosen, related, publication)
    if len(chosen) < MAX_SHOWN:
        _add_new_cards(chosen, latest(), publication)
    return chosen


def _add_new_cards(chosen: list, cards: list, publication) -> None:
    """Add the cards whose articles are not chosen yet, as far as there is space."""
    known = {card.article_id for card in chosen}
    known.add(publication.article_id)
    new = [card for card in cards if card.article_id not in known]
    new = new[: MAX_SHOWN - len(chosen)]
    chosen += sorted(new, key=by_date, reverse=True)


def neighbours(publication, cards: list) -> tuple:
    """Return the cards before and after a publication in its issue, or else its column."""
    if publication.issue_id:
        list_of = attrgetter("issue_id")
        position = attrgetter("position", "article_id")
    else:
        list_of = attrgetter("column_id")
        position = by_date
    own_position = position(publication)
    before = []
    after = []
    for card in cards:
        if list_of(card) != list_of(publication):
            continue
        if position(card) < own_position:
            before.append(card)
        elif position(card) > own_position:
            after.append(card)
    previous_card = max(before, key=position, default=None)
    next_card = min(after, key=position, default=None)
    return previous_card, next_card


def together(*querysets: models.QuerySet) -> list[list]:
    """Return the rows of each queryset, unordered, by one query."""
    parts = []
    for number, rows in enumerate(querysets):
        parts.append(rows.order_by().annotate(part=Value(number)))
    results: list[list] = [[] for _part in parts]
    for row in parts[0].union(*parts[1:], all=True):
        results[row.part].append(row)
    return results


class ColumnQuerySet(PublicQuerySet):
    def with_latest_keys(self, publications: models.QuerySet, count: int) -> list:
        """Return the columns of some publications, with the keys of the newest of each.

        The attribute `latest_keys` has `count` keys at most.
        """
        newest = publications.filter(column=OuterRef("pk"))
        newest = newest.order_by("-date", "-article_id").values("pk")
        annotations = {}
        for number in range(count):
            annotations[f"latest_{number}"] = Subquery(newest[number : number + 1])
        columns = list(self.annotate(**annotations).filter(latest_0__isnull=False))
        for column in columns:
            keys = [getattr(column, name) for name in annotations]
            column.latest_keys = [key for key in keys if key]
        return columns


class ArticleQuerySet(models.QuerySet):
    def with_status(self, at: datetime | None = None) -> Self:
        """Annotate the state of each article at the instant `at` (default: now).

        `live`, `pending` and `published` are booleans; `pending_from` is an instant.
        """
        at = at or timezone.now()
        publication_model = self.model.publications.rel.related_model
        publications = publication_model.objects.filter(article=OuterRef("pk"))
        pending = publications.pending(at)
        return self.annotate(
            live=Exists(publications.live(at)),
            pending=Exists(pending),
            pending_from=Subquery(pending.order_by("starts_at").values("starts_at")[:1]),
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
        """Leave out versions that were cancelled before they began."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")))

    def pending(self, at: datetime | None = None) -> Self:
        """Return the versions that begin after the instant `at` (default: now)."""
        return self.seen().filter(starts_at__gt=at or timezone.now())

    def live_or_scheduled(self) -> Self:
        """Return the versions that are live now or will be."""
        return self.seen().filter(Q(ends_at__isnull=True) | Q(ends_at__gt=timezone.now()))

    def latest_public(self, article: int) -> models.Model | None:
        """Return the version of an article that is live, or was live last, or None."""
        begun = self.seen().filter(article=article, starts_at__lte=timezone.now())
        return begun.order_by("-starts_at").first()

    def for_cards(self) -> Self:
        """Return rows without their text, newest first; a correction changes no position."""
        rows = self.defer("body", "related").select_related("column", "magazine")
        return rows.order_by("-date", "-article_id")

    def in_contents_order(self) -> Self:
        return self.order_by("position", "article_id")

    def before(self, publication) -> Self:
        """Return what precedes a publication in its issue or else its column, nearest first."""
        if publication.issue_id:
            return self._in_issue(publication, "lt").order_by("-position", "-article_id")
        return self._in_column(publication, "lt").order_by("-date", "-article_id")

    def after(self, publication) -> Self:
        """Return what follows a publication in its issue or else its column, nearest first."""
        if publication.issue_id:
            return self._in_issue(publication, "gt").order_by("position", "article_id")
        return self._in_column(publication, "gt").order_by("date", "article_id")

    def _in_issue(self, publication, beyond: str) -> Self:
        return self.filter(issue=publication.issue_id)._beyond("position", publication, beyond)

    def _in_column(self, publication, beyond: str) -> Self:
        return self.filter(column=publication.column_id)._beyond("date", publication, beyond)

    def _beyond(self, name: str, publication, beyond: str) -> Self:
        # The first condition repeats the second in a form that bounds the scan of the index.
        # See docs/decisions/0008-previous-and-next-bound-the-index.md.
        value = getattr(publication, name)
        is_beyond = Q(**{f"{name}__{beyond}": value})
        is_later_article = Q(**{f"article__{beyond}": publication.article_id})
        return self.filter(**{f"{name}__{beyond}e": value}).filter(is_beyond | is_later_article)

    def prev_next_related(self, publication) -> Neighbours:
        """Return the articles before, after and related to a publication, by one query.

        If fewer than MAX_SHOWN are related, a second query, cached for all articles, adds the
        latest ones. See docs/decisions/0005-an-article-page-costs-two-queries.md.
        """
        named = Q(article__in={*publication.picked, *publication.related})
        previous = Q(pk=self.before(publication).values("pk")[:1])
        following = Q(pk=self.after(publication).values("pk")[:1])
        cards = list(self.for_links().filter(named | (previous | following)).order_by())

        def latest() -> list:
            return object_cache.get_or_compute("last_begun", self.last_begun)

        previous_card, next_card = neighbours(publication, cards)
        return Neighbours(previous_card, next_card, chosen_for(publication, cards, latest))

    def last_begun(self) -> list:
        """Return the MAX_LINKS versions that began last."""
        return list(self.for_links().order_by("-starts_at", "-article_id")[:MAX_LINKS])

    def for_links(self) -> Self:
        """Load only the fields that links to articles and their order need."""
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
        """Return what mentions an author or a keyword, newest first, by the key of mentions."""
        named = self.filter(mentions__kind=kind, mentions__name=name)
        return named.order_by("-mentions__date", "-mentions__article_id")

    def candidates(self, versions: list[int] | None = None) -> dict[int, Candidate]:
        """Return candidates by version; all rows, or only those among `versions`."""
        rows = self if versions is None else self.filter(pk__in=versions)
        candidates = {}
        for key, day, article in rows.order_by().values_list("pk", "date", "article_id"):
            candidates[key] = Candidate(day, article)
        return candidates

    def set_related(self, articles: list[int]) -> None:
        """Save the related articles of these versions; they are no part of the record."""
        # No content change is recorded: refreshing many rows must not empty all caches.
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
