"""Requests as a server hands them to the application, without the page cache, or with it."""

from collections.abc import Callable
from io import BytesIO
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from django.core.handlers.wsgi import WSGIHandler

from operations.wsgi import RequestObserver
from web import page_cache

APPLICATION = RequestObserver(WSGIHandler())


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()


def knock(
    path: str,
    method: str = "GET",
    address: str = "192.0.2.1",
    scheme: str = "http",
    application=APPLICATION,
    **headers,
) -> Answer:
    """Headers are named as in Python: x_request_id."""
    answer = []
    path, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "REMOTE_ADDR": address,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "testserver",
        "wsgi.url_scheme": scheme,
        "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(),
    } | {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    body = application(
        environ, lambda status, headers, *rest: answer.extend([int(status[:3]), dict(headers)])
    )
    try:
        return Answer(*answer, b"".join(body))
    finally:
        if hasattr(body, "close"):
            body.close()


class Site:
    """The application behind a page cache, and what of it was left for Django to answer."""

    def __init__(self, size: int = 4 * 1024 * 1024):
        self.application = page_cache.PageCache(self.answered_by_django, size)
        self.django = WSGIHandler()
        self.rendered: list[str] = []
        self.before: Callable[[], object] = lambda: None

    def answered_by_django(self, environ, start_response):
        self.rendered.append(environ["PATH_INFO"])
        self.before()
        return self.django(environ, start_response)

    def get(self, path: str, **request) -> Answer:
        answer = knock(path, application=self.application, **request)
        answer.headers.pop("X-Accel-Expires", None)  # tells nginx which second it is
        return answer

    def is_kept(self, path: str, **request) -> bool:
        """Whether the second of two readers gets what the first one got."""
        self.get(path, **request)
        rendered = len(self.rendered)
        self.get(path, **request)
        return len(self.rendered) == rendered
