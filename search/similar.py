"""Find documents that share passages with a text (以文找文).

Samples of the text, spread over its whole length, are looked up in the index by all their
bigrams. The documents that have most of them are compared with the text character by character,
without regard to punctuation and blanks.
"""

from collections import Counter
from typing import NamedTuple

from search.models import Entry, EntryQuerySet
from search.query_tree import Token, all_of
from search.tokens import HAN_CHARACTER, MAX_WORD_LENGTH, RUN, bigrams, fold, runs

MAX_SAMPLES = 40
SAMPLE_LENGTH = 8  # Chinese characters
SAMPLE_WORDS = 5  # of another script
MAX_ENTRIES_PER_SAMPLE = 30
MAX_COMPARED = 12  # documents that are compared character by character
MAX_OFFSETS = 20  # in one document at which the same passage is compared
MIN_LENGTH = 12  # characters of a passage that is not shared by chance
MIN_LATIN_LENGTH = 40  # of a passage without Chinese characters
MAX_PASSAGES = 6


class SimilarDocument(NamedTuple):
    entry: Entry
    share: int  # percentage of the text that the document contains
    passages: list[str]  # the longest first


def similar_documents(entries: EntryQuerySet, text: str) -> list[SimilarDocument]:
    """Return the documents that share passages with `text`, the largest share first."""
    counts: Counter[int] = Counter()
    for sample in _samples(fold(text)):
        matching = entries.matching(all_of(map(Token, sample)))
        counts.update(matching.values_list("pk", flat=True)[:MAX_ENTRIES_PER_SAMPLE])
    ids = [pk for pk, _count in counts.most_common(MAX_COMPARED)]
    documents = []
    for entry in Entry.objects.filter(pk__in=ids):
        document = _compare(entry, text)
        if document.passages:
            documents.append(document)
    documents.sort(key=lambda document: (document.share, document.entry.pk), reverse=True)
    return documents


def _samples(folded: str) -> list[list[str]]:
    """Return the tokens of each sample: bigrams of Chinese characters, or other words."""
    samples = []
    words = []
    for run, is_han in runs(folded):
        if is_han:
            for start in range(0, len(run) - SAMPLE_LENGTH // 2 + 1, SAMPLE_LENGTH):
                samples.append(bigrams(run[start : start + SAMPLE_LENGTH]))
        else:
            words.append(run[:MAX_WORD_LENGTH])
    for start in range(0, len(words) - SAMPLE_WORDS + 1, SAMPLE_WORDS):
        samples.append(words[start : start + SAMPLE_WORDS])
    step = max(1, len(samples) // MAX_SAMPLES)
    return samples[::step][: 2 * MAX_SAMPLES]


def _compare(entry: Entry, text: str) -> SimilarDocument:
    """Find all passages of `text` in the text of an entry."""
    letters, offsets = _letters(text)
    entry_letters, _offsets = _letters(entry.text)
    index = _index(entry_letters)
    passages = []
    covered = 0
    start = 0
    while start <= len(letters) - MIN_LENGTH:
        length = 0
        for entry_start in index.get(letters[start : start + MIN_LENGTH], [])[:MAX_OFFSETS]:
            length = max(length, _common_length(letters, start, entry_letters, entry_start))
        if length >= _min_length(letters[start : start + length]):
            passages.append(text[offsets[start] : offsets[start + length - 1] + 1])
            covered += length
        start += length or 1
    passages.sort(key=len, reverse=True)
    share = round(100 * covered / max(len(letters), 1))
    return SimilarDocument(entry, share, passages[:MAX_PASSAGES])


def _index(letters: str) -> dict[str, list[int]]:
    """Return the offsets of all substrings of MIN_LENGTH characters."""
    index: dict[str, list[int]] = {}
    for offset in range(len(letters) - MIN_LENGTH + 1):
        index.setdefault(letters[offset : offset + MIN_LENGTH], []).append(offset)
    return index


def _min_length(passage: str) -> int:
    return MIN_LENGTH if HAN_CHARACTER.search(passage) else MIN_LATIN_LENGTH


def _letters(text: str) -> tuple[str, list[int]]:
    """Return the folded letters and digits of `text`, and the offset of each in `text`."""
    letters = []
    offsets: list[int] = []
    for match in RUN.finditer(fold(text)):
        letters.append(match[0])
        offsets += range(match.start(), match.end())
    return "".join(letters), offsets


def _common_length(text: str, start: int, other: str, other_start: int) -> int:
    """Return the number of equal characters of two texts from these offsets on."""
    length = 0
    max_length = min(len(text) - start, len(other) - other_start)
    while length < max_length and text[start + length] == other[other_start + length]:
        length += 1
    return length
