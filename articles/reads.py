"""Which articles are read most: counted from what readers' browsers say, added up in memory, written once a minute.

A page may come from any cache on the way, so the page's script says that it has been in view for a while. It says
which article that was, and nothing else. So that nobody pushes an article to the top by himself, one address counts
a few times a day; addresses are known by a hash of today's, in memory, and are never written.
"""

import atexit
import logging
import re
import secrets
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from threading import Lock

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone

from accounts.client_ip import client_network
from articles.models import Publication, ReadCount

WEEK = timedelta(days=7)
KEPT = 30  # of the most read; those that have been withdrawn since are left out at reading time
FRESH_SECONDS = 5 * 60

WRITTEN_EVERY = timedelta(minutes=1)
MOST_ARTICLES = 1000  # that wait to be written
MOST_ADDRESSES = 100_000  # that are remembered
A_DAY = 20  # reads of one article from one address, behind which a whole office may sit; in each process

ROBOT = re.compile(r"bot\b|spider|crawl|slurp|headless|preview|lighthouse", re.IGNORECASE)

# Several processes add to the same row, and on neither database may one overwrite another.
ADD = """
    INSERT INTO articles_readcount (day, article_id, count) VALUES (%s, %s, %s)
    ON CONFLICT (day, article_id) DO UPDATE SET count = articles_readcount.count + excluded.count
"""

logger = logging.getLogger(__name__)


def most_read() -> list[int]:
    """The articles that were read most in the last seven days, the most read first."""
    return cache.get_or_set("most_read", _ranking, FRESH_SECONDS)


def _ranking() -> list[int]:
    week = ReadCount.objects.filter(day__gt=timezone.localdate() - WEEK)
    ranked = week.values("article").annotate(reads=Sum("count")).order_by("-reads", "-article")
    return list(ranked.values_list("article", flat=True)[:KEPT])


def is_reader(request: HttpRequest) -> bool:
    """A page of this site asks, in a browser that does not call itself a robot."""
    is_ours = request.headers.get("Origin") in {
        f"{request.scheme}://{request.get_host()}",
        settings.SITE_URL,
    }
    return is_ours and not ROBOT.search(request.headers.get("User-Agent", "bot"))


class ReadCounter:
    """What this process has counted and not yet written."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.forget()

    def forget(self) -> None:
        self.counts: Counter[int] = Counter()
        self.due = None
        self.day = None

    def count(self, article: int, request: HttpRequest) -> None:
        with self.lock:
            self._begin()
            reader = hash((self.salt, client_network(request), article))
            self.readers[reader] += 1
            if self.readers[reader] <= A_DAY:
                self.counts[article] += 1
            is_due = timezone.now() >= self.due or len(self.counts) >= MOST_ARTICLES
        if is_due:
            self.write()

    def _begin(self) -> None:
        """A new minute starts with its first read, a new day with the day or when memory is full."""
        if not self.counts:
            self.due = timezone.now() + WRITTEN_EVERY
        if self.day != timezone.localdate() or len(self.readers) >= MOST_ADDRESSES:
            self.day = timezone.localdate()
            self.salt = secrets.token_bytes()
            self.readers: Counter[int] = Counter()

    def write(self) -> None:
        """Add what has been counted to the rows of the day. What the database refuses is lost; no reader notices."""
        with self.lock:
            counts, self.counts = self.counts, Counter()
        try:
            if counts:
                store(counts)
        except DatabaseError:
            logger.exception("What was read in the last minute could not be written.")


def store(counts: Mapping[int, int]) -> None:
    live = Publication.objects.live().filter(article__in=list(counts)).order_by("article")
    today = timezone.localdate()
    day = connection.ops.adapt_datefield_value(today)
    with transaction.atomic():
        # In the order of the key, so that no two processes wait for each other.
        rows = [
            (day, article, counts[article]) for article in live.values_list("article", flat=True)
        ]
        with connection.cursor() as cursor:
            cursor.executemany(ADD, rows)
        ReadCount.objects.filter(day__lte=today - WEEK).delete()


read_counter = ReadCounter()
atexit.register(read_counter.write)  # a worker that is renewed takes nothing with it
