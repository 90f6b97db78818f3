"""The search index in the database, and the queue of its changes for OpenSearch."""

from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from typing import Any, NamedTuple, Self

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler

from publishing.models import TimeBounded
from publishing.querysets import TimeBoundedQuerySet
from search import opensearch
from search.engine import engine
from search.postgresql import FOLDED_TEXT
from search.query_tree import PLACEHOLDER, Match, Tier, Tree
from search.tokens import spelling_variants

# Snippets are taken from the beginning of the text; `shown` is the number of its characters.
SNIPPET_TEXTS = (
    "SELECT id, address, substr(text, 1, shown), substr(folded, 1, shown) "
    "FROM search_entry WHERE id IN"
)
# Bounds of the parts of an entry's primary key: more rows than a table will have, and more kinds.
MAX_KEYS = 2**36
MAX_KINDS = 2**4


class TokensField(models.TextField):  # type: ignore[type-arg]  # not generic at run time
    """Tokens, separated by blanks.

    On SQLite these are all tokens of a document; on PostgreSQL, only those that cannot be
    computed from its text.
    """


@TokensField.register_lookup
class Matching(models.Lookup):
    """`tokens__matching=tree`: the row matches a tree of tokens."""

    lookup_name = "matching"
    prepare_rhs = False

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        table = compiler.quote_name_unless_alias(self.lhs.alias)
        condition, parameters = engine().match_condition(table, self.rhs)
        return condition, tuple(parameters)


@TokensField.register_lookup
class ContainsPhrase(models.Lookup):
    """`tokens__contains_phrase=phrase`: the text contains a folded phrase in any spelling.

    The database reads the text of each row for it.
    """

    lookup_name = "contains_phrase"
    prepare_rhs = False

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        text = FOLDED_TEXT.format(table=compiler.quote_name_unless_alias(self.lhs.alias))
        phrase = "%s"
        # An unfolded text may have capitals; LOWER takes as long as reading the text again.
        if self.rhs.lower() != self.rhs.upper():
            text = f"LOWER({text})"
            phrase = f"LOWER({phrase})"
        variants = tuple(sorted(spelling_variants(self.rhs)))
        condition = f"{engine().POSITION_FUNCTION}({text}, {phrase}) > 0"
        return f"({' OR '.join([condition] * len(variants))})", variants


# Evaluate tiers in order, until there are so many rows. A row begins with the number of its tier.
FindTiers = Callable[[list[Tier], int], list[tuple[Any, ...]]]


class EntryQuerySet(TimeBoundedQuerySet):  # type: ignore[type-arg]
    def matching(self, tree: Tree) -> Self:
        """Return the entries that match `tree`."""
        if settings.SEARCH_URL:
            ids = opensearch.matching_ids(tree)
            if ids is not None:
                return self.filter(pk__in=ids)
        return self.filter(tokens__matching=tree)

    def containing_phrases(self, match: Match) -> Self:
        """Return the entries whose text contains the phrases of `match`, and no excluded one.

        The database reads the texts, so the queryset should have few entries.
        """
        entries = self
        for phrase in match.phrases:
            entries = entries.filter(tokens__contains_phrase=phrase)
        for phrase in match.excluded_phrases:
            entries = entries.exclude(tokens__contains_phrase=phrase)
        return entries

    def tier_finder(self, fields: Iterable[str], limit: int) -> FindTiers:
        """Return a function that finds the entries of tiers, the newest of each tier first.

        A row has the number of the tier and these fields; a tier gives `limit` rows at most.
        Each call is one statement, in which a tier is evaluated only if the tiers before it gave
        too few rows. Django compiles the conditions of this queryset once for all calls.
        See docs/decisions/0030-a-search-runs-in-rounds.md.
        """
        if settings.SEARCH_URL:
            return partial(self._find_tier_by_tier, list(fields), limit)
        query = self.matching(PLACEHOLDER).query
        try:
            where, parameters = query.get_compiler(self.db).compile(query.where)
        except EmptyResultSet:
            return lambda tiers, max_rows: []
        columns = ", ".join(f'"{name}"' for name in fields)
        select = (
            f"SELECT {columns} FROM search_entry WHERE {where} "  # noqa: S608
            f"ORDER BY {engine().NEWEST_FIRST} LIMIT {limit}"
        )

        def find(tiers: list[Tier], max_rows: int) -> list[tuple[Any, ...]]:
            statement, values = engine().tier_statement(select, list(parameters), tiers)
            with connections[self.db].cursor() as cursor:
                cursor.execute(f"{statement} LIMIT {max_rows}", values)
                rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

        return find

    def _find_tier_by_tier(
        self, fields: list[str], limit: int, tiers: list[Tier], max_rows: int
    ) -> list[tuple[Any, ...]]:
        """Do the same with OpenSearch, which is queried once for each tier."""
        found: list[tuple[Any, ...]] = []
        for tier in tiers:
            missing = max_rows - len(found)
            if missing <= 0:
                break
            entries = self.matching(tier.tree).exclude(pk__range=(tier.first_id, tier.last_id))
            rows = entries.order_by("-id").values_list(*fields)
            for row in rows[: min(limit, missing)]:
                found.append((tier.number, *row))
        return found


class EntryText(NamedTuple):
    """The text of an entry from which its snippet is taken.

    `folded` is empty if folding changes nothing but capital letters.
    """

    address: str
    text: str
    folded: str


class Entry(TimeBounded):
    """One document in the search index, derived from a row of another app.

    It is written anew whenever that row is saved. Its primary key grows with its date, so that
    the newest entries are first in the order of keys. An entry without a start is visible to
    editors only. See docs/decisions/0033-index-entries-have-a-live-period.md.
    """

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=12)
    key = models.BigIntegerField()  # the primary key of the row
    stamp = models.CharField(max_length=16)
    address = models.CharField(max_length=255)
    title = models.CharField(max_length=200)
    authors = models.TextField()
    keywords = models.TextField()
    date = models.DateField()
    # Primary keys; the titles are those of the entries of magazines, columns and issues.
    magazine = models.BigIntegerField(null=True)
    column = models.BigIntegerField(null=True)
    issue = models.BigIntegerField(null=True)
    text = models.TextField()
    shown = models.IntegerField()  # the number of characters from which snippets may be taken
    folded = models.TextField()  # empty if folding only changes capital letters, as in most texts
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
    def snippet_texts(cls, ids: list[int]) -> dict[int, EntryText]:
        """Return the texts of entries by their keys. Deleted entries are missing.

        This is SQL by hand, since a queryset takes four times as long.
        """
        if not ids:
            return {}
        placeholders = ", ".join(["%s"] * len(ids))
        with connections[cls.objects.db].cursor() as cursor:
            cursor.execute(f"{SNIPPET_TEXTS} ({placeholders})", ids)
            return {key: EntryText(*fields) for key, *fields in cursor.fetchall()}


class Delivery(models.Model):
    """A changed entry in the queue for OpenSearch, added in the transaction of the change."""

    kind = models.CharField(max_length=12)
    key = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


def entry_id(day: date, kind_number: int, key: int) -> int:
    """Return the unique key of an entry, ordered by date, then by kind and row."""
    return (day.toordinal() * MAX_KINDS + kind_number) * MAX_KEYS + key
