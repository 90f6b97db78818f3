"""Write the search index. Each app registers its kinds of documents in `search_documents.py`.

A row is indexed in the transaction that saves it, by a signal. Code that writes rows without
signals calls `Source.index_rows`.
See docs/decisions/0027-search-uses-bigrams-in-the-database.md.
"""

import hashlib
from collections.abc import Collection
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, NamedTuple

from django.conf import settings
from django.db import models, transaction
from django.db.models import QuerySet
from django.db.models.signals import post_delete, post_save

from search import postgresql, tokens
from search.models import Delivery, Entry, entry_id
from search.tokens import ABSTRACT, LOWER_CASE, NAMES, TITLE, fold, tokenize

# The start of documents without one of their own: they have always been visible.
ALWAYS = datetime(1900, 1, 1, tzinfo=UTC)
MAX_TITLE_LENGTH = Entry._meta.get_field("title").max_length


class Document(NamedTuple):
    """The plain text of one row, its filters, and the time in which readers see it.

    A document with `starts_at=None` is visible to editors only. The stamp depends on the order
    of these fields.
    """

    title: str
    address: str
    date: date
    body: str
    starts_at: datetime | None = ALWAYS
    ends_at: datetime | None = None
    authors: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    abstract: str = ""
    hidden_text: tuple[str, ...] = ()  # searched, but never part of a snippet
    magazine: int | None = None
    column: int | None = None
    issue: int | None = None
    number: tuple[int, int] | None = None  # year and number of the issue

    @property
    def stamp(self) -> str:
        """A digest of all that is indexed, except for the start and the end.

        An entry with another stamp is stale. Names of fields take no part in it.
        """
        values = tuple(self._replace(starts_at=None, ends_at=None))
        content = repr((tokens.VERSION, *values))
        return hashlib.blake2b(content.encode(errors="replace"), digest_size=8).hexdigest()


class Source:
    """One kind of documents: a model, and the document of each of its rows."""

    kind: str
    number: int  # unique, part of the key of each entry; it must never change
    model: type[models.Model]
    # Models whose rows are part of these documents, and the fields that refer to them.
    depends_on: dict[type[models.Model], str] = {}

    def rows(self) -> QuerySet[Any]:
        """Return all rows that may have a document."""
        return self.model._default_manager.all()

    def document(self, row: Any) -> Document:
        """Return the document of one row."""
        raise NotImplementedError

    def documents(self, rows: Collection[Any]) -> dict[int, Document]:
        """Return the documents of rows, by their primary keys."""
        return {row.pk: self.document(row) for row in rows}

    def index_rows(self, rows: Collection[Any]) -> None:
        """Replace the entries of rows by their current documents."""
        documents = self.documents(rows)
        with transaction.atomic():
            self.remove([row.pk for row in rows])
            Entry.objects.bulk_create(
                self.entry(key, document) for key, document in documents.items()
            )

    def stale_keys(self, rows: Collection[Any]) -> list[int]:
        """Return the primary keys of rows whose entry is missing, stale or should not exist."""
        row_keys = [row.pk for row in rows]
        entries = Entry.objects.filter(kind=self.kind, key__in=row_keys)
        indexed = {}
        for key, *state in entries.values_list("key", "stamp", "starts_at", "ends_at"):
            indexed[key] = state
        current = {}
        for key, document in self.documents(rows).items():
            current[key] = [document.stamp, document.starts_at, document.ends_at]
        return [key for key in indexed | current if indexed.get(key) != current.get(key)]

    def refresh(self, rows: QuerySet[Any]) -> None:
        """Index those of the rows whose entries are stale."""
        self.index_rows(rows.filter(pk__in=self.stale_keys(rows)))

    def orphans(self) -> QuerySet[Entry]:
        """Return the entries whose rows no longer exist."""
        keys = self.model._default_manager.values("pk")
        return Entry.objects.filter(kind=self.kind).exclude(key__in=keys)

    def remove(self, keys: list[int]) -> None:
        """Delete the entries of rows."""
        remove(self.kind, keys)

    def end(self, keys: QuerySet[Any], ends_at: datetime | None) -> None:
        """Set the end of the entries of rows of which nothing else has changed."""
        Entry.objects.filter(kind=self.kind, key__in=keys).update(ends_at=ends_at)

    def entry(self, key: int, document: Document) -> Entry:
        """Return the unsaved entry of a document; `key` is the primary key of its row."""
        names = document.authors + document.keywords
        snippet_text = _clean("\n".join(filter(None, [document.abstract, document.body])))
        other_text = "\n".join([document.title, *names, *document.hidden_text])
        text = f"{snippet_text}\n{_clean(other_text)}"
        folded = fold(text)
        entry_tokens = _field_tokens(document, names)
        if not postgresql.is_in_use():
            entry_tokens |= tokenize(folded)
        return Entry(
            id=entry_id(document.date, self.number, key),
            kind=self.kind,
            key=key,
            stamp=document.stamp,
            starts_at=document.starts_at,
            ends_at=document.ends_at,
            address=document.address,
            title=_clean(document.title)[:MAX_TITLE_LENGTH],
            authors=_clean("\n".join(document.authors)),
            keywords=_clean("\n".join(document.keywords)),
            date=document.date,
            magazine=document.magazine,
            column=document.column,
            issue=document.issue,
            text=text,
            shown=len(snippet_text),
            folded="" if folded == text.translate(LOWER_CASE) else folded,
            tokens=" ".join(sorted(entry_tokens)),
        )


