"""Tokenizer of the search index: the same for documents and queries, and for every database.

Chinese text has no blanks between words, and a dictionary misses words that it does not know. So
a run of Chinese characters gives its overlapping bigrams, and its last character alone: a query
of one character matches every token that begins with it. Latin words and numbers stay whole.

A token of the title, the names or the abstract is in the index a second time, with the prefix of
that field. The values that readers filter by are tokens too.

See docs/decisions/0027-search-uses-bigrams-in-the-database.md and
docs/decisions/0035-traditional-characters-use-a-table.md.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase

from search.simplified import SIMPLIFIED, TRADITIONAL

# Raise it with every change of the tokenizer: `rebuild_search --check` then reports all entries
# that were indexed before as stale.
VERSION = 2

# The same characters are in the PostgreSQL function of migration 0002.
HAN = "々〇㐀-䶿一-鿿\uf900-\ufaff\U00020000-\U0003ffff"
LATIN = "0-9a-zß-ɏͰ-῿ぁ-ヿ가-힣"
HAN_CHARACTER = re.compile(f"[{HAN}]")
RUN = re.compile(f"(?P<han>[{HAN}]+)|[{LATIN}]+")
MAX_WORD_LENGTH = 40  # characters of a Latin word that are indexed

# Prefixes of tokens in one field. Folding replaces these characters, so no text gives them.
TITLE = "¹"
NAMES = "²"
ABSTRACT = "³"

# Prefixes of filter tokens. The section sign is no letter, so no text gives it.
MAGAZINE = "§m"
COLUMN = "§c"
YEAR = "§y"
ISSUE = "§i"
NUMBER = "§n"
AUTHOR = "§a"


class _FoldingTable(dict[int, int]):
    """A table for str.translate that computes each character when it is first needed.

    One character maps to one character, so that offsets stay valid. Punctuation stays unchanged.
    """

    def __missing__(self, code: int) -> int:
        folded = unicodedata.normalize("NFKC", chr(code)).lower()
        if len(folded) == 1 and folded.isalnum():
            # Text from PDF files has radicals; many of them fold to traditional characters.
            self[code] = self.get(ord(folded), ord(folded))
        else:
            self[code] = code
        return self[code]


_folding_table = _FoldingTable(str.maketrans(TRADITIONAL, SIMPLIFIED))


def fold(text: str) -> str:
    """Return `text` in half-width, lower-case, simplified characters; its length is the same."""
    return text.translate(_folding_table)


# Of most texts, folding only changes capital letters.
LOWER_CASE = str.maketrans(ascii_uppercase, ascii_lowercase)


def fold_case(text: str) -> str:
    """Fold a text in which only capital letters need folding; faster than `fold`."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return text.translate(LOWER_CASE)


WIDE = "，：；－．％（）！？／\u3000"
NARROW = ",:;-.%()!?/ "
TO_NARROW = str.maketrans(WIDE, NARROW)
TO_WIDE = str.maketrans(NARROW, WIDE)


def spelling_variants(phrase: str) -> set[str]:
    """Return a folded phrase with the forms of punctuation, blanks and dashes that texts use."""
    return {
        phrase,
        phrase.translate(TO_NARROW),
        phrase.translate(TO_WIDE),
        phrase.replace("-", "–"),
        phrase.replace("-", "—"),
    }


def runs(folded: str) -> Iterator[tuple[str, bool]]:
    """Yield the runs of one script in a folded text, and whether each is Chinese."""
    for match in RUN.finditer(folded):
        yield match[0], match["han"] is not None


def bigrams(run: str) -> list[str]:
    """Return the overlapping bigrams of a run of Chinese characters."""
    return [run[start : start + 2] for start in range(len(run) - 1)]


def tokenize(folded: str) -> set[str]:
    """Return the tokens of a folded text."""
    tokens = set()
    for run, is_han in runs(folded):
        if is_han:
            tokens.update(bigrams(run))
            tokens.add(run[-1])
        else:
            tokens.add(run[:MAX_WORD_LENGTH])
    return tokens


def normalize(text: str) -> str:
    """Return the folded letters and digits of `text`, without anything between them."""
    return "".join(run for run, _is_han in runs(fold(text)))


@lru_cache(10_000)
def author_token(name: str) -> str:
    """Return the filter token of an author. Spellings with or without a blank share one."""
    return AUTHOR + normalize(name)[:MAX_WORD_LENGTH]


def issue_number_token(year: int, number: int) -> str:
    """Return the filter token of issue `number` of `year`, which all magazines share."""
    return f"{NUMBER}{year}n{number}"


def year_token(day: date) -> str:
    """Return the filter token of the year of `day`."""
    return f"{YEAR}{day.year}"
