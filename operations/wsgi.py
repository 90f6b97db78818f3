"""WSGI wrapper of the site: request ids, metrics, and the health endpoints.

/healthz answers 200 while this process lives. /readyz answers 503 while any health check fails,
and lists the reasons for operators. /metrics is for Prometheus. They are answered before Django, so
that no host name, redirect to https or session can prevent it.
See docs/decisions/0043-health-endpoints-precede-django.md and
docs/decisions/0044-load-balancers-use-healthz.md.
"""

import hmac
import json
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any, NamedTuple

from django.conf import settings

from operations.checks import checks
from operations.metrics import count_request, exposition
from operations.tracing import Trace, current_trace

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

# Addresses of this machine; a request from a Unix socket has an empty one.
LOCAL_ADDRESSES = {"127.0.0.1", "::1", "::ffff:127.0.0.1", ""}
# Headers that proxies add: a request with one of them may come from another machine.
PROXY_HEADERS = [
    "HTTP_X_REAL_IP",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_FORWARDED",
    "HTTP_VIA",
]


class EndpointResponse(NamedTuple):
    status: str
    content: bytes
    content_type: str = "text/plain; charset=utf-8"


class RequestObserver:
    """Wrap a WSGI application: add request ids, count requests, answer health endpoints."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        endpoint = ENDPOINTS.get(environ.get("PATH_INFO", ""))
        if endpoint:
            return _answer_endpoint(endpoint, environ, start_response)
        trace = Trace(environ.get("HTTP_X_REQUEST_ID", ""))

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            trace.status = status[:3]
            headers = [*headers, ("X-Request-ID", trace.id)]
            return start_response(status, headers, *exc_info)

        token = current_trace.set(trace)
        started_at = perf_counter()
        try:
            return self.application(environ, start)
        finally:
            count_request(trace, perf_counter() - started_at)
            current_trace.reset(token)


def is_operator(environ: Environ) -> bool:
    """Return whether a request has OPS_TOKEN, or comes from this machine without a proxy."""
    if settings.OPS_TOKEN:
        expected = f"Bearer {settings.OPS_TOKEN}".encode()
        authorization = environ.get("HTTP_AUTHORIZATION", "").encode()
        if hmac.compare_digest(expected, authorization):
            return True
    if any(name in environ for name in PROXY_HEADERS):
        return False
    return environ.get("REMOTE_ADDR") in LOCAL_ADDRESSES


def _answer_endpoint(
    endpoint: Callable[[Environ], EndpointResponse],
    environ: Environ,
    start_response: StartResponse,
) -> list[bytes]:
    method = environ["REQUEST_METHOD"]
    if method in {"GET", "HEAD"}:
        response = endpoint(environ)
    else:
        response = EndpointResponse("405 Method Not Allowed", b"")
    headers = [
        ("Content-Type", response.content_type),
        ("Content-Length", str(len(response.content))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    start_response(response.status, headers)
    return [] if method == "HEAD" else [response.content]


def healthz(environ: Environ) -> EndpointResponse:
    """Answer 200 while this process lives, for load balancers."""
    return EndpointResponse("200 OK", b"alive\n")


def readyz(environ: Environ) -> EndpointResponse:
    """Answer whether all health checks pass; operators get the results as JSON."""
    has_failure = checks.has_failure
    status = "503 Service Unavailable" if has_failure else "200 OK"
    if not is_operator(environ):
        return EndpointResponse(status, b"unready\n" if has_failure else b"ready\n")
    results = {}
    for key, result in checks.results().items():
        # Operators' scripts read these keys, so they stay as they are.
        results[key] = {"level": result.level, "says": result.message, "remedy": result.fix}
    text = json.dumps(results, ensure_ascii=False, indent=2) + "\n"
    return EndpointResponse(status, text.encode(), "application/json")


def metrics(environ: Environ) -> EndpointResponse:
    """Answer with all metrics in the text format of Prometheus, for operators only."""
    if not is_operator(environ):
        return EndpointResponse("403 Forbidden", b"")
    return EndpointResponse("200 OK", exposition(), "text/plain; version=0.0.4; charset=utf-8")


ENDPOINTS = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}
