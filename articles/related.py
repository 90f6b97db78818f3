"""Related articles: the live articles that share most with a publication.

Publications share keywords, authors, words of titles and keywords, and their column. A shared
name weighs more, the fewer articles have it. Each name costs one index scan of at most MAX_READ
entries, so the cost does not grow with the number of articles.
See docs/decisions/0017-related-reading-is-computed-on-publishing.md.
"""

import math
from array import array
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from heapq import nlargest
from typing import NamedTuple

from articles.mentions import MentionKind, names_of

MAX_SHOWN = 6
MAX_STORED = 2 * MAX_SHOWN  # pages leave out withdrawn articles and show the next instead
MAX_READ = 500  # entries of a name; a name with more is common
MAX_COMPARED = 100  # versions; some have ended, and some belong to the article itself
HALF_LIFE_DAYS = 10 * 365  # an article that is so much older needs twice the score

COLUMN = "column"
WEIGHTS = {MentionKind.KEYWORD: 3.0, MentionKind.AUTHOR: 2.0, MentionKind.WORD: 1.0, COLUMN: 1.0}


class Sharing(NamedTuple):
    """The newest versions with one name or column, and the weight of sharing it."""

    versions: "array[int]"
    weight: float


class Candidate(NamedTuple):
    """The date and the article of a live version."""

    date: date
    article: int


# Returns the versions that share a name of a kind.
Find = Callable[[str, str | int], Sharing]
# Returns the live ones among some versions.
Live = Callable[[list[int]], dict[int, Candidate]]


def weighed(kind: str, rows: list[tuple[int, int]]) -> Sharing:
    """Return versions with their weight; `rows` are keys of publication and article."""
    articles = {article for _version, article in rows}
    weight = WEIGHTS[kind] * math.log(1 + MAX_READ / max(len(articles), 1))
    versions = [version for version, _article in rows]
    return Sharing(array("q", versions), weight)


def related_articles(publication, live: Live, find: Find) -> list[int]:
    """Return the live articles that share most, best first, and newest first if equal."""
    scores = shared_weights(publication, find)
    pairs = zip(scores.values(), scores.keys(), strict=True)
    best_pairs = nlargest(MAX_COMPARED, pairs)
    candidates = live([version for _score, version in best_pairs])

    def rank(version: int) -> tuple[float, int]:
        return aged(scores[version], candidates[version].date), version

    articles = []
    for version in sorted(candidates, key=rank, reverse=True):
        article = candidates[version].article
        if article != publication.article_id:
            articles.append(article)
    return articles[:MAX_STORED]


def shared_weights(publication, find: Find) -> dict[int, float]:
    """Return the sum of the weights that each version shares with a publication."""
    scores: dict[int, float] = defaultdict(float)
    names = names_of(publication)
    names.append((COLUMN, publication.column_id))
    for kind, name in names:
        versions, weight = find(kind, name)
        for version in versions:
            scores[version] += weight
    return scores


def aged(score: float, day: date) -> float:
    """Return a score that doubles with each HALF_LIFE_DAYS of the date."""
    return score * 2 ** (day.toordinal() / HALF_LIFE_DAYS)
