"""What readers are offered: while they type, and where nothing was found."""

from difflib import SequenceMatcher
from typing import NamedTuple

from search import tokens
from search.models import EntryQuerySet
from search.parser import Query, parse_query
from search.query_tree import Match, Token, any_of
from search.ranking import anywhere, newest, within
from search.tokens import NAMES, TITLE, fold, letters

OFFERED = 8
READ = 60  # entries in which names are looked for
ALIKE = 0.6  # of two spellings, from 0 to 1


class Suggestion(NamedTuple):
    text: str
    kind: str  # column, author, keyword or title


def suggestions(entries: EntryQuerySet, text: str) -> list[Suggestion]:
    """Columns, authors, keywords and titles that hold what has been typed."""
    question = parse_query(text)
    if not question.terms:
        return []
    titled = newest(
        entries, question.match(within(TITLE), close=True)._replace(said=(), unsaid=()), READ
    )
    named = newest(
        entries, question.match(within(NAMES), close=True)._replace(said=(), unsaid=()), READ
    )
    found = {}
    typed = letters(question.phrase)
    for kind, names in [("author", "authors"), ("keyword", "keywords")]:
        for row in named:
            for name in getattr(row, names).split("\n"):
                if typed in letters(name):
                    found.setdefault(letters(name), Suggestion(name, kind))
    names = sorted(
        found.values(), key=lambda one: (not letters(one.text).startswith(typed), len(one.text))
    )
    # Issues are asked for by their numbers, and would stand before everything that is older.
    rows = [row for row in titled if row.kind != "issue" and typed in letters(row.title)]
    titles = {
        row.title: Suggestion(row.title, "column" if row.kind == "column" else "title")
        for row in rows
    }
    few = names[: max(OFFERED // 2, OFFERED - len(titles))]
    return [*few, *titles.values()][:OFFERED]


def near_spellings(entries: EntryQuerySet, question: Query) -> list[str]:
    """Names and titles that are written almost like the question."""
    parts = [Token(token) for token in sorted(tokens.tokens_of(question.phrase)) if len(token) > 1]
    if not parts or len(question.phrase) > 30:
        return []
    leaf = within(TITLE, NAMES)
    rows = newest(entries, Match(any_of(map(leaf, parts))), READ)
    spellings = {
        name
        for row in rows
        for name in [row.title, *row.authors.split("\n"), *row.keywords.split("\n")]
    }
    alike = SequenceMatcher(
        None, question.phrase, autojunk=False
    )  # and others, one after the other
    near = []
    for name in filter(None, spellings):
        alike.set_seq2(fold(name))
        near.append((alike.ratio(), name))
    return [name for ratio, name in sorted(near, reverse=True)[:3] if ratio >= ALIKE]


def shorter(entries: EntryQuerySet, question: Query) -> list[str]:
    """The question without one of its words, or the halves of its only one: those that find something."""
    words = [term.phrase for term in question.terms]
    if len(words) > 1:
        texts = [
            " ".join(words[:place] + words[place + 1 :]) for place in range(min(len(words), 4))
        ]
    elif words and len(words[0]) > 2:
        middle = (len(words[0]) + 1) // 2 // 2 * 2 or 2
        texts = [words[0][:middle], words[0][middle:]]
    else:
        texts = []
    return [text for text in texts if text and finds(entries, text)][:3]


def finds(entries: EntryQuerySet, text: str) -> bool:
    question = parse_query(text)
    if not question:
        return False
    match = question.match(anywhere, close=False)
    # Whatever has the tokens will do, if no text is to be read for it: the newest costs several looks.
    return (
        entries.matching(match.tree).exists()
        if match == Match(match.tree)
        else bool(newest(entries, match, 1))
    )
