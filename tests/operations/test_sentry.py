"""The data that Sentry receives, and the data that it must not receive."""

import gzip
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import brotli
import pytest

from tests.test_structure import run

FAIL = """
import logging
secret = "".join(["ge", "heim"])  # Sentry receives this source line
try:
    raise ValueError("broken")
except ValueError:
    logging.getLogger("magazine").exception("It failed.")
"""


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        unpack = {"gzip": gzip.decompress, "br": brotli.decompress}.get(
            self.headers["Content-Encoding"], bytes
        )
        self.server.received.append(unpack(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *arguments) -> None:
        pass


@pytest.fixture
def sentry():
    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.received = []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_sentry_receives_errors_without_values(sentry, tmp_path):
    dsn = f"http://key@127.0.0.1:{sentry.server_port}/1"
    result = run(
        "shell",
        "--no-imports",
        "-c",
        FAIL,
        SENTRY_DSN=dsn,
        DATA_DIR=str(tmp_path),
        no_proxy="127.0.0.1",
    )
    assert result.returncode == 0
    received = b"".join(sentry.received)
    assert b"ValueError" in received
    assert b"geheim" not in received
