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

from articles.mentions import Kind, Mention, names_of

SHOWN = 6
KEPT = 2 * SHOWN  # withdrawn ones are left out at reading time, and others step in
READ = 500  # entries of a name; one that has more is common
COMPARED = 100  # versions; some are over, and some its own
HALF_LIFE = 10 * 365  # days by which an article must be younger to be shown for half as much in common

COLUMN = "column"
WORTH = {Kind.KEYWORD: 3.0, Kind.AUTHOR: 2.0, Kind.WORD: 1.0, COLUMN: 1.0}


class Sharing(NamedTuple):
    """The newest versions that share a name or a column, and what sharing it weighs."""

    versions: "array[int]"
    weight: float


class Place(NamedTuple):
    """Of a version that readers see."""

    date: date
    article: int


# Who shares what; and which of some versions readers see, and where.
Find = Callable[[str, str | int], Sharing]
Live = Callable[[list[int]], dict[int, Place]]


def sharing(kind: str, name: str | int) -> Sharing:
    rows = list((in_column(name) if kind == COLUMN else naming(kind, name))[:READ])
    articles = {article for _, article in rows}  # however many versions there are of each
    weight = WORTH[kind] * math.log(1 + READ / max(len(articles), 1))
    return Sharing(array("q", [version for version, _ in rows]), weight)


def naming(kind: str, name: str):
    newest = Mention.objects.filter(kind=kind, name=name).order_by("-date", "-article_id", "-publication_id")
    return newest.values_list("publication_id", "article_id")


def in_column(column: int):
    from articles.models import Publication  # the models are built on this module

    return Publication.objects.filter(column=column).order_by("-date", "-article_id").values_list("pk", "article_id")


def related_to(publication, live: Live, find: Find = sharing) -> list[int]:
    """The live articles that share most with this one, the best first. Of two that share as much, the newer one."""
    scores = shared(publication, find)
    most = nlargest(COMPARED, zip(scores.values(), scores.keys(), strict=True))
    places = live([version for _, version in most])
    best = sorted(places, key=lambda version: (aged(scores[version], places[version].date), version), reverse=True)
    articles = [places[version].article for version in best]
    return [article for article in articles if article != publication.article_id][:KEPT]


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
