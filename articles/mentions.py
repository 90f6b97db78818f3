"""Who and what publications name: authors, keywords and words. Authors and keywords have pages; all three relate."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from django.db import models, transaction
from django.urls import reverse

LONGEST = 200  # characters of a name; an index entry must hold it, and an address

# Runs of Chinese characters, without the commonest of those that only join others.
RUN = re.compile(r"[㐀-䶿一-鿿]+")
JOINING = str.maketrans(dict.fromkeys("的了和与及或在是对为之其以于等把被从到", " "))
LATIN = re.compile(r"[a-z][a-z0-9-]+")


class Kind(models.TextChoices):
    AUTHOR = "author"
    KEYWORD = "keyword"
    WORD = "word"  # of the title and of keywords; has no page


class Mention(models.Model):
    """That a publication names an author, a keyword or a word: an index derived from it, which can be made anew.

    It carries the publication's place in lists, so that a page of them is read straight from the key. Whether
    readers may see the publication, the publication itself says.
    """

    pk = models.CompositePrimaryKey("kind", "name", "date", "article_id", "publication_id")
    kind = models.CharField(max_length=7, choices=Kind)
    name = models.CharField(max_length=LONGEST)
    date = models.DateField()
    article_id = models.BigIntegerField()  # the publication's: no row of another table depends on it here
    publication = models.ForeignKey("articles.Publication", models.CASCADE, related_name="mentions")

    def __str__(self) -> str:
        return self.name


def key(entry: str) -> str:
    """What is the same of a name however it is typed: full or half width, small or capital letters, any spaces."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", entry).casefold())
    return re.sub(r"\s+", " ", folded).strip()


def address(kind: str, entry: str) -> str:
    """Where everything is listed that names it; nowhere, if no address can say it."""
    name = key(entry)
    return reverse(f"articles:{kind}", args=[name]) if is_addressable(name) else ""


def is_addressable(name: str) -> bool:
    # Browsers take dots between slashes for directions, and doubled slashes get lost on the way.
    return 0 < len(name) <= LONGEST and "\0" not in name and not {"", ".", ".."} & set(name.split("/"))


def words_of(text: str) -> list[str]:
    """The overlapping pairs of its Chinese characters, and its Latin words, as `key` writes them."""
    text = key(text)
    runs = RUN.findall(text.translate(JOINING))
    pairs = [run[start : start + 2] for run in runs for start in range(len(run) - 1)]
    return pairs + [word[:LONGEST] for word in LATIN.findall(text)]


def names_in(title: str, authors: list[str], keywords: list[str]) -> list[tuple[str, str]]:
    """Whom and what it names that says so: kind and name, each once and always in the same order."""
    found = {
        Kind.AUTHOR: map(key, authors),
        Kind.KEYWORD: map(key, keywords),
        Kind.WORD: words_of("\n".join([title, *keywords])),
    }
    return [(kind, name) for kind, names in found.items() for name in dict.fromkeys(names) if is_addressable(name)]


def names_of(publication) -> list[tuple[str, str]]:
    return names_in(publication.title, publication.author_list, publication.keyword_list)


def mentions_of(publication) -> list[Mention]:
    place = {"date": publication.date, "article_id": publication.article_id, "publication_id": publication.pk}
    return [Mention(kind=kind, name=name, **place) for kind, name in names_of(publication)]


def note_mentions(publications: Iterable) -> None:
    """Make publications findable by whom and what they name."""
    mentions = (mention for publication in publications for mention in mentions_of(publication))
    Mention.objects.bulk_create(mentions, ignore_conflicts=True)  # another machine may be noting the same anew


def refresh_mentions(publications: Iterable) -> None:
    """Note anew whatever has not been noted as it should be. Where all is well, nothing is written."""
    noted = defaultdict(set)
    for mention in Mention.objects.filter(publication__in=publications).values_list(*Mention._meta.pk.field_names):
        noted[mention[-1]].add(mention)
    wrong = [one for one in publications if noted[one.pk] != {mention.pk for mention in mentions_of(one)}]
    if wrong:
        with transaction.atomic():
            Mention.objects.filter(publication__in=wrong).delete()
            note_mentions(wrong)
