"""Around everything that answers: each request gets its id and is counted; operators have doors of their own.

/healthz says that this process lives, whatever else does not. /readyz says whether all is as it should be, and to
operators, why not. /metrics is for Prometheus. They stand before all else, so that no host name, no redirect to
https and no session comes between.
"""

import hmac
import json
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import NamedTuple

from django.conf import settings

from operations.checks import checks
from operations.metrics import count_request, exposition
from operations.tracing import Trace, current

HERE = {
    "127.0.0.1",
    "::1",
    "::ffff:127.0.0.1",
    "",
}  # nothing is what a socket in the file system says
# What proxies add: whoever comes through one is not here.
FORWARDED = [
    "HTTP_X_REAL_IP",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_FORWARDED",
    "HTTP_VIA",
]


class EndpointResponse(NamedTuple):
    status: str
    text: bytes
    type: str = "text/plain; charset=utf-8"


class RequestObserver:
    """A WSGI application, with all that operators see of it."""

    def __init__(self, application: Callable) -> None:
        self.application = application

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        if door := ENDPOINTS.get(environ.get("PATH_INFO", "")):
            return _opened(door, environ, start_response)
        trace = Trace(environ.get("HTTP_X_REQUEST_ID", ""))
        token, begun = current.set(trace), perf_counter()

        def start(status: str, headers: list, *rest) -> Callable:
            trace.status = status[:3]
            return start_response(status, [*headers, ("X-Request-ID", trace.id)], *rest)

        try:
            return self.application(environ, start)
        finally:
            count_request(trace, perf_counter() - begun)
            current.reset(token)


def is_operator(environ: dict) -> bool:
    """Who knows OPS_TOKEN, or works on this very machine and did not come through a proxy."""
    token = f"Bearer {settings.OPS_TOKEN}"
    if settings.OPS_TOKEN and hmac.compare_digest(
        token.encode(), environ.get("HTTP_AUTHORIZATION", "").encode()
    ):
        return True
    return environ.get("REMOTE_ADDR") in HERE and not any(name in environ for name in FORWARDED)


def _opened(
    door: Callable[[dict], EndpointResponse], environ: dict, start_response: Callable
) -> list[bytes]:
    is_reading = environ["REQUEST_METHOD"] in {"GET", "HEAD"}
    answer = door(environ) if is_reading else EndpointResponse("405 Method Not Allowed", b"")
    headers = [
        ("Content-Type", answer.type),
        ("Content-Length", str(len(answer.text))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    start_response(answer.status, headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.text]


def healthz(environ: dict) -> EndpointResponse:
    return EndpointResponse("200 OK", b"alive\n")


def readyz(environ: dict) -> EndpointResponse:
    status = "503 Service Unavailable" if checks.is_bad else "200 OK"
    if not is_operator(environ):
        return EndpointResponse(status, b"unready\n" if checks.is_bad else b"ready\n")
    found = {key: verdict._asdict() for key, verdict in checks.verdicts().items()}
    return EndpointResponse(
        status, json.dumps(found, ensure_ascii=False, indent=2).encode() + b"\n", "application/json"
    )


def metrics(environ: dict) -> EndpointResponse:
    if not is_operator(environ):
        return EndpointResponse("403 Forbidden", b"")
    return EndpointResponse("200 OK", exposition(), "text/plain; version=0.0.4; charset=utf-8")


ENDPOINTS = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}
