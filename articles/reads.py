"""The most read articles: counted in memory, written to the database once a minute.

Pages may come from a cache, so a script in the page reports that it has been in view for a
while. It sends the number of the article and nothing else. Reads from one address count
MAX_READS_PER_ADDRESS times a day at most; addresses are stored as a salted hash, in memory only.
See docs/decisions/0019-reads-are-counted-by-the-page-script.md.
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
MAX_RANKED = 30  # more than pages show: they leave out articles withdrawn since
CACHE_SECONDS = 5 * 60

WRITE_INTERVAL = timedelta(minutes=1)
MAX_ARTICLES = 1000  # that wait to be written
MAX_READERS = 100_000  # hashes of address and article in memory
MAX_READS_PER_ADDRESS = 20  # of an article on a day, in each process; offices share an address

ROBOT = re.compile(r"bot\b|spider|crawl|slurp|headless|preview|lighthouse", re.IGNORECASE)

# Several processes add to the same row: the database adds, so that none overwrites another.
ADD = """
    INSERT INTO articles_readcount (day, article_id, count) VALUES (%s, %s, %s)
    ON CONFLICT (day, article_id) DO UPDATE SET count = articles_readcount.count + excluded.count
"""

logger = logging.getLogger(__name__)


def most_read() -> list[int]:
    """Return the articles that were read most in the last seven days, most read first."""
    return cache.get_or_set("most_read", _ranking, CACHE_SECONDS)


def _ranking() -> list[int]:
    week = ReadCount.objects.filter(day__gt=timezone.localdate() - WEEK)
    ranked = week.values("article").annotate(reads=Sum("count")).order_by("-reads", "-article")
    return list(ranked.values_list("article", flat=True)[:MAX_RANKED])


def is_reader(request: HttpRequest) -> bool:
    """Return whether a page of this site sent the request, from a browser and no robot."""
    own_origins = {f"{request.scheme}://{request.get_host()}", settings.SITE_URL}
    if request.headers.get("Origin") not in own_origins:
        return False
    return not ROBOT.search(request.headers.get("User-Agent", "bot"))


class ReadCounter:
    """The reads that this process has counted and not written yet."""

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
            if self.readers[reader] <= MAX_READS_PER_ADDRESS:
                self.counts[article] += 1
            is_due = timezone.now() >= self.due or len(self.counts) >= MAX_ARTICLES
        if is_due:
            self.write()

    def _begin(self) -> None:
        """Start a new minute at its first read, and a new day at midnight or if memory is full."""
        if not self.counts:
            self.due = timezone.now() + WRITE_INTERVAL
        if self.day != timezone.localdate() or len(self.readers) >= MAX_READERS:
            self.day = timezone.localdate()
            self.salt = secrets.token_bytes()
            self.readers: Counter[int] = Counter()

    def write(self) -> None:
        """Add the counts to the rows of the day; if the database fails, they are lost."""
        with self.lock:
            counts = self.counts
            self.counts = Counter()
        try:
            if counts:
                store(counts)
        except DatabaseError:
            logger.exception("The reads of the last minute could not be written.")


def store(counts: Mapping[int, int]) -> None:
    """Add counts of live articles to the rows of today; delete rows older than a week."""
    live = Publication.objects.live().filter(article__in=list(counts)).order_by("article")
    today = timezone.localdate()
    day = connection.ops.adapt_datefield_value(today)
    with transaction.atomic():
        # Rows are locked in the order of the key, so that processes cannot deadlock.
        rows = [
            (day, article, counts[article]) for article in live.values_list("article", flat=True)
        ]
        with connection.cursor() as cursor:
            cursor.executemany(ADD, rows)
        ReadCount.objects.filter(day__lte=today - WEEK).delete()


read_counter = ReadCounter()
atexit.register(read_counter.write)  # a worker that ends loses no counts
