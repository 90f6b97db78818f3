"""Readers read the replica. Whoever is signed in reads the primary, and thereby what was saved a moment ago.

All that is written goes to the primary, and so does what is read in a transaction. While the replica is away, or hangs,
the primary answers for it.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, connections
from django.http import HttpRequest, HttpResponse

from operations.circuit_breaker import CircuitBreaker

WAIT_SECONDS = 2.0  # seconds for an answer of the replica: what takes longer is asked of the primary, which has more

# A search in the header as it comes: pages that are kept are given before anybody reads cookies.
SESSION = re.compile(rf"(?:^|;)\s*{re.escape(settings.SESSION_COOKIE_NAME)}\s*=")

breaker = CircuitBreaker("The database replica")


def is_signed_in(environ: dict[str, Any]) -> bool:
    """Whether a request names a session. What it is worth, only Django finds out."""
    return SESSION.search(environ.get("HTTP_COOKIE", "")) is not None


class Reader:
    """Somebody who reads; whether the replica answers is found out once, with the first query."""

    def __init__(self) -> None:
        self.replica_answers: bool | None = None

    def may_read_replica(self) -> bool:
        if self.replica_answers is None:
            self.replica_answers = breaker.may_try() and self._replica_answers()
        return self.replica_answers

    def _replica_answers(self) -> bool:
        try:
            connections["replica"].close_if_health_check_failed()
            connections["replica"].ensure_connection()
        except DatabaseError as error:
            self.leave_replica(error)
            return False
        breaker.worked()
        return True

    def leave_replica(self, error: DatabaseError) -> None:
        breaker.failed(error)
        self.replica_answers = False


def set_wait_timeout(connection, **signal) -> None:
    """A connection has been made: let nobody wait in it for ever.

    A server that is stopped keeps its connections, and its kernel acknowledges what is sent to it. So neither TCP nor
    the server's own timeouts end the waiting. Of the primary these come first, as long as it runs; commands may wait.
    """
    patience = WAIT_SECONDS
    if connection.alias != "replica":
        patience = settings.STATEMENT_SECONDS and settings.STATEMENT_SECONDS + WAIT_SECONDS
    if patience and connection.vendor == "postgresql":
        connection.connection.wait = partial(connection.connection.wait, timeout=patience)


reader: ContextVar[Reader | None] = ContextVar("reader", default=None)


@contextmanager
def as_reader() -> Iterator[Reader]:
    """What is asked within is asked where readers' pages come from."""
    token = reader.set(Reader())
    try:
        yield reader.get()
    finally:
        reader.reset(token)


class ReplicaRouter:
    def db_for_read(self, model, **hints) -> str:
        somebody = reader.get()
        may = somebody and not connection.in_atomic_block and somebody.may_read_replica()
        return "replica" if may else "default"

    def db_for_write(self, model, **hints) -> str:
        return "default"

    def allow_relation(self, one, other, **hints) -> bool:
        return True  # it is one database, seen from two sides

    def allow_migrate(self, db: str, app_label: str, **hints) -> bool:
        return db == "default"


class ReplicaMiddleware:
    """Tells readers from those who write, or have signed in to write."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"} or is_signed_in(request.META):
            return self.get_response(request)
        with as_reader():
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The replica has gone in the middle of a page: the primary renders it from the beginning."""
        somebody = reader.get()
        if not (isinstance(error, DatabaseError) and somebody and somebody.replica_answers):
            return None
        somebody.leave_replica(error)
        view, arguments, named = request.resolver_match
        return view(request, *arguments, **named)
