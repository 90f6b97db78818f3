"""One request found again in every log: its id, from nginx through every line that is logged to the database's own.

The id is what nginx sends as X-Request-ID, or one of our own. Queries carry it as a comment, on PostgreSQL: there it
shows in `pg_stat_activity` and in the server's log. SQLite would have to prepare each query anew for it.
"""

import logging
import re
from collections.abc import Callable
from contextvars import ContextVar
from random import getrandbits
from time import perf_counter

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch

SAFE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
LONGEST_SQL = 2000  # characters of a query that are logged

logger = logging.getLogger(__name__)


CACHED = "cached"  # what answers before Django does: the page cache


class Trace:
    """What is known of the request that this thread answers."""

    __slots__ = ("id", "queries", "seconds", "status", "view")

    def __init__(self, proposed: str = "") -> None:
        # To be told apart, and no secret: the system's random numbers take longer than all else here.
        self.id = (
            proposed if proposed and SAFE_ID.fullmatch(proposed) else f"{getrandbits(128):032x}"
        )
        self.view = CACHED
        self.status = "500"
        self.queries = 0
        self.seconds = 0.0


current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def name_view(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that notes which view answers. The admin's many count as one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if trace := current.get():
            trace.view = _view(request.resolver_match)
        return response

    return middleware


def _view(match: ResolverMatch | None) -> str:
    if match is None:
        return "other"
    return match.app_name if match.app_name == "admin" else match.view_name


def watch(connection, **signal) -> None:
    """A connection has been made: have its queries watched from now on."""
    if watched not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, watched)


def watched(execute: Callable, sql, params, many: bool, context: dict):
    trace = current.get()
    if trace and context["connection"].vendor == "postgresql" and isinstance(sql, str):
        # After its first word: what shows of a running query is its beginning.
        sql = sql.replace(" ", f" /* {trace.id} */ ", 1)
    begun = perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        seconds = perf_counter() - begun
        if trace:
            trace.queries += 1
            trace.seconds += seconds
        if seconds * 1000 >= settings.SLOW_QUERY_MS:
            _log_slow(context["connection"].alias, sql, seconds)


def _log_slow(alias: str, sql, seconds: float) -> None:
    """Without its parameters: they may be somebody's name."""
    facts = {"ms": round(seconds * 1000), "database": alias, "sql": str(sql)[:LONGEST_SQL]}
    logger.warning("A query took %s ms.", facts["ms"], extra={"facts": facts})
