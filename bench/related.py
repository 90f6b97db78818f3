"""Measure the fit and the cost of related articles. See bench/README.md."""

import math
import os
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from heapq import nlargest
from pathlib import Path
from random import Random
from statistics import mean, median
from time import perf_counter

import django

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "magazine.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402
from django.db.models import Count  # noqa: E402

from articles.mentions import words_of  # noqa: E402
from articles.models import Mention, Publication  # noqa: E402
from articles.related import MAX_SHOWN, related_articles  # noqa: E402
from richtext.sanitizer import plain_text  # noqa: E402

SAMPLE = 300
TEXTS = 2000  # texts from which the rarity of words is computed

random = Random("related")  # noqa: S311
live = Publication.objects.live()


class Similarity:
    """The cosine of the words of two articles, weighed by frequency and rarity (TF-IDF)."""

    def __init__(
        self, words: Callable[[Publication], list[str]], articles: list[Publication]
    ) -> None:
        self.words, self.total = words, len(articles)
        self.having = Counter(word for article in articles for word in set(words(article)))

    @cache  # noqa: B019
    def vector(self, article: Publication) -> dict[str, float]:
        counts = Counter(self.words(article))
        weights = {
            word: n * math.log((1 + self.total) / (1 + self.having[word]))
            for word, n in counts.items()
        }
        length = math.hypot(*weights.values()) or 1
        return {word: weight / length for word, weight in weights.items()}

    def of(self, one: Publication, other: Publication) -> float:
        there = self.vector(other)
        return sum(
            weight * there[word] for word, weight in self.vector(one).items() if word in there
        )

    def mean(self, chosen: dict[Publication, list[Publication]]) -> float:
        """Return the mean similarity of articles and the articles chosen for them."""
        return mean(
            mean(self.of(article, other) for other in others)
            for article, others in chosen.items()
            if others
        )

    def nearest(self, article: Publication, others: list[Publication]) -> list[Publication]:
        return nlargest(
            MAX_SHOWN,
            (other for other in others if other != article),
            key=lambda other: self.of(article, other),
        )


def heading_words(publication: Publication) -> list[str]:
    return words_of("\n".join([publication.title, *publication.keyword_list]))


def text_words(publication: Publication) -> list[str]:
    """Return the words of the text, which the choice of related articles does not use."""
    return words_of(plain_text(publication.body))


def main() -> None:
    keys = sorted(live.values_list("pk", flat=True).order_by())
    columns = {}
    for key, column in live.values_list("pk", "column").order_by("pk"):
        columns.setdefault(column, []).append(key)
    articles = fetched(some(keys, SAMPLE))
    finding = [timed(find, article) for article in articles]
    indexing = [timed(index_mentions, article) for article in articles]
    reading = [timed(live.prev_next_related, article) for article in articles]
    ways = {article: result.related for article, (result, _) in zip(articles, reading, strict=True)}
    related = {article: fetched([card.pk for card in shown]) for article, shown in ways.items()}
    column = {
        article: fetched(some(columns[article.column_id], MAX_SHOWN, article))
        for article in articles
    }
    site = {article: fetched(some(keys, MAX_SHOWN, article)) for article in articles}
    texts = fetched(some(keys, TEXTS))
    print(f"{connection.vendor}, {len(keys):,} live articles, a sample of {len(articles)}\n")
    for name, words in [("title and keywords", heading_words), ("text", text_words)]:
        similarity = Similarity(words, texts)
        figures = [f"{similarity.mean(chosen):.3f}" for chosen in (related, column, site)]
        print(f"similarity by {name}: related, same column, whole site: {' / '.join(figures)}")
    if len(texts) == len(keys):
        nearest = {article: similarity.nearest(article, texts) for article in articles}
        print(f"the six nearest by text: {similarity.mean(nearest):.3f}")
        for name, chosen in [("related", related), ("same column", column), ("whole site", site)]:
            share = mean(
                len({*chosen[article]} & {*nearest[article]}) / MAX_SHOWN for article in articles
            )
            print(f"of them among {name}: {share:.1%}")
    others = [(article, other) for article, shown in related.items() for other in shown]
    print(f"six shown: {mean(len(shown) == MAX_SHOWN for shown in related.values()):.1%}")
    computed = mean(b.article_id in a.related for a, b in others)
    print(f"computed, not filled up with the newest: {computed:.1%}")
    print(f"of another column: {mean(a.column_id != b.column_id for a, b in others):.1%}")
    print(f"of the same year or newer: {mean(b.date.year >= a.date.year for a, b in others):.1%}")
    for name, times in [
        ("reading previous, next and related", reading),
        ("finding them on publishing", finding),
        ("indexing its mentions", indexing),
    ]:
        seconds = [one for _, one in times]
        print(f"{name}: median {median(seconds) * 1000:.1f} ms", end="")
        print(f", slowest of a hundred {worst(seconds) * 1000:.1f} ms")
    print_size()


def find(article: Publication) -> None:
    """Find related articles as publishing and refresh_related do."""
    article.related = related_articles(article, live.candidates, Publication.objects.sharing)


def index_mentions(article: Publication) -> None:
    """Index the mentions of a publication anew, as publishing does."""
    with transaction.atomic():
        article.mentions.all().delete()
        Mention.objects.record([article])


def some(keys: list[int], count: int, but: Publication | None = None) -> list[int]:
    keys = [
        key
        for key in random.sample(keys, min(count + 1, len(keys)))
        if but is None or key != but.pk
    ]
    return keys[:count]


def fetched(keys: list[int]) -> list[Publication]:
    return list(Publication.objects.filter(pk__in=keys).order_by("pk"))


def timed(act: Callable, *args):
    start = perf_counter()
    result = act(*args)
    return result, perf_counter() - start


def worst(times: list[float]) -> float:
    return sorted(times)[len(times) * 99 // 100]


def print_size() -> None:
    for kind, rows in Mention.objects.values_list("kind").annotate(Count("name")).order_by("kind"):
        print(f"{kind}: {rows:,} rows")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_size_pretty(pg_total_relation_size('articles_mention'))")
            print(f"index of names: {cursor.fetchone()[0]}")


if __name__ == "__main__":
    main()
