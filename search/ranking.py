"""What is found, in which order, and how much of it there is.

What says the question as it was written stands before what says its words in pieces; in each of the two, what says it
in the title stands before what says it in authors and keywords, then in the abstract, then in the text. A title that is
the question itself stands before all. Of two that are alike in this, the newer one stands first.
"""

from collections import Counter
from datetime import date
from typing import NamedTuple

from search import postgresql, sqlite
from search.matching import Match, Token, Tree, some
from search.models import KEYS, Entry, EntryQuerySet, Standing
from search.questions import Leaf, Question
from search.tokens import ABSTRACT, NAMES, TITLE, fold

BOUND = 500  # entries that are ranked and counted; of what is found more often, nobody reads the rest
READ_AGAIN = 100  # texts of a tier in which a phrase is looked for


class Row(NamedTuple):
    """What of an entry is ranked and counted. The newest are the greatest."""

    id: int
    kind: str
    title: str
    authors: str
    keywords: str
    magazine: int | None
    column: int | None
    issue: int | None
    date: date

    @property
    def key(self) -> int:
        return self.id % KEYS


class Found(NamedTuple):
    rows: list[Row]
    is_all: bool

    def counts(self, name: str) -> Counter:
        """How many of what was found have which value."""
        if name == "year":
            return Counter(row.date.year for row in self.rows)
        if name == "author":
            return Counter(author for row in self.rows for author in row.authors.split("\n") if author)
        return Counter(value for row in self.rows if (value := getattr(row, name)))


def newest(entries: EntryQuerySet, match: Match, limit: int, *, are_many: bool = False) -> list[Row]:
    """So many of those that match, the newest first. `are_many`: it is known that there are more."""
    found = (postgresql if postgresql.in_use() else sqlite).newest
    return [Row(*row) for row in found(entries.values_list(*Row._fields), match, limit, are_many)]


def within(*marks: str) -> Leaf:
    """A token in one of these fields."""
    return lambda token: some(Token(mark + token.text, token.begins) for mark in marks)


def anywhere(token: Token) -> Tree:
    return token


FIELDS = [within(TITLE), within(TITLE, NAMES), within(TITLE, NAMES, ABSTRACT), anywhere]


def found(entries: EntryQuerySet, question: Question, *, by_date: bool = False) -> Found:
    """Those of the entries that answer a question, the best first."""
    scattered = question.match(anywhere, close=False)
    count = entries.matching(scattered)[: BOUND + 1].count()
    if by_date or not question.terms:
        rows = newest(entries, scattered, BOUND, are_many=count > BOUND) if count else []
    else:
        rows = _ranked(entries, question, count)
    return Found(rows, count <= BOUND)


def _ranked(entries: EntryQuerySet, question: Question, count: int) -> list[Row]:
    """The best of so many, tier by tier."""
    ranked: dict[int, Row] = {}
    asked: dict[Match, list[Row]] = {}
    for close in (True, False):
        for field, leaf in enumerate(FIELDS):
            if len(ranked) >= min(count, BOUND):
                break
            match = question.match(leaf, close=close)
            if match not in asked:
                is_last = not close and leaf is anywhere
                asked[match] = newest(entries, match, min(count, BOUND), are_many=is_last and count > BOUND)
            rows = _saying(asked[match], question, field) if close else asked[match]
            if close and field == 0:
                rows = sorted(rows, key=lambda row: fold(row.title) == question.phrase, reverse=True)
            for row in rows:
                ranked.setdefault(row.id, row)
    return list(ranked.values())[:BOUND]


def _saying(rows: list[Row], question: Question, field: int) -> list[Row]:
    """Those that say the question's phrases, and not only their tokens: which mostly comes to the same."""
    phrases = question.phrases
    if not phrases:
        return rows
    if field < 2:
        texts = [fold("\n".join([row.title, row.authors, row.keywords] if field else [row.title])) for row in rows]
        return [row for row, text in zip(rows, texts, strict=True) if all(phrase in text for phrase in phrases)]
    read = Entry.objects.filter(pk__in=[row.id for row in rows[:READ_AGAIN]])
    for phrase in phrases:
        read = read.filter(Standing(phrase))
    saying = {*read.values_list("pk", flat=True)}
    return [row for place, row in enumerate(rows) if place >= READ_AGAIN or row.id in saying]
