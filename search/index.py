"""What is searched: every room registers its kinds of documents in its own `searching.py`.

A document is indexed in the transaction that saves its row. `note` is called by whatever writes past Django's signals.
"""

import hashlib
from collections.abc import Collection
from datetime import UTC, date, datetime
from functools import partial
from typing import NamedTuple

from django.conf import settings
from django.db import models, transaction
from django.db.models import QuerySet
from django.db.models.signals import post_delete, post_save

from search import postgresql, tokens
from search.models import Delivery, Entry, entry_id
from search.tokens import ABSTRACT, NAMES, SMALL, TITLE, fold, tokens_of

ALWAYS = datetime(1900, 1, 1, tzinfo=UTC)  # since when readers see what has no start of its own
LONGEST_TITLE = Entry._meta.get_field("title").max_length


class Document(NamedTuple):
    """What one row says, in plain text, and where and when readers see it. Without a start it is for editors only."""

    title: str
    address: str
    date: date
    body: str
    starts_at: datetime | None = ALWAYS
    ends_at: datetime | None = None
    authors: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    abstract: str = ""
    aside: tuple[str, ...] = ()  # what is searched and never shown as a passage
    magazine: int | None = None
    column: int | None = None
    issue: int | None = None
    number: tuple[int, int] | None = None  # the issue's year and number

    @property
    def stamp(self) -> str:
        """Changes with what is found of the document, but not with when."""
        said = repr((tokens.VERSION, *self._replace(starts_at=None, ends_at=None)))
        return hashlib.blake2b(said.encode(errors="replace"), digest_size=8).hexdigest()


class Source:
    """One kind of documents: the model whose rows they are, and what each row says."""

    kind: str
    number: int  # no other kind's; it is part of every entry's key, and never changes
    model: type[models.Model]
    told_by: dict[
        type[models.Model], str
    ] = {}  # other models of which its documents speak, and the fields that say so

    def rows(self) -> QuerySet:
        """Every row that may have something to be found."""
        return self.model._default_manager.all()

    def document(self, row) -> Document:
        raise NotImplementedError

    def documents(self, rows: Collection) -> dict[int, Document]:
        """What is to be found of these rows, by their keys."""
        return {row.pk: self.document(row) for row in rows}

    def note(self, rows: Collection) -> None:
        """Make the rows findable as they stand now."""
        documents = self.documents(rows)
        with transaction.atomic():
            self.remove([row.pk for row in rows])
            Entry.objects.bulk_create(
                self.entry(key, document) for key, document in documents.items()
            )

    def differing(self, rows: Collection) -> list[int]:
        """Of which of these rows something else is found than they say."""
        indexed = Entry.objects.filter(kind=self.kind, key__in=[row.pk for row in rows])
        found = {
            key: state
            for key, *state in indexed.values_list("key", "stamp", "starts_at", "ends_at")
        }
        wanted = {
            key: [one.stamp, one.starts_at, one.ends_at]
            for key, one in self.documents(rows).items()
        }
        return [key for key in found | wanted if found.get(key) != wanted.get(key)]

    def renew(self, rows: QuerySet) -> None:
        """Make findable as they stand now those of which something else is found."""
        self.note(rows.filter(pk__in=self.differing(rows)))

    def strays(self) -> QuerySet:
        """What is found of rows that are no more."""
        return Entry.objects.filter(kind=self.kind).exclude(
            key__in=self.model._default_manager.values("pk")
        )

    def remove(self, keys: list[int]) -> None:
        remove(self.kind, keys)

    def end(self, keys: QuerySet, ends_at) -> None:
        """Readers see these rows until then. Nothing else of them has changed."""
        Entry.objects.filter(kind=self.kind, key__in=keys).update(ends_at=ends_at)

    def entry(self, key: int, document: Document) -> Entry:
        names = (*document.authors, *document.keywords)
        shown = _clean("\n".join(filter(None, [document.abstract, document.body])))
        text = "\n".join([shown, _clean("\n".join([document.title, *names, *document.aside]))])
        folded = fold(text)
        return Entry(
            id=entry_id(document.date, self.number, key),
            kind=self.kind,
            key=key,
            stamp=document.stamp,
            starts_at=document.starts_at,
            ends_at=document.ends_at,
            address=document.address,
            title=_clean(document.title)[:LONGEST_TITLE],
            authors=_clean("\n".join(document.authors)),
            keywords=_clean("\n".join(document.keywords)),
            date=document.date,
            magazine=document.magazine,
            column=document.column,
            issue=document.issue,
            text=text,
            shown=len(shown),
            folded="" if folded == text.translate(SMALL) else folded,
            tokens=" ".join(
                sorted(
                    _marked(document, names) | (set() if postgresql.in_use() else tokens_of(folded))
                )
            ),
        )


def _marked(document: Document, names: tuple[str, ...]) -> set[str]:
    """Tokens that say in which field a word stands, and those by which readers filter."""
    found = {tokens.year_token(document.date), *map(tokens.author_token, document.authors)}
    fields = [(TITLE, document.title), (NAMES, "\n".join(names)), (ABSTRACT, document.abstract)]
    for mark, text in fields:
        found |= {mark + token for token in tokens_of(fold(text))}
    places = [
        (tokens.MAGAZINE, document.magazine),
        (tokens.COLUMN, document.column),
        (tokens.ISSUE, document.issue),
    ]
    found |= {f"{mark}{key}" for mark, key in places if key}
    return found | ({tokens.number_token(*document.number)} if document.number else set())


def _clean(text: str) -> str:
    """Without what no database holds."""
    return text.replace("\0", " ").encode(errors="replace").decode()


def remove(kind: str, keys: list[int]) -> None:
    """Have nothing found of these rows any more."""
    with transaction.atomic():
        Entry.objects.filter(kind=kind, key__in=keys).delete()
        if settings.SEARCH_URL:
            Delivery.objects.bulk_create(Delivery(kind=kind, key=key) for key in keys)


sources: dict[str, Source] = {}


def register(source: Source) -> None:
    sources[source.kind] = source
    post_save.connect(_saved, sender=source.model, dispatch_uid=f"search {source.kind}")
    post_delete.connect(_deleted, sender=source.model, dispatch_uid=f"search {source.kind}")
    for model, field in source.told_by.items():
        renew = partial(_spoken_of, source=source, field=field)
        post_save.connect(
            renew, sender=model, weak=False, dispatch_uid=f"search {source.kind} by {field}"
        )


def _of(model: type[models.Model]) -> Source:
    return next(source for source in sources.values() if source.model is model)


def _saved(sender, instance, raw: bool = False, **rest) -> None:
    # As the database has it: the instance may hold what it was given, such as a day as text.
    source = _of(sender)
    source.note(source.rows().filter(pk=instance.pk))


def _spoken_of(sender, instance, *, source: Source, field: str, **rest) -> None:
    source.renew(source.rows().filter(**{field: instance.pk}))


def _deleted(sender, instance, **rest) -> None:
    _of(sender).remove([instance.pk])
