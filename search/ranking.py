"""What is found, in which order, and how much of it there is.

What says the question as it was written stands before what says its words in pieces; in each of the two, what says it
in the title stands before what says it in authors and keywords, then in the abstract, then in the text. A title that is
the question itself stands before all. Of two that are alike in this, the newer one stands first.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from django.utils import timezone

from search.models import MAX_KEYS, MAX_KINDS, Entry, EntryQuerySet, engine, entry_id
from search.parser import FieldMapper, Query
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
    letters,
    spellings,
)

MAX_RANKED = (
    200  # entries that are ranked and counted; of what is found more often, nobody reads the rest
)
NEW = 2  # years, this one among them, that are looked through before the others
READ = 1000  # texts in which quoted phrases are looked for, in each round
READ_AGAIN = 40  # texts in which a phrase is looked for: four pages of hits


class Row(NamedTuple):
    """What of an entry is ranked and counted. The newest have the greatest keys."""

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
        return self.id % MAX_KEYS

    @property
    def day(self) -> date:
        return date.fromordinal(self.id // (MAX_KINDS * MAX_KEYS))

    @property
    def year(self) -> int:
        return self.day.year


class SearchResult(NamedTuple):
    rows: list[Row]
    is_all: bool

    def counts(self, name: str) -> Counter:
        """How many of what was found have which value."""
        if name == "author":
            return _count_authors(self.rows)
        counts = Counter(map(attrgetter(name), self.rows))
        counts.pop(None, None)
        return counts


def _count_authors(rows: list[Row]) -> Counter:
    """Once for each document, under the spelling that was met first, however their names are typed."""
    spelt: dict[str, str] = {}
    named = []
    for row in rows:
        names = {author_token(name): name for name in row.authors.split("\n")}
        named += names
        for token, name in names.items():
            spelt.setdefault(token, name)
    return Counter(
        {spelt[token]: count for token, count in Counter(named).items() if token != AUTHOR}
    )


def within(*marks: str) -> FieldMapper:
    """A token in one of these fields."""
    return lambda token: any_of(Token(mark + token.text, token.begins) for mark in marks)


def anywhere(token: Token) -> Tree:
    return token


FIELDS = [within(TITLE), within(TITLE, NAMES), within(TITLE, NAMES, ABSTRACT), anywhere]
TEXT = len(FIELDS) - 1


def newest(entries: EntryQuerySet, match: Match, limit: int) -> list[Row]:
    """So many of those that match, the newest first."""
    return _newest(entries, match, limit)[0]


def search(
    entries: EntryQuerySet, question: Query, *, by_date: bool = False, bound: int | None = None
) -> SearchResult:
    """Those of the entries that answer a question, the best first."""
    bound = bound or MAX_RANKED
    match = question.match(anywhere, close=False)
    if by_date or not question.terms:
        rows, is_cut = _newest(entries, match, bound + 1)
    else:
        rows, is_cut = _best(entries, match, question, bound + 1)
        rows = _ranked(rows, question)
    return SearchResult(rows[:bound], len(rows) <= bound and not is_cut)


def _newest(entries: EntryQuerySet, match: Match, limit: int) -> tuple[list[Row], bool]:
    rows, is_cut = _looking(entries, match, limit)(_by_age(0, match.tree))
    return sorted(rows, key=attrgetter("id"), reverse=True), is_cut


def _best(
    entries: EntryQuerySet, match: Match, question: Query, limit: int
) -> tuple[list[Row], bool]:
    """Round by round. Each finds again what those before it found: to leave it out would cost more."""
    best: dict[int, Row] = {}
    is_cut, look = False, _looking(entries, match, limit)
    for tiers in _rounds(question):
        if len(best) < limit and not (
            question.is_quotation and _saying(list(best.values()), question)
        ):
            rows, has_more = look(tiers)
            is_cut |= has_more
            for row in rows:
                best.setdefault(row.id, row)
    return list(best.values())[:limit], is_cut


def _looking(entries: EntryQuerySet, match: Match, limit: int) -> Callable:
    """Looks for so many of those that match, tier by tier; and says whether there may be more."""
    is_read = bool(match.said or match.unsaid)
    most = READ if is_read else limit
    found_in = entries.tier_by_tier(Row._fields[1:], most)

    def look(tiers: list[Tier]) -> tuple[list[Row], bool]:
        # A text that is looked through together with its fields is found twice if these have it.
        twice = len({tier % len(FIELDS) == TEXT for tier, *_ in tiers})
        once: dict[int, Row] = {}
        for row in map(Row._make, found_in(tiers, most * twice)):
            once.setdefault(row.id, row)
        rows = list(once.values())[:most]
        is_cut = len(rows) == most
        if is_read:
            rows = _said(rows, match, limit)
        return rows[:limit], is_cut or len(rows) >= limit

    return look


def _said(rows: list[Row], match: Match, limit: int) -> list[Row]:
    """Those that say its phrases word for word. The first ones are read, and more of them if these are not enough."""
    said, step = [], limit + limit // 3
    for start in range(0, len(rows), step):
        if len(said) < limit:
            some_rows = rows[start : start + step]
            read = Entry.objects.filter(pk__in=[row.id for row in some_rows]).saying(match)
            saying = {*read.values_list("pk", flat=True)}
            said += [row for row in some_rows if row.id in saying]
    return said


def _rounds(question: Query) -> Iterator[list[Tier]]:
    """What an entry of each tier is like: in a field, then anywhere; as it is written, then in pieces."""
    # Each token of a long question costs a look in every field, and what has them all is little and wants no order.
    fields = FIELDS[:1] if question.is_long else FIELDS[:TEXT]
    written = None
    for first, close in [(0, True), (len(FIELDS), False)]:
        text = question.match(anywhere, close=close).tree
        if text == written:
            return
        written = text
        trees = [question.match(leaf, close=close).tree for leaf in fields]
        # Every field holds what the one before it does.
        wider = [AndNot(tree, before) for before, tree in pairwise(trees)]
        in_fields = [Tier(number, tree) for number, tree in enumerate([trees[0], *wider], first)]
        if question.is_long or question.names(NUMBER):  # finds little
            yield [*in_fields, Tier(first + TEXT, text)]
        else:
            yield in_fields
            yield (
                [Tier(first + TEXT, text)] if question.names(YEAR) else _by_age(first + TEXT, text)
            )


def _by_age(number: int, tree: Tree) -> list[Tier]:
    """A tree, in two steps if the index answers all of what it finds: what is found by the thousand is new as well."""
    if engine().IN_ORDER:
        return [Tier(number, tree)]
    this = timezone.localdate().year
    years = range(this - NEW + 1, this + 2)  # some have next year's date
    first, last = (entry_id(date(year, 1, 1), 0, 0) for year in (years.start, years.stop))
    new = all_of([tree, any_of(Token(f"{YEAR}{year}") for year in years)])
    return [Tier(number, new), Tier(number, tree, first, last - 1)]


def _ranked(rows: list[Row], question: Query) -> list[Row]:
    """By their tiers, but what has the tokens of a phrase and does not say it stands among the words in pieces."""
    if question.phrases:
        saying = _saying(rows, question)
        seeming = {row.id for row in rows if row.tier <= TEXT} - saying
        rows = [
            row._replace(tier=row.tier + len(FIELDS)) if row.id in seeming else row for row in rows
        ]
    asked = {letters(question.text), letters(question.phrase)}
    longest = 2 * max(map(len, asked)) + 8

    def is_titled(row: Row) -> bool:
        return (
            row.tier % len(FIELDS) == 0 and len(row.title) < longest and letters(row.title) in asked
        )

    return sorted(rows, key=lambda row: (not is_titled(row), row.tier, -row.id))


def _saying(rows: list[Row], question: Query) -> set[int]:
    """Those of the tiers of what was asked that say the question's phrases, and not only their tokens."""
    phrases = [spellings(phrase) for phrase in question.phrases]
    said = {}
    for row in rows:
        if row.tier < 2:
            text = fold(
                "\n".join([row.title, row.authors, row.keywords] if row.tier else [row.title])
            )
            said[row.id] = all(any(spelt in text for spelt in phrase) for phrase in phrases)
    read = [row.id for row in rows if 2 <= row.tier <= TEXT]
    standing = Entry.objects.filter(pk__in=read[:READ_AGAIN])
    for phrase in question.phrases:
        standing = standing.filter(tokens__saying=phrase)
    return (
        {key for key, is_said in said.items() if is_said}
        | {*standing.values_list("pk", flat=True)}
        | {*read[READ_AGAIN:]}
    )
