"""The names that publications mention: authors, keywords and words.

Authors and keywords have pages; all three kinds relate articles to each other.
See docs/decisions/0018-mentions-are-an-index-table.md.
"""

import re
import unicodedata

from django.db import models
from django.urls import reverse

MAX_NAME_LENGTH = 200  # characters, so that a name fits an index entry and a URL

CHINESE_RUN = re.compile(r"[㐀-䶿一-鿿]+")
# The most frequent characters that only join others separate words.
SEPARATORS = str.maketrans(dict.fromkeys("的了和与及或在是对为之其以于等把被从到", " "))
LATIN_WORD = re.compile(r"[a-z][a-z0-9-]+")


class MentionKind(models.TextChoices):
    AUTHOR = "author"
    KEYWORD = "keyword"
    WORD = "word"  # of the title and of keywords; has no page


def normalized(entry: str) -> str:
    """Return a name in small half-width letters with single spaces."""
    folded = unicodedata.normalize("NFKC", entry).casefold()
    folded = unicodedata.normalize("NFKC", folded)
    return re.sub(r"\s+", " ", folded).strip()


def address(kind: str, entry: str) -> str:
    """Return the path of a name's page, or "" if no URL can contain the name."""
    name = normalized(entry)
    if not is_addressable(name):
        return ""
    return reverse(f"articles:{kind}", args=[name])


def is_addressable(name: str) -> bool:
    """Return whether a URL can contain a name as a path.

    Browsers resolve segments of dots, and proxies merge doubled slashes.
    """
    if not 0 < len(name) <= MAX_NAME_LENGTH or "\0" in name:
        return False
    return {"", ".", ".."}.isdisjoint(name.split("/"))


def words_of(text: str) -> list[str]:
    """Return the overlapping pairs of Chinese characters and the Latin words of a text."""
    text = normalized(text)
    words = []
    for run in CHINESE_RUN.findall(text.translate(SEPARATORS)):
        for start in range(len(run) - 1):
            words.append(run[start : start + 2])
    for word in LATIN_WORD.findall(text):
        words.append(word[:MAX_NAME_LENGTH])
    return words


def names_in(title: str, authors: list[str], keywords: list[str]) -> list[tuple[str, str]]:
    """Return kind and name of all mentions, each once and in a fixed order."""
    text = "\n".join([title, *keywords])
    names_by_kind = {
        MentionKind.AUTHOR: map(normalized, authors),
        MentionKind.KEYWORD: map(normalized, keywords),
        MentionKind.WORD: words_of(text),
    }
    mentions: list[tuple[str, str]] = []
    for kind, names in names_by_kind.items():
        for name in dict.fromkeys(names):
            if is_addressable(name):
                mentions.append((kind, name))
    return mentions


def names_of(publication) -> list[tuple[str, str]]:
    """Return kind and name of all mentions of a publication or an article."""
    return names_in(publication.title, publication.author_list, publication.keyword_list)
