"""Highlight a query in titles, and in the snippet of a text that has most of its words."""

import re
import unicodedata
from collections.abc import Iterable

from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString

from search.parser import Query
from search.tokens import bigrams, fold, runs

SNIPPET_LENGTH = 110  # characters
MAX_LEAD = 30  # characters before the first highlight
MAX_SPANS = 200  # that are found in one text
MAX_SPANS_PER_SNIPPET = 20

SENTENCE_END = re.compile(r"[。！？；\n]")
JOINERS = "\u200d\ufe0e\ufe0f"  # zero width joiner and variation selectors
ZERO_WIDTH_JOINER = "\u200d"

Span = tuple[int, int]  # offsets of the first character, and after the last one


def match_spans(query: Query, folded: str) -> list[Span]:
    """Return the spans of the query's phrases in a folded text, or those of their words."""
    spans: list[Span] = []
    for term in query.terms:
        spans += _find(folded, [term.phrase]) or _find(folded, _words(term.phrase))
    return _merged(spans)


def highlight(
    text: str, spans: Iterable[Span], start: int = 0, end: int | None = None
) -> SafeString:
    """Return `text[start:end]` as HTML, with the spans in <mark> elements."""
    if end is None:
        end = len(text)
    parts = []
    offset = start
    for span_start, span_end in spans:
        span_start = max(span_start, start)
        span_end = min(span_end, end)
        if span_start < span_end:
            parts.append((text[offset:span_start], text[span_start:span_end]))
            offset = span_end
    return format_html_join("", "{}<mark>{}</mark>", parts) + escape(text[offset:end])


def highlight_title(query: Query, title: str) -> SafeString:
    """Return a title as HTML, with the query highlighted."""
    return highlight(title, match_spans(query, fold(title)))


def snippet(query: Query, text: str, folded: str) -> SafeString:
    """Return the part of `text` that has most of the query, or its beginning, as HTML."""
    spans = match_spans(query, folded)
    start = max(0, _best_start(folded, spans) - MAX_LEAD)
    if start:
        start = _sentence_start(text, start)
    end = _character_start(text, min(len(text), start + SNIPPET_LENGTH))
    start = _character_start(text, start)
    before = escape("…" if start else "")
    after = escape("…" if end < len(text) else "")
    return before + highlight(text, spans, start, end) + after


def _sentence_start(text: str, start: int) -> int:
    """Return the start of the last sentence in the lead from `start`, if one begins there."""
    ends = [match.end() for match in SENTENCE_END.finditer(text[start : start + MAX_LEAD])]
    return start + ends[-1] if ends else start


def _best_start(folded: str, spans: list[Span]) -> int:
    """Return the start of the first snippet with the most characters of different matches."""
    best_start = 0
    most_characters = 0
    for index, (start, _end) in enumerate(spans):
        last_start = start + SNIPPET_LENGTH - MAX_LEAD
        matches = set()
        for span_start, span_end in spans[index : index + MAX_SPANS_PER_SNIPPET]:
            if span_end <= last_start:
                matches.add(folded[span_start:span_end])
        characters = sum(map(len, matches))
        if characters > most_characters:
            best_start = start
            most_characters = characters
    return best_start


def _words(phrase: str) -> list[str]:
    """Return the Latin words and the bigrams of a phrase that a text does not contain."""
    words = []
    for run, is_han in runs(phrase):
        if is_han and len(run) > 1:
            words += bigrams(run)
        else:
            words.append(run)
    return words


def _find(folded: str, words: list[str]) -> list[Span]:
    """Return the spans of words in a folded text. Latin words are found as whole words."""
    pattern = "|".join(map(_word_pattern, words))
    spans = []
    for match in re.finditer(pattern, folded):
        spans.append(match.span())
        if len(spans) == MAX_SPANS:
            break
    return spans


def _word_pattern(word: str) -> str:
    if word[:1].isascii() and word[-1:].isascii():
        return rf"(?<![0-9a-z]){re.escape(word)}(?![0-9a-z])"
    return re.escape(word)


def _merged(spans: list[Span]) -> list[Span]:
    """Sort spans, and merge those that overlap or touch."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            last_start, last_end = merged[-1]
            merged[-1] = (last_start, max(end, last_end))
        else:
            merged.append((start, end))
    return merged


def _character_start(text: str, offset: int) -> int:
    """Return the next offset that does not separate a character from its combining marks."""
    while 0 < offset < len(text) and _is_joined(text, offset):
        offset += 1
    return offset


def _is_joined(text: str, offset: int) -> bool:
    """Return whether the character at `offset` belongs to the one before it."""
    character = text[offset]
    if unicodedata.combining(character) or character in JOINERS:
        return True
    return text[offset - 1] == ZERO_WIDTH_JOINER
