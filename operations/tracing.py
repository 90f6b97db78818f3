"""Give each request an id, and write it into every log line and every query.

nginx sends the id as X-Request-ID; without one, the site makes one. On PostgreSQL, queries carry
it as a comment, so that it shows in `pg_stat_activity` and in the server's log.
See docs/decisions/0046-request-id-follows-the-first-word-of-a-query.md.
"""

import logging
import re
from collections.abc import Callable
from contextvars import ContextVar
from random import getrandbits
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, HttpResponseBase
from django.urls import ResolverMatch

SAFE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
MAX_SQL_LENGTH = 2000  # characters of a query that are logged
CACHED = "cached"  # the view name of responses from the page cache

logger = logging.getLogger(__name__)


class Trace:
    """The id and the figures of the request that the current thread answers."""

    __slots__ = ("id", "query_count", "query_seconds", "status", "view")

    def __init__(self, proposed_id: str = "") -> None:
        if SAFE_ID.fullmatch(proposed_id):
            self.id = proposed_id
        else:
            # Unique but not secret: secure random numbers take longer than all else here.
            self.id = f"{getrandbits(128):032x}"
        self.view = CACHED
        self.status = "500"
        self.query_count = 0
        self.query_seconds = 0.0


current_trace: ContextVar[Trace | None] = ContextVar("current_trace", default=None)


def name_view(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware that records the name of the view in the trace."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        trace = current_trace.get()
        if trace:
            trace.view = _view_name(request.resolver_match)
        return response

    return middleware


def _view_name(match: ResolverMatch | None) -> str:
    if match is None:
        return "other"
    if match.app_name == "admin":
        return "admin"  # one name for all its views, so that metrics stay few
    return match.view_name


def install_query_wrapper(connection: BaseDatabaseWrapper, **signal: Any) -> None:
    """Trace the queries of a new connection. Receives `connection_created`."""
    if trace_query not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, trace_query)


def trace_query(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Execute a query with the request id as a comment; count it and log it if it is slow."""
    trace = current_trace.get()
    is_postgresql = context["connection"].vendor == "postgresql"
    # SQLite reuses prepared statements by their text: an id would make each one new.
    if trace and is_postgresql and isinstance(sql, str):
        # After the first word: PostgreSQL shows the beginning of a running query.
        sql = sql.replace(" ", f" /* {trace.id} */ ", 1)
    started_at = perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        seconds = perf_counter() - started_at
        if trace:
            trace.query_count += 1
            trace.query_seconds += seconds
        if seconds * 1000 >= settings.SLOW_QUERY_MS:
            _log_slow_query(context["connection"].alias, sql, seconds)


def _log_slow_query(alias: str, sql: Any, seconds: float) -> None:
    """Log a query without its parameters, since they may be personal data."""
    facts = {
        "ms": round(seconds * 1000),
        "database": alias,
        "sql": str(sql)[:MAX_SQL_LENGTH],
    }
    logger.warning("A query took %s ms.", facts["ms"], extra={"facts": facts})
