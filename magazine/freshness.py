"""Since when the site stands as it does: what may be kept in memory is tied to that, and is gone when it has passed.

What readers see changes when something is written, and when the clock reaches an instant at which something begins or
ends. Whatever is written leaves a row in the same transaction, and every process asks for these rows, at most twice a
second; then they also know the next instant.
"""

import contextlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from datetime import time as time_of_day
from threading import Condition, Lock, Thread, local
from time import monotonic, time
from typing import Any, NamedTuple

from django.core.signals import request_started
from django.db import Error, close_old_connections, connections, models, transaction
from django.db.models import Count, Max, Min
from django.db.models.signals import class_prepared, post_delete, post_save
from django.utils import timezone

from operations.routing import as_reader, is_signed_in

ASKED_EVERY = 0.5  # seconds between two askings, and after one that failed
PATIENCE = 0.3  # seconds for which readers wait for an answer
TRUSTED = 1.5  # seconds after which an answer is none, however busy the machine may be
IDLE = 30  # seconds after which a process that nobody asks gives its connection back
KEPT = 100  # rows, at least
LIFE = 60  # seconds: what is counted, such as the most read, changes without a word
MOST = 500  # things that a process keeps: house and notices, parts of pages

logger = logging.getLogger(__name__)


class Alteration(models.Model):
    """That something which readers see was written. Rows are added and none is changed: no writer waits for another.

    Transactions may commit in another order than they took their numbers, so the last number alone says too little;
    a row that comes late changes the count, and clearing away changes the first number.
    """

    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.at)

    @classmethod
    def note(cls, using: str) -> None:
        row = cls.objects.using(using).create()
        if row.pk % KEPT == 0:
            cls.objects.using(using).filter(pk__lte=row.pk - KEPT).delete()
        # Who wrote it sees it at once, also by what this process keeps.
        transaction.on_commit(freshness.forget, using)


class ShownQuerySet(models.QuerySet):
    def update(self, **values) -> int:
        changed = super().update(**values)
        if changed:
            Alteration.note(self.db)
        return changed

    def bulk_create(self, objs, *arguments, **options) -> list:
        created = super().bulk_create(objs, *arguments, **options)
        Alteration.note(self.db)
        return created


class Shown(models.Model):
    """What readers see. However it is written, every process knows within a second."""

    instants: list[str] = []  # the fields that say when it begins or ends to show

    objects = ShownQuerySet.as_manager()

    class Meta:
        abstract = True


shown: list[type[Shown]] = []


def _watch(sender: type[models.Model], **kwargs) -> None:
    if issubclass(sender, Shown):
        shown.append(sender)
        post_save.connect(_noted, sender)
        post_delete.connect(_noted, sender)


def _noted(using: str, **kwargs) -> None:
    Alteration.note(using)


class_prepared.connect(_watch)


class State(NamedTuple):
    """How the site stands. Two are equal if nothing has been written between them, and nothing began or ended."""

    written: tuple
    until: float  # the next instant at which it will stand otherwise, in seconds since 1970

    @property
    def is_over(self) -> bool:
        # Asked for every page out of memory, where a look at Django's own clock would take a tenth of the time.
        return time() >= self.until


def next_instant(now: datetime) -> datetime:
    """When the clock will change the site next. Every look into an index costs the same in a house of any size."""
    fields = ((model._default_manager, field) for model in shown for field in model.instants)
    found = (
        rows.filter(**{f"{field}__gt": now}).order_by(field).values_list(field, flat=True).first()
        for rows, field in fields
    )
    # Issues come out on a day, and citations name the day on which they were read.
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(now) + timedelta(days=1), time_of_day.min))
    return min([midnight, *filter(None, found)])


class Kept(NamedTuple):
    state: State
    since: float
    value: Any


class Request(local):
    """What is answered in this thread."""

    asks_first = at_once = False


class Freshness:
    """What this process knows of how the site stands."""

    def __init__(self) -> None:
        self.turn, self.lock = Condition(), Lock()
        self.thread: Thread | None = None
        self.asking: float | None = None  # since when the thread is asking
        self.failed = -1e9
        self.request = Request()
        self.forget()

    def forget(self) -> None:
        self.state: State | None = None
        self.said = -1e9
        self.kept: OrderedDict[Hashable, Kept] = OrderedDict()

    @as_reader()  # what readers' pages are tied to must come from where these come from, however far that is behind
    def ask(self) -> None:
        begun, now = monotonic(), timezone.now()
        try:
            found = Alteration.objects.aggregate(Count("pk"), Min("pk"), Max("pk"), Max("at"))
            state, written = self.state, tuple(found.values())
            if state is None or state.written != written or now.timestamp() >= state.until:
                state = State(written, next_instant(now).timestamp())
        except Error:
            self.failed = begun
            raise
        if begun > self.said:
            self.said, self.state = begun, state

    def is_due(self) -> bool:
        now, state = monotonic(), self.state
        if now - self.failed < ASKED_EVERY:
            return False
        return state is None or now - self.said >= ASKED_EVERY or state.is_over

    def known(self) -> State | None:
        """How the site stands, for who must not wait for a database that is away; None if it does not say."""
        if self.is_due():
            self._wait()
        return self.state if monotonic() - self.said < TRUSTED else None

    def keep(self, name: Hashable, read: Callable[[], Any]) -> Any:
        """What `read` answers, read once for as long as the site stands as it does, and a minute at most.

        None is not kept: nobody shall fill the memory with what is not there.
        """
        if self.request.at_once and "replica" in connections:
            return read()  # from the primary, which is ahead of what is known of the site and kept of it
        self._ask_first()
        kept, state = self.kept, self.state
        if state is None or state.is_over:
            return read()
        known = kept.get(name)
        if known and known.state == state and monotonic() - known.since < LIFE:
            return known.value
        since, value = monotonic(), read()
        if value is None:
            return None
        with self.lock:
            kept[name] = Kept(state, since, value)
            kept.move_to_end(name)
            if len(kept) > MOST:
                kept.popitem(last=False)
        return value

    def _ask_first(self) -> None:
        """Once for each request that Django answers; commands keep nothing."""
        if self.request.asks_first:
            self.request.asks_first = False
            if self.request.at_once or self.is_due():
                with contextlib.suppress(Error):  # the page itself will say so
                    self.ask()

    def _wait(self) -> None:
        """Have the thread ask. It alone waits for as long as it takes; readers wait a moment, and not one by one."""
        with self.turn:
            if self.asking is None:
                self.asking = monotonic()
                self.turn.notify_all()
            if not (self.thread and self.thread.is_alive()):
                self.thread = Thread(target=self._answer, daemon=True)
                self.thread.start()
            self.turn.wait_for(lambda: self.asking is None, max(0, self.asking + PATIENCE - monotonic()))

    def _answer(self) -> None:
        while self._is_wanted():
            was_well = self.failed < self.said
            try:
                self.ask()
            except Error as error:
                if was_well:
                    logger.warning("How the site stands cannot be asked: %s", error)
            finally:
                with self.turn:
                    self.asking = None
                    self.turn.notify_all()
                close_old_connections()
        connections.close_all()

    def _is_wanted(self) -> bool:
        with self.turn:
            if not (wanted := self.turn.wait_for(lambda: self.asking is not None, IDLE)):
                self.thread = None
            return wanted


freshness = Freshness()


def _begin(environ: dict[str, Any], **kwargs) -> None:
    # Who is signed in may have written a moment ago, and looks whether it shows.
    freshness.request.asks_first, freshness.request.at_once = True, is_signed_in(environ)


request_started.connect(_begin)
