from datetime import date

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from magazine.liveness import Timed, TimedQuerySet
from search import opensearch, postgresql, sqlite
from search.matching import Match

KEYS, KINDS = 2**36, 2**4  # more than any table will have, and than the house has kinds of documents


class TokensField(models.TextField):
    """Tokens, a blank between any two: on SQLite all of a document, on PostgreSQL those that its text does not give."""


@TokensField.register_lookup
class Matching(models.Lookup):
    """Has a row the tokens that a tree of them wants?"""

    lookup_name = "matching"
    prepare_rhs = False

    def as_postgresql(self, compiler, connection):
        return postgresql.FOUND.format(table=f'"{self.lhs.alias}"'), [postgresql.query(self.rhs)]

    def as_sqlite(self, compiler, connection):
        return sqlite.FOUND.format(table=f'"{self.lhs.alias}"'), [sqlite.query(self.rhs)]


FOLDED = Lower(models.Case(models.When(folded="", then="text"), default="folded"))


class Standing(models.Func):
    """Does a phrase stand in the document, as it is folded?"""

    output_field = models.BooleanField()

    def __init__(self, phrase: str):
        super().__init__(FOLDED, models.Value(phrase))

    def as_sql(self, compiler, connection, **context):
        return super().as_sql(compiler, connection, template="INSTR(%(expressions)s) > 0", **context)

    def as_postgresql(self, compiler, connection, **context):
        return super().as_sql(compiler, connection, template="STRPOS(%(expressions)s) > 0", **context)


class EntryQuerySet(TimedQuerySet):
    def matching(self, match: Match) -> "EntryQuerySet":
        """Those that have the tokens it wants, and say its phrases word for word."""
        places = opensearch.places(match.tree) if settings.SEARCH_URL else None
        found = self.filter(tokens__matching=match.tree) if places is None else self.filter(pk__in=places)
        for phrase in match.said:
            found = found.filter(Standing(phrase))
        for phrase in match.unsaid:
            found = found.exclude(Standing(phrase))
        return found


class Entry(Timed):
    """A document as it is found: derived from a row of another room, and made anew whenever that is saved.

    Its key grows with its date, so that the newest come first by the key alone. What has no start is for editors
    only. Its text is kept folded as well if folding changes more of it than capitals, which it rarely does.
    """

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=12)
    key = models.BigIntegerField()
    stamp = models.CharField(max_length=16)
    address = models.CharField(max_length=255)
    title = models.CharField(max_length=200)
    authors = models.TextField()
    keywords = models.TextField()
    date = models.DateField()
    magazine = models.BigIntegerField(null=True)  # their own entries say what they are called
    column = models.BigIntegerField(null=True)
    issue = models.BigIntegerField(null=True)
    text = models.TextField()
    shown = models.IntegerField()  # so many characters of it may be shown as a passage
    folded = models.TextField()
    tokens = TokensField()

    objects = EntryQuerySet.as_manager()

    class Meta(Timed.Meta):
        constraints = [
            *Timed.Meta.constraints,
            models.UniqueConstraint(fields=["kind", "key"], name="search_entry_once"),
        ]

    def __str__(self) -> str:
        return self.title


class Delivery(models.Model):
    """That the entry of a row has changed and OpenSearch is to be told. Written in the transaction that changes it."""

    kind = models.CharField(max_length=12)
    key = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


def place(day: date, kind: int, key: int) -> int:
    """The key of an entry: by its date, then by its kind and its row, so that no two are the same."""
    return (day.toordinal() * KINDS + kind) * KEYS + key
