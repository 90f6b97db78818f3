"""Search, rank the matches, and count them.

Matches of the query as it is written come before matches of its words in any order. Within each
of the two, matches in the title come first, then in authors and keywords, then in the abstract,
then in the text. A title that is the query itself comes before all others. Of two equal matches
the newer one comes first.

See docs/decisions/0029-order-of-search-results.md, docs/decisions/0030-a-search-runs-in-rounds.md,
docs/decisions/0031-quoted-phrases-read-1000-texts-per-round.md and
docs/decisions/0032-200-matches-are-ranked-and-counted.md.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from operator import attrgetter
from typing import Any, NamedTuple

from django.utils import timezone

from search.engine import engine
from search.models import MAX_KEYS, MAX_KINDS, Entry, EntryQuerySet, entry_id
from search.parser import FieldMapper, Query, anywhere
from search.query_tree import AndNot, Match, Tier, Token, Tree, all_of, any_of
from search.tokens import (
    ABSTRACT,
    AUTHOR,
    NAMES,
    NUMBER,
    TITLE,
    YEAR,
    author_token,
    fold,
    normalize,
    spelling_variants,
)

MAX_RANKED = 200  # matches that are ranked and counted; nobody reads more of them
RECENT_YEARS = 2  # years up to the current one that are searched before the others
MAX_TEXTS_PER_ROUND = 1000  # in which quoted phrases are verified
MAX_VERIFIED_TEXTS = 40  # in which phrases are verified for their rank: four pages of results


class Row(NamedTuple):
    """The fields of an entry that are ranked and counted. The newest entry has the greatest id."""

    tier: int
    id: int
    kind: str
    title: str
    authors: str
    keywords: str
    magazine: int | None
    column: int | None
    issue: int | None

    @property
    def key(self) -> int:
        """The primary key of the row that the entry is derived from."""
        return self.id % MAX_KEYS

    @property
    def day(self) -> date:
        return date.fromordinal(self.id // (MAX_KINDS * MAX_KEYS))

    @property
    def year(self) -> int:
        return self.day.year


ENTRY_FIELDS = Row._fields[1:]


class SearchResult(NamedTuple):
    rows: list[Row]
    is_all: bool  # no further entry matches

    def counts(self, name: str) -> Counter[Any]:
        """Count the matches by the values of one facet."""
        if name == "author":
            return _count_authors(self.rows)
        counts = Counter(map(attrgetter(name), self.rows))
        counts.pop(None, None)
        return counts


def _count_authors(rows: list[Row]) -> Counter[str]:
    """Count the rows of each author. All spellings of a name count for the first one."""
    spellings: dict[str, str] = {}
    all_tokens: list[str] = []
    for row in rows:
        names = {author_token(name): name for name in row.authors.split("\n")}
        all_tokens += names
        for token, name in names.items():
            spellings.setdefault(token, name)
    counts: Counter[str] = Counter()
    for token, count in Counter(all_tokens).items():
        if token != AUTHOR:
            counts[spellings[token]] = count
    return counts


def in_fields(*prefixes: str) -> FieldMapper:
    """Return a mapper for tokens in at least one of the fields with these prefixes."""

    def field_mapper(token: Token) -> Tree:
        return any_of([Token(prefix + token.text, token.begins) for prefix in prefixes])

    return field_mapper


# The fields of tiers, each with those of the tiers before it.
FIELD_MAPPERS = [
    in_fields(TITLE),
    in_fields(TITLE, NAMES),
    in_fields(TITLE, NAMES, ABSTRACT),
    anywhere,
]
# Tiers 0 to TEXT_TIER match the query as it is written, and the next ones its words.
TIERS = len(FIELD_MAPPERS)
TEXT_TIER = TIERS - 1


def newest(entries: EntryQuerySet, match: Match, limit: int) -> list[Row]:
    """Return the newest entries that match, `limit` at most."""
    rows, _is_cut = _newest(entries, match, limit)
    return rows


def search(
    entries: EntryQuerySet, query: Query, *, by_date: bool = False, bound: int | None = None
) -> SearchResult:
    """Return the entries that match `query`, the best first, `bound` at most."""
    bound = bound or MAX_RANKED
    match = query.match(anywhere, as_phrase=False)
    if by_date or not query.terms:
        rows, is_cut = _newest(entries, match, bound + 1)
    else:
        rows, is_cut = _best(entries, match, query, bound + 1)
        rows = _ranked(rows, query)
    return SearchResult(rows[:bound], len(rows) <= bound and not is_cut)


def _newest(entries: EntryQuerySet, match: Match, limit: int) -> tuple[list[Row], bool]:
    find = _finder(entries, match, limit)
    rows, is_cut = find(_by_age(0, match.tree))
    return sorted(rows, key=attrgetter("id"), reverse=True), is_cut


def _best(entries: EntryQuerySet, match: Match, query: Query, limit: int) -> tuple[list[Row], bool]:
    """Run the rounds of a query until there are enough matches.

    A round finds the matches of the rounds before it again; excluding them would cost more.
    """
    best: dict[int, Row] = {}
    is_cut = False
    find = _finder(entries, match, limit)
    for tiers in _rounds(query):
        if len(best) >= limit:
            break
        if query.is_quotation and _containing_phrases(list(best.values()), query):
            break
        rows, has_more = find(tiers)
        is_cut |= has_more
        for row in rows:
            best.setdefault(row.id, row)
    return list(best.values())[:limit], is_cut


FindRound = Callable[[list[Tier]], tuple[list[Row], bool]]


def _finder(entries: EntryQuerySet, match: Match, limit: int) -> FindRound:
    """Return a function that runs one round.

    It returns the rows, `limit` at most, and whether there may be more.
    """
    must_verify = bool(match.phrases or match.excluded_phrases)
    max_rows = MAX_TEXTS_PER_ROUND if must_verify else limit
    find_tiers = entries.tier_finder(ENTRY_FIELDS, max_rows)

    def find(tiers: list[Tier]) -> tuple[list[Row], bool]:
        # An entry may be in two tiers of a round: in a tier of fields and in the tier of texts.
        groups = {tier.number % TIERS == TEXT_TIER for tier in tiers}
        unique_rows: dict[int, Row] = {}
        for row in map(Row._make, find_tiers(tiers, max_rows * len(groups))):
            unique_rows.setdefault(row.id, row)
        rows = list(unique_rows.values())[:max_rows]
        is_cut = len(rows) == max_rows
        if must_verify:
            rows = _verified(rows, match, limit)
        return rows[:limit], is_cut or len(rows) >= limit

    return find


def _verified(rows: list[Row], match: Match, limit: int) -> list[Row]:
    """Return the rows whose texts contain the phrases of `match`.

    Texts are read in batches, until there are `limit` rows.
    """
    verified: list[Row] = []
    batch_size = limit + limit // 3
    for start in range(0, len(rows), batch_size):
        if len(verified) >= limit:
            break
        batch = rows[start : start + batch_size]
        entries = Entry.objects.filter(pk__in=[row.id for row in batch])
        ids = set(entries.containing_phrases(match).values_list("pk", flat=True))
        verified += [row for row in batch if row.id in ids]
    return verified


def _rounds(query: Query) -> Iterator[list[Tier]]:
    """Yield the tiers of each round: as written, then in any order; in fields, then anywhere."""
    # Each token of a long query costs a look-up in every field. Few entries have all of them, and
    # their order matters little.
    field_mappers = FIELD_MAPPERS[:1] if query.is_long else FIELD_MAPPERS[:TEXT_TIER]
    written = None
    for first, as_phrase in [(0, True), (TIERS, False)]:
        text_tree = query.match(anywhere, as_phrase=as_phrase).tree
        if text_tree == written:
            return
        written = text_tree
        field_tiers = _field_tiers(query, field_mappers, first, as_phrase)
        text_tier = Tier(first + TEXT_TIER, text_tree)
        if query.is_long or query.has_entity(NUMBER):  # few matches
            yield [*field_tiers, text_tier]
        else:
            yield field_tiers
            is_dated = query.has_entity(YEAR)
            yield [text_tier] if is_dated else _by_age(text_tier.number, text_tree)


def _field_tiers(
    query: Query, field_mappers: list[FieldMapper], first: int, as_phrase: bool
) -> list[Tier]:
    """Return one tier for each mapper, without the matches of the mapper before it."""
    trees = [query.match(mapper, as_phrase=as_phrase).tree for mapper in field_mappers]
    tiers = [Tier(first, trees[0])]
    for number, (narrower, wider) in enumerate(pairwise(trees), first + 1):
        tiers.append(Tier(number, AndNot(wider, narrower)))
    return tiers


def _by_age(number: int, tree: Tree) -> list[Tier]:
    """Return the tier of `tree`, in two steps if the index does not return the newest first.

    A frequent word has enough matches in recent years, and the second step is not evaluated.
    """
    if engine().IS_SORTED:
        return [Tier(number, tree)]
    this_year = timezone.localdate().year
    first_year = this_year - RECENT_YEARS + 1
    end_year = this_year + 2  # some documents have a date of next year
    year_tokens = [Token(f"{YEAR}{year}") for year in range(first_year, end_year)]
    recent = all_of([tree, any_of(year_tokens)])
    first_id = entry_id(date(first_year, 1, 1), 0, 0)
    last_id = entry_id(date(end_year, 1, 1), 0, 0) - 1
    return [Tier(number, recent), Tier(number, tree, first_id, last_id)]


def _ranked(rows: list[Row], query: Query) -> list[Row]:
    """Sort by tiers.

    A match that has the tokens of a phrase, but not the phrase, is moved to the words in any order.
    """
    if query.phrases_to_verify:
        rows = _demote(rows, _containing_phrases(rows, query))
    wanted_titles = {normalize(query.text), normalize(query.phrase)}
    max_length = 2 * max(map(len, wanted_titles)) + 8

    def sort_key(row: Row) -> tuple[bool, int, int]:
        is_title = (
            row.tier % TIERS == 0
            and len(row.title) < max_length
            and normalize(row.title) in wanted_titles
        )
        return not is_title, row.tier, -row.id

    return sorted(rows, key=sort_key)


def _demote(rows: list[Row], containing: set[int]) -> list[Row]:
    ranked = []
    for row in rows:
        if row.tier <= TEXT_TIER and row.id not in containing:
            row = row._replace(tier=row.tier + TIERS)
        ranked.append(row)
    return ranked


def _containing_phrases(rows: list[Row], query: Query) -> set[int]:
    """Return the ids of rows as written that contain the phrases, not only their tokens."""
    phrases = [spelling_variants(phrase) for phrase in query.phrases_to_verify]
    containing = set()
    ids_to_read = []
    for row in rows:
        if row.tier < 2:
            fields = [row.title, row.authors, row.keywords] if row.tier == 1 else [row.title]
            if _contains_all(fold("\n".join(fields)), phrases):
                containing.add(row.id)
        elif row.tier <= TEXT_TIER:
            ids_to_read.append(row.id)
    entries = Entry.objects.filter(pk__in=ids_to_read[:MAX_VERIFIED_TEXTS])
    for phrase in query.phrases_to_verify:
        entries = entries.filter(tokens__contains_phrase=phrase)
    containing.update(entries.values_list("pk", flat=True))
    containing.update(ids_to_read[MAX_VERIFIED_TEXTS:])
    return containing


def _contains_all(text: str, phrases: list[set[str]]) -> bool:
    """Return whether `text` contains each phrase in one of its variants."""
    return all(any(variant in text for variant in variants) for variants in phrases)
