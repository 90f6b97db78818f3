"""以文找文: which documents say the same as a text, and which passages they share.

Stretches of the text, spread over the whole of it, are asked of the index by all of their pairs. What has most of them
is compared with the text character by character, whatever stands between the words.
"""

from collections import Counter
from typing import NamedTuple

from search.models import Entry, EntryQuerySet
from search.query_tree import Token, all_of
from search.tokens import HAN_INSIDE, LONGEST, RUN, fold, pairs, runs

PROBES = 40  # stretches that are asked for
STRETCH = 8  # Chinese characters of one
WORDS = 5  # of another script in one
ASKED = 30  # documents that are taken of those that have one
COMPARED = 12
SHORTEST = 12  # characters of a passage that is shared by more than chance
SHORTEST_LATIN = 40  # of one without any Chinese
SHOWN = 6  # passages


class SimilarDocument(NamedTuple):
    entry: Entry
    share: int  # per cent of the text that stands in it
    passages: list[str]  # the longest first


def similar_documents(entries: EntryQuerySet, text: str) -> list[SimilarDocument]:
    """What shares passages with the text: what shares most of it first."""
    counts: Counter[int] = Counter()
    for probe in _probes(fold(text)):
        counts.update(
            entries.matching(all_of(map(Token, probe))).values_list("pk", flat=True)[:ASKED]
        )
    keys = [key for key, _count in counts.most_common(COMPARED)]
    compared = [_compared(entry, text) for entry in Entry.objects.filter(pk__in=keys)]
    return sorted(
        (one for one in compared if one.passages),
        key=lambda one: (one.share, one.entry.pk),
        reverse=True,
    )


def _probes(folded: str) -> list[list[str]]:
    """The tokens of each stretch: pairs of Chinese characters, or words of other scripts."""
    stretches, words = [], []
    for run, is_han in runs(folded):
        if is_han:
            starts = range(0, len(run) - STRETCH // 2 + 1, STRETCH)
            stretches += [pairs(run[start : start + STRETCH]) for start in starts]
        else:
            words.append(run[:LONGEST])
    stretches += [words[start : start + WORDS] for start in range(0, len(words) - WORDS + 1, WORDS)]
    step = max(1, len(stretches) // PROBES)
    return stretches[::step][: 2 * PROBES]


def _compared(entry: Entry, text: str) -> SimilarDocument:
    mine, places = _letters(text)
    theirs, _places = _letters(entry.text)
    at: dict[str, list[int]] = {}
    for place in range(len(theirs) - SHORTEST + 1):
        at.setdefault(theirs[place : place + SHORTEST], []).append(place)
    passages, start, covered = [], 0, 0
    while start <= len(mine) - SHORTEST:
        length = max(
            (
                _common(mine, start, theirs, place)
                for place in at.get(mine[start : start + SHORTEST], [])[:20]
            ),
            default=0,
        )
        if length >= (
            SHORTEST if HAN_INSIDE.search(mine[start : start + length]) else SHORTEST_LATIN
        ):
            passages.append(text[places[start] : places[start + length - 1] + 1])
            covered += length
        start += length or 1
    passages.sort(key=len, reverse=True)
    return SimilarDocument(entry, round(100 * covered / max(len(mine), 1)), passages[:SHOWN])


def _letters(text: str) -> tuple[str, list[int]]:
    """A text without anything between its words, and where in it each character stands."""
    spans = [(found[0], found.start()) for found in RUN.finditer(fold(text))]
    places = [start + place for run, start in spans for place in range(len(run))]
    return "".join(run for run, _start in spans), places


def _common(one: str, start: int, other: str, place: int) -> int:
    """How far two texts go on alike from these places."""
    length = 0
    while (
        start + length < len(one)
        and place + length < len(other)
        and one[start + length] == other[place + length]
    ):
        length += 1
    return length
