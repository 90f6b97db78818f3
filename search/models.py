from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connections, models

from publishing.models import TimeBounded
from publishing.querysets import TimeBoundedQuerySet
from search import opensearch, postgresql, sqlite, tokens
from search.postgresql import FOLDED
from search.query_tree import PLACEHOLDER, Match, Tier, Tree

# What may be shown as a passage is the beginning of the text.
SHOWN = "SELECT id, address, substr(text, 1, shown), substr(folded, 1, shown) FROM search_entry WHERE id IN"
MAX_KEYS, MAX_KINDS = (
    2**36,
    2**4,
)  # more than any table will have, and than the house has kinds of documents


def engine():
    """The module that says how the database is asked."""
    return postgresql if postgresql.in_use() else sqlite


class TokensField(models.TextField):
    """Tokens, a blank between any two: on SQLite all of a document, on PostgreSQL those that its text does not give."""


@TokensField.register_lookup
class Matching(models.Lookup):
    """Has a row the tokens that a tree of them wants?"""

    lookup_name = "matching"
    prepare_rhs = False

    def as_sql(self, compiler, connection):
        return engine().matches(compiler.quote_name_unless_alias(self.lhs.alias), self.rhs)


@TokensField.register_lookup
class Saying(models.Lookup):
    """Does a row say a folded phrase, with whichever stops and blanks?"""

    lookup_name = "saying"
    prepare_rhs = False

    def as_sql(self, compiler, connection):
        text, said = FOLDED.format(table=compiler.quote_name_unless_alias(self.lhs.alias)), "%s"
        # What is kept as it was may hold capitals, and to make a text small costs as much as to read it.
        if self.rhs.lower() != self.rhs.upper():
            text, said = f"LOWER({text})", f"LOWER({said})"
        spellings = sorted(tokens.spellings(self.rhs))
        return (
            f"({' OR '.join([f'{engine().PLACE}({text}, {said}) > 0'] * len(spellings))})",
            spellings,
        )


Look = Callable[[list[Tier], int], list[tuple]]


class EntryQuerySet(TimeBoundedQuerySet):
    def matching(self, tree: Tree) -> "EntryQuerySet":
        """Those that have the tokens it wants."""
        places = opensearch.matching_ids(tree) if settings.SEARCH_URL else None
        return self.filter(tokens__matching=tree) if places is None else self.filter(pk__in=places)

    def saying(self, match: Match) -> "EntryQuerySet":
        """Those that say its phrases word for word. Texts are read for it: few entries should be asked."""
        found = self
        for phrase in match.said:
            found = found.filter(tokens__saying=phrase)
        for phrase in match.unsaid:
            found = found.exclude(tokens__saying=phrase)
        return found

    def tier_by_tier(self, names: Iterable[str], limit: int) -> "Look":
        """Looks for those that have the tokens of one of some trees, tree by tree, the newest of each first.

        Answers the number that stands beside the tree, and these fields of the entry: of each tree so many at most,
        and of all as many as the look says. All is one statement, in which a tree is looked for only if those before
        it have not given enough; Django writes its conditions, once for all looks.
        """
        if settings.SEARCH_URL:
            return partial(self._look_by_look, names, limit)
        query = self.matching(PLACEHOLDER).query
        try:
            where, values = query.get_compiler(self.db).compile(query.where)
        except EmptyResultSet:
            return lambda tiers, most: []
        fields = ", ".join(f'"{name}"' for name in names)
        one = f"SELECT {fields} FROM search_entry WHERE {where} ORDER BY {engine().NEWEST} LIMIT {limit}"  # noqa: S608

        def look(tiers: list[Tier], most: int) -> list[tuple]:
            statement, parameters = engine().in_turn(one, values, tiers)
            with connections[self.db].cursor() as cursor:
                cursor.execute(f"{statement} LIMIT {most}", parameters)
                return cursor.fetchall()

        return look

    def _look_by_look(
        self, names: Iterable[str], limit: int, tiers: list[Tier], most: int
    ) -> list[tuple]:
        found = []
        for tier, tree, *keys in tiers:
            if len(found) < most:
                rows = (
                    self.matching(tree).exclude(pk__range=keys).order_by("-id").values_list(*names)
                )
                found += [(tier, *row) for row in rows[: min(limit, most - len(found))]]
        return found


class EntryText(NamedTuple):
    """What readers are shown of an entry, and the same as it is folded, if that is kept."""

    address: str
    text: str
    folded: str


class Entry(TimeBounded):
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

    class Meta(TimeBounded.Meta):
        constraints = [
            *TimeBounded.Meta.constraints,
            models.UniqueConstraint(fields=["kind", "key"], name="search_entry_once"),
        ]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def shown_of(cls, keys: list[int]) -> dict[int, EntryText]:
        """Of these entries, as many as there still are. Django's own way to ask would take four times as long."""
        if not keys:
            return {}
        with connections[cls.objects.db].cursor() as cursor:
            cursor.execute(f"{SHOWN} ({', '.join(['%s'] * len(keys))})", keys)
            return {key: EntryText(*fields) for key, *fields in cursor.fetchall()}


class Delivery(models.Model):
    """That the entry of a row has changed and OpenSearch is to be told. Written in the transaction that changes it."""

    kind = models.CharField(max_length=12)
    key = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


def entry_id(day: date, kind: int, key: int) -> int:
    """The key of an entry: by its date, then by its kind and its row, so that no two are the same."""
    return (day.toordinal() * MAX_KINDS + kind) * MAX_KEYS + key
