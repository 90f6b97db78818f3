"""A request as a server hands it to the application, without the page cache: pages are to be rendered each time."""

from io import BytesIO
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from django.core.handlers.wsgi import WSGIHandler

from operations.doors import Observed

APPLICATION = Observed(WSGIHandler())


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()


def knock(path: str, method: str = "GET", address: str = "192.0.2.1", application=APPLICATION, **headers) -> Answer:
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
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(),
    } | {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    body = application(environ, lambda status, headers, *rest: answer.extend([int(status[:3]), dict(headers)]))
    try:
        return Answer(*answer, b"".join(body))
    finally:
        if hasattr(body, "close"):
            body.close()
