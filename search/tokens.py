"""What is looked up in the index: the same for documents and for questions, and for every database.

Chinese text has no blanks, and dictionaries miss what they do not know. So a run of Chinese characters becomes its
overlapping pairs, and its last character alone: whoever looks for one character looks for whatever begins with it.
Latin words and numbers stay whole. Where a token stands in the title, among the names or in the abstract, it stands in
the index a second time behind that field's mark. What a reader filters by is a token as well.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase

from search.simplified import SIMPLIFIED, TRADITIONAL

VERSION = 2  # to be raised with every change of what tokens a text gives: `rebuild_search --check` calls the rest stale

# PostgreSQL takes the same characters out of texts, by the function of the migration 0002.
HAN = "々〇㐀-䶿一-鿿\uf900-\ufaff\U00020000-\U0003ffff"
LATIN = "0-9a-zß-ɏͰ-῿ぁ-ヿ가-힣"
HAN_INSIDE = re.compile(f"[{HAN}]")
RUN = re.compile(f"(?P<han>[{HAN}]+)|[{LATIN}]+")
LONGEST = 40  # characters of a Latin word that are looked at

# No text gives these characters: it is folded first, and they are no letters.
TITLE, NAMES, ABSTRACT = "¹", "²", "³"
MAGAZINE, COLUMN, YEAR, ISSUE, NUMBER, AUTHOR = (f"§{letter}" for letter in "mcyina")


class _Folding(dict):
    """Letter for letter, each worked out when it is first met. The place of nothing changes; stops stay as they are."""

    def __missing__(self, code: int) -> int:
        folded = unicodedata.normalize("NFKC", chr(code)).lower()
        # What is copied out of a PDF holds radicals, of which many stand for traditional characters.
        self[code] = (
            self.get(ord(folded), ord(folded)) if len(folded) == 1 and folded.isalnum() else code
        )
        return self[code]


_folding = _Folding(str.maketrans(TRADITIONAL, SIMPLIFIED))


def fold(text: str) -> str:
    """The text in half width, small letters and simplified characters, as long as it was."""
    return text.translate(_folding)


SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)  # all that folding changes of most texts


def small(text: str) -> str:
    """A text of which folding changes no more than capitals, folded: quicker, because most is read that way."""
    lower = text.lower()
    return lower if len(lower) == len(text) else text.translate(SMALL)


WIDE, NARROW = "，：；－．％（）！？／\u3000", ",:;-.%()!?/ "


def spellings(phrase: str) -> set[str]:
    """A folded phrase as it may stand in a text, with Chinese stops, blanks and dashes, or with others."""
    alike = {
        phrase,
        phrase.translate(str.maketrans(WIDE, NARROW)),
        phrase.translate(str.maketrans(NARROW, WIDE)),
    }
    return alike | {phrase.replace("-", dash) for dash in "–—"}


def runs(folded: str) -> Iterator[tuple[str, bool]]:
    """What stands together in a folded text, and whether it is Chinese."""
    for found in RUN.finditer(folded):
        yield found[0], found["han"] is not None


def pairs(run: str) -> list[str]:
    """The overlapping pairs of a run of Chinese characters."""
    return [run[start : start + 2] for start in range(len(run) - 1)]


def tokens_of(folded: str) -> set[str]:
    found = set()
    for run, is_han in runs(folded):
        found.update([*pairs(run), run[-1]] if is_han else [run[:LONGEST]])
    return found


def letters(text: str) -> str:
    """What a text says, whatever stands between its words: the same, however it is typed."""
    return "".join(run for run, _is_han in runs(fold(text)))


@lru_cache(10_000)
def author_token(name: str) -> str:
    return AUTHOR + letters(name)[:LONGEST]


def number_token(year: int, number: int) -> str:
    """Of every magazine's issue of that year and number."""
    return f"{NUMBER}{year}n{number}"


def year_token(day: date) -> str:
    return f"{YEAR}{day.year}"
