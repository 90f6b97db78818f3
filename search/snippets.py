"""The words of a question, marked where they stand: in a title, and in the passage that holds most of them."""

import re
import unicodedata
from collections.abc import Iterable

from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString

from search.parser import Query
from search.tokens import fold, runs

LENGTH = 110  # characters of a passage
LEAD = 30  # of them before what was found, at most
MOST = 200  # places that are looked at in one text


def hits(question: Query, folded: str) -> list[tuple[int, int]]:
    """Where the question's phrases stand in a folded text; its words, where a phrase does not."""
    spans = []
    for term in question.terms:
        spans += _places(folded, [term.phrase]) or _places(folded, _words(term.phrase))
    return _joined(spans)


def marked(
    text: str, spans: Iterable[tuple[int, int]], start: int = 0, end: int | None = None
) -> SafeString:
    """A stretch of a text as HTML."""
    end = len(text) if end is None else end
    parts, place = [], start
    for first, last in spans:
        first, last = max(first, start), min(last, end)
        if first < last:
            parts.append((text[place:first], text[first:last]))
            place = last
    return format_html_join("", "{}<mark>{}</mark>", parts) + escape(text[place:end])


def marked_title(question: Query, title: str) -> SafeString:
    return marked(title, hits(question, fold(title)))


def passage(question: Query, text: str, folded: str) -> SafeString:
    """The stretch of a text in which most of the question stands; how it begins, if nothing does."""
    spans = hits(question, folded)
    start = max(0, _best(folded, spans) - LEAD)
    if start:
        # From the beginning of a sentence, where there is one.
        stops = [found.end() for found in re.finditer(r"[。！？；\n]", text[start : start + LEAD])]
        start += stops[-1] if stops else 0
    start, end = _whole(text, start), _whole(text, min(len(text), start + LENGTH))
    lead, rest = escape("…" if start else ""), escape("…" if end < len(text) else "")
    return lead + marked(text, spans, start, end) + rest


def _best(folded: str, spans: list[tuple[int, int]]) -> int:
    """Where the stretch begins in which the most different hits stand: of equal ones, the first."""
    best, most = 0, 0
    for place, (start, _end) in enumerate(spans):
        near = {
            folded[first:last]
            for first, last in spans[place : place + 20]
            if last <= start + LENGTH - LEAD
        }
        length = sum(map(len, near))
        if length > most:
            best, most = start, length
    return best


def _words(phrase: str) -> list[str]:
    """What is marked of a phrase that does not stand in a text: Latin words, and pairs of Chinese characters."""
    words = []
    for run, is_han in runs(phrase):
        words += (
            [run[start : start + 2] for start in range(max(1, len(run) - 1))] if is_han else [run]
        )
    return words


def _places(folded: str, words: list[str]) -> list[tuple[int, int]]:
    pattern = "|".join(
        rf"(?<![0-9a-z]){re.escape(word)}(?![0-9a-z])"
        if word[:1].isascii() and word[-1:].isascii()
        else re.escape(word)
        for word in words
    )
    found = []
    for place in re.finditer(pattern, folded):
        found.append(place.span())
        if len(found) == MOST:
            break
    return found


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """In their order, those that overlap or touch as one."""
    joined = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _whole(text: str, place: int) -> int:
    """The next place at which no character is parted from what belongs to it."""
    while 0 < place < len(text) and (
        unicodedata.combining(text[place])
        or text[place] in "\u200d\ufe0e\ufe0f"
        or text[place - 1] == "\u200d"
    ):
        place += 1
    return place
