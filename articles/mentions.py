"""Who and what publications name: authors, keywords and words. Authors and keywords have pages; all three relate."""

import re
import unicodedata

from django.db import models
from django.urls import reverse

MAX_NAME_LENGTH = 200  # characters of a name; an index entry must hold it, and an address

# Runs of Chinese characters, without the commonest of those that only join others.
RUN = re.compile(r"[㐀-䶿一-鿿]+")
JOINING = str.maketrans(dict.fromkeys("的了和与及或在是对为之其以于等把被从到", " "))
LATIN = re.compile(r"[a-z][a-z0-9-]+")


class MentionKind(models.TextChoices):
    AUTHOR = "author"
    KEYWORD = "keyword"
    WORD = "word"  # of the title and of keywords; has no page


def normalized(entry: str) -> str:
    """What is the same of a name however it is typed: full or half width, small or capital letters, any spaces."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", entry).casefold())
    return re.sub(r"\s+", " ", folded).strip()


def address(kind: str, entry: str) -> str:
    """Where everything is listed that names it; nowhere, if no address can say it."""
    name = normalized(entry)
    return reverse(f"articles:{kind}", args=[name]) if is_addressable(name) else ""


def is_addressable(name: str) -> bool:
    # Browsers take dots between slashes for directions, and doubled slashes get lost on the way.
    return (
        0 < len(name) <= MAX_NAME_LENGTH
        and "\0" not in name
        and not {"", ".", ".."} & set(name.split("/"))
    )


def words_of(text: str) -> list[str]:
    """The overlapping pairs of its Chinese characters, and its Latin words, as `key` writes them."""
    text = normalized(text)
    runs = RUN.findall(text.translate(JOINING))
    pairs = [run[start : start + 2] for run in runs for start in range(len(run) - 1)]
    return pairs + [word[:MAX_NAME_LENGTH] for word in LATIN.findall(text)]


def names_in(title: str, authors: list[str], keywords: list[str]) -> list[tuple[str, str]]:
    """Whom and what it names that says so: kind and name, each once and always in the same order."""
    found = {
        MentionKind.AUTHOR: map(normalized, authors),
        MentionKind.KEYWORD: map(normalized, keywords),
        MentionKind.WORD: words_of("\n".join([title, *keywords])),
    }
    return [
        (kind, name)
        for kind, names in found.items()
        for name in dict.fromkeys(names)
        if is_addressable(name)
    ]


def names_of(publication) -> list[tuple[str, str]]:
    return names_in(publication.title, publication.author_list, publication.keyword_list)
