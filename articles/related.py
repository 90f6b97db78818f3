"""Related reading: what a publication shares with others, and which articles share most.

It may share keywords, authors, words of title and keywords, and its column. What is shared weighs the more, the fewer
articles have it. Each costs one look into an index, and no more than the newest entries are read: the work stays the
same, however many articles there are.
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
MAX_STORED = 2 * MAX_SHOWN  # withdrawn ones are left out at reading time, and others step in
MAX_READ = 500  # entries of a name; one that has more is common
COMPARED = 100  # versions; some are over, and some its own
HALF_LIFE = (
    10 * 365
)  # days by which an article must be younger to be shown for half as much in common

COLUMN = "column"
WORTH = {MentionKind.KEYWORD: 3.0, MentionKind.AUTHOR: 2.0, MentionKind.WORD: 1.0, COLUMN: 1.0}


class Sharing(NamedTuple):
    """The newest versions that share a name or a column, and what sharing it weighs."""

    versions: "array[int]"
    weight: float


class Candidate(NamedTuple):
    """Of a version that readers see."""

    date: date
    article: int


# Who shares what; and which of some versions readers see, and where.
Find = Callable[[str, str | int], Sharing]
Live = Callable[[list[int]], dict[int, Candidate]]


def weighed(kind: str, rows: list[tuple[int, int]]) -> Sharing:
    """Weigh what versions share; `rows` are keys of publications with those of their articles."""
    articles = {article for _, article in rows}  # however many versions there are of each
    weight = WORTH[kind] * math.log(1 + MAX_READ / max(len(articles), 1))
    return Sharing(array("q", [version for version, _ in rows]), weight)


def related_articles(publication, live: Live, find: Find) -> list[int]:
    """The live articles that share most with this one, the best first. Of two that share as much, the newer one."""
    scores = shared(publication, find)
    most = nlargest(COMPARED, zip(scores.values(), scores.keys(), strict=True))
    candidates = live([version for _, version in most])
    best = sorted(
        candidates,
        key=lambda version: (aged(scores[version], candidates[version].date), version),
        reverse=True,
    )
    articles = [candidates[version].article for version in best]
    return [article for article in articles if article != publication.article_id][:MAX_STORED]


def shared(publication, find: Find) -> dict[int, float]:
    """What versions have in common with this one, weighed."""
    scores: dict[int, float] = defaultdict(float)
    for kind, name in [*names_of(publication), (COLUMN, publication.column_id)]:
        versions, weight = find(kind, name)
        for version in versions:
            scores[version] += weight
    return scores


def aged(score: float, day: date) -> float:
    return score * 2 ** (day.toordinal() / HALF_LIFE)
