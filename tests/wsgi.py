"""Call the WSGI application as a server does, without or with the page cache."""

from collections.abc import Callable
from io import BytesIO
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from django.core.handlers.wsgi import WSGIHandler

from operations.wsgi import RequestObserver
from web import page_cache

APPLICATION = RequestObserver(WSGIHandler())


class Response(NamedTuple):
    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()


def send_request(
    path: str,
    method: str = "GET",
    address: str = "192.0.2.1",
    scheme: str = "http",
    application=APPLICATION,
    **headers,
) -> Response:
    """Send a request from `address`. Header names are written as x_request_id."""
    started = []

    def start_response(status, response_headers, *exc_info) -> None:
        started.append((int(status[:3]), dict(response_headers)))

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
    }
    for name, value in headers.items():
        environ[f"HTTP_{name.upper()}"] = value
    body = application(environ, start_response)
    try:
        content = b"".join(body)
        [(status, response_headers)] = started
        return Response(status, response_headers, content)
    finally:
        if hasattr(body, "close"):
            body.close()


class Site:
    """The application behind a page cache, with the paths that reached Django."""

    def __init__(self, size: int = 4 * 1024 * 1024):
        self.application = page_cache.PageCache(self.render, size)
        self.django = WSGIHandler()
        self.rendered: list[str] = []
        self.before: Callable[[], object] = lambda: None  # called before Django renders

    def render(self, environ, start_response):
        self.rendered.append(environ["PATH_INFO"])
        self.before()
        return self.django(environ, start_response)

    def get(self, path: str, **request) -> Response:
        response = send_request(path, application=self.application, **request)
        response.headers.pop("X-Accel-Expires", None)  # for nginx: it differs in every second
        return response

    def is_cached(self, path: str, **request) -> bool:
        """Return whether the second of two requests is answered from the page cache."""
        self.get(path, **request)
        rendered = len(self.rendered)
        self.get(path, **request)
        return len(self.rendered) == rendered
