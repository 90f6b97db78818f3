"""Choose the database of each query: readers use the replica, signed-in users the primary.

All writes and all queries in a transaction use the primary. While the replica is down or hangs,
the primary answers readers too.
See docs/decisions/0050-session-cookie-and-method-choose-the-database.md and
docs/decisions/0049-the-client-gives-up-a-hung-replica.md.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase

from operations.circuit_breaker import CircuitBreaker

# For an answer of the replica; a slower query is repeated on the primary. On the primary it is
# added to STATEMENT_TIMEOUT, so that the server's own timeout comes first.
WAIT_SECONDS = 2.0

# Matches the raw header: the page cache answers before Django parses cookies.
SESSION_COOKIE = re.compile(rf"(?:^|;)\s*{re.escape(settings.SESSION_COOKIE_NAME)}\s*=")

breaker = CircuitBreaker("The database replica")


def has_session_cookie(environ: dict[str, Any]) -> bool:
    """Return whether a request names a session. The session itself is not checked."""
    return SESSION_COOKIE.search(environ.get("HTTP_COOKIE", "")) is not None


class ReplicaUse:
    """Decide at the first query of a request if it may read from the replica."""

    def __init__(self) -> None:
        self.is_allowed: bool | None = None  # None: not decided yet

    def may_read(self) -> bool:
        """Return whether to read from the replica. Connects to it the first time."""
        if self.is_allowed is None:
            self.is_allowed = breaker.allows_request() and self._connect()
        return self.is_allowed

    def _connect(self) -> bool:
        replica = connections["replica"]
        try:
            replica.close_if_health_check_failed()
            replica.ensure_connection()
        except DatabaseError as error:
            self.give_up(error)
            return False
        breaker.record_success()
        return True

    def give_up(self, error: DatabaseError) -> None:
        """Use the primary for the rest of the request."""
        breaker.record_failure(error)
        self.is_allowed = False


def set_wait_timeout(connection: BaseDatabaseWrapper, **signal: Any) -> None:
    """Set how long a new connection to PostgreSQL waits for an answer.

    A stopped server keeps its connections, and its kernel acknowledges packets. So neither TCP
    nor the server's own timeouts end the wait. Connections to the primary get no limit where
    STATEMENT_TIMEOUT is not set, as in management commands.

    `Connection.wait` is not part of psycopg's public API: a test checks that the limit works.
    """
    if connection.vendor != "postgresql":
        return
    if connection.alias == "replica":
        timeout = WAIT_SECONDS
    elif settings.STATEMENT_SECONDS:
        timeout = settings.STATEMENT_SECONDS + WAIT_SECONDS
    else:
        return
    driver_connection = connection.connection
    driver_connection.wait = partial(driver_connection.wait, timeout=timeout)


# Set while a reader's request is answered; None: all queries use the primary.
replica_use: ContextVar[ReplicaUse | None] = ContextVar("replica_use", default=None)


@contextmanager
def reading_from_replica() -> Iterator[ReplicaUse]:
    """Read from the replica inside this block, or in the decorated function."""
    use = ReplicaUse()
    token = replica_use.set(use)
    try:
        yield use
    finally:
        replica_use.reset(token)


class ReplicaRouter:
    """Database router for one primary, "default", and one replica, "replica"."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        use = replica_use.get()
        if use is None or connection.in_atomic_block:
            return "default"
        return "replica" if use.may_read() else "default"

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        return "default"

    def allow_relation(self, obj1: Model, obj2: Model, **hints: Any) -> bool:
        return True  # both are copies of one database

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "default"


class ReplicaMiddleware:
    """Answer GET and HEAD requests without a session from the replica."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD"} or has_session_cookie(request.META):
            return self.get_response(request)
        with reading_from_replica():
            return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        """Render a page again from the primary, if the replica failed while it was rendered."""
        use = replica_use.get()
        if use is None or not use.is_allowed or not isinstance(exception, DatabaseError):
            return None
        use.give_up(exception)
        match = request.resolver_match
        if match is None:
            return None
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        return response