def _field_tokens(document: Document, names: tuple[str, ...]) -> set[str]:
    """Return the tokens of single fields, and the filter tokens."""
    field_tokens = {tokens.year_token(document.date)}
    for author in document.authors:
        field_tokens.add(tokens.author_token(author))
    fields = [
        (TITLE, document.title),
        (NAMES, "\n".join(names)),
        (ABSTRACT, document.abstract),
    ]
    for prefix, text in fields:
        for token in tokenize(fold(text)):
            field_tokens.add(prefix + token)
    filters = [
        (tokens.MAGAZINE, document.magazine),
        (tokens.COLUMN, document.column),
        (tokens.ISSUE, document.issue),
    ]
    for prefix, key in filters:
        if key:
            field_tokens.add(f"{prefix}{key}")
    if document.number:
        year, number = document.number
        field_tokens.add(tokens.issue_number_token(year, number))
    return field_tokens


def _clean(text: str) -> str:
    """Replace the characters that a database cannot store."""
    return text.replace("\0", " ").encode(errors="replace").decode()


def remove(kind: str, keys: list[int]) -> None:
    """Delete the entries of rows, and queue the change for OpenSearch."""
    with transaction.atomic():
        Entry.objects.filter(kind=kind, key__in=keys).delete()
        if settings.SEARCH_URL:
            Delivery.objects.bulk_create(Delivery(kind=kind, key=key) for key in keys)


sources: dict[str, Source] = {}


def register(source: Source) -> None:
    """Index the rows of a source from now on, whenever one of them is saved or deleted."""
    uid = f"search {source.kind}"
    sources[source.kind] = source
    post_save.connect(_index_saved, sender=source.model, dispatch_uid=uid)
    post_delete.connect(_remove_deleted, sender=source.model, dispatch_uid=uid)
    for model, field in source.depends_on.items():
        receiver = partial(_refresh_dependent, source=source, field=field)
        post_save.connect(receiver, sender=model, weak=False, dispatch_uid=f"{uid} by {field}")


def _source_of(model: type[models.Model]) -> Source:
    return next(source for source in sources.values() if source.model is model)


def _index_saved(sender: type[models.Model], instance: models.Model, **kwargs: Any) -> None:
    # Read from the database: the instance may have values of another type, as a date in a string.
    source = _source_of(sender)
    source.index_rows(source.rows().filter(pk=instance.pk))


def _refresh_dependent(
    sender: type[models.Model],
    instance: models.Model,
    *,
    source: Source,
    field: str,
    **kwargs: Any,
) -> None:
    source.refresh(source.rows().filter(**{field: instance.pk}))


def _remove_deleted(sender: type[models.Model], instance: models.Model, **kwargs: Any) -> None:
    _source_of(sender).remove([instance.pk])
