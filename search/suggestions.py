"""Suggestions while a reader types, and alternatives for a search without results."""

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import NamedTuple

from search.models import EntryQuerySet
from search.parser import Query, anywhere, parse_query
from search.query_tree import Match, Token, any_of
from search.ranking import Row, in_fields, newest
from search.tokens import NAMES, TITLE, fold, normalize, tokenize

MAX_SUGGESTIONS = 8
MAX_ENTRIES = 60  # in which names and titles are looked for
MIN_SIMILARITY = 0.6  # of two spellings, from 0 to 1
MAX_NEAR_SPELLINGS = 3
MAX_NEAR_LENGTH = 30  # characters of a query for which near spellings are looked up
MAX_SHORTER_QUERIES = 3
MAX_OMITTED_WORDS = 4  # words of which each is left out once


class Suggestion(NamedTuple):
    text: str
    kind: str  # column, author, keyword or title


def suggestions(entries: EntryQuerySet, text: str) -> list[Suggestion]:
    """Return columns, authors, keywords and titles that contain `text`."""
    query = parse_query(text)
    if not query.terms:
        return []
    title_rows = _newest_in(entries, query, TITLE)
    name_rows = _newest_in(entries, query, NAMES)
    typed = normalize(query.phrase)
    names = _matching_names(name_rows, typed)
    titles = _matching_titles(title_rows, typed)
    # Names come first, but titles get half of the list if there are so many.
    max_names = max(MAX_SUGGESTIONS // 2, MAX_SUGGESTIONS - len(titles))
    return (names[:max_names] + titles)[:MAX_SUGGESTIONS]


def _newest_in(entries: EntryQuerySet, query: Query, prefix: str) -> list[Row]:
    """Return the newest entries with the tokens of the query in one field."""
    match = query.match(in_fields(prefix), as_phrase=True)
    # No text is read: the caller compares the field itself.
    return newest(entries, Match(match.tree), MAX_ENTRIES)


def _matching_names(rows: list[Row], typed: str) -> list[Suggestion]:
    """Return the authors and keywords that contain `typed`, the best first."""
    matching: dict[str, Suggestion] = {}
    for row in rows:
        _add_names(matching, row.authors, "author", typed)
    for row in rows:
        _add_names(matching, row.keywords, "keyword", typed)

    def sort_key(suggestion: Suggestion) -> tuple[bool, int]:
        begins = normalize(suggestion.text).startswith(typed)
        return not begins, len(suggestion.text)

    return sorted(matching.values(), key=sort_key)


def _add_names(matching: dict[str, Suggestion], names: str, kind: str, typed: str) -> None:
    for name in names.split("\n"):
        normalized = normalize(name)
        if typed in normalized:
            matching.setdefault(normalized, Suggestion(name, kind))


def _matching_titles(rows: list[Row], typed: str) -> list[Suggestion]:
    titles = {}
    for row in rows:
        # Readers look for issues by number; here they would displace all older titles.
        if row.kind != "issue" and typed in normalize(row.title):
            kind = "column" if row.kind == "column" else "title"
            titles[row.title] = Suggestion(row.title, kind)
    return list(titles.values())


def near_spellings(entries: EntryQuerySet, query: Query) -> list[str]:
    """Return the names and titles with almost the same spelling as the query."""
    tokens = [Token(token) for token in sorted(tokenize(query.phrase)) if len(token) > 1]
    if not tokens or len(query.phrase) > MAX_NEAR_LENGTH:
        return []
    match = Match(any_of(map(in_fields(TITLE, NAMES), tokens)))
    spellings = _names_and_titles(newest(entries, match, MAX_ENTRIES))
    matcher = SequenceMatcher(None, query.phrase, autojunk=False)
    scored = []
    for spelling in spellings:
        matcher.set_seq2(fold(spelling))
        scored.append((matcher.ratio(), spelling))
    scored.sort(reverse=True)
    best = scored[:MAX_NEAR_SPELLINGS]
    return [spelling for ratio, spelling in best if ratio >= MIN_SIMILARITY]


def _names_and_titles(rows: Iterable[Row]) -> set[str]:
    spellings = set()
    for row in rows:
        spellings.add(row.title)
        spellings.update(row.authors.split("\n"))
        spellings.update(row.keywords.split("\n"))
    spellings.discard("")
    return spellings


def shorter_queries(entries: EntryQuerySet, query: Query) -> list[str]:
    """Return shorter queries that have results.

    They omit one word of the query, or are the halves of its only word.
    """
    words = [term.phrase for term in query.terms]
    texts = []
    if len(words) > 1:
        for index in range(min(len(words), MAX_OMITTED_WORDS)):
            texts.append(" ".join(words[:index] + words[index + 1 :]))
    elif words and len(words[0]) > 2:
        [word] = words
        middle = _even_middle(word)
        texts = [word[:middle], word[middle:]]
    with_results = [text for text in texts if text and has_results(entries, text)]
    return with_results[:MAX_SHORTER_QUERIES]


def _even_middle(word: str) -> int:
    """Return an even offset near the middle of a word, since Chinese words have two characters."""
    half = (len(word) + 1) // 2
    return half - half % 2 or 2


def has_results(entries: EntryQuerySet, text: str) -> bool:
    """Return whether a search for `text` has results."""
    query = parse_query(text)
    if not query:
        return False
    match = query.match(anywhere, as_phrase=False)
    has_no_phrases = match == Match(match.tree)
    if has_no_phrases:  # the tokens suffice, and any entry will do: faster than the newest one
        return entries.matching(match.tree).exists()
    return bool(newest(entries, match, 1))
