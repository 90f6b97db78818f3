"""The demo site on real servers, with readers and an editor."""

import http.client
import json
import os
import re
import secrets
import shutil
import socket
import ssl
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.cookiejar import CookieJar
from io import BytesIO
from pathlib import Path
from signal import SIGHUP
from subprocess import Popen
from threading import Event, Thread
from time import monotonic
from types import SimpleNamespace
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, HTTPSHandler, Request, build_opener

from PIL import Image

from bench import servers
from tests.forms import form_data

# The certificate is self-signed, and the server is on the loopback.
UNVERIFIED = ssl._create_unverified_context()  # noqa: S323


class Site:
    """PostgreSQL, gunicorn and nginx as deploy/ configures them, in one folder."""

    def __init__(self, folder: Path, *, media: Path | None = None, database: Path | None = None):
        self.folder, self.data, self.media = folder, folder / "data", media
        self.database = servers.PostgreSQL(database or folder / "database")
        self.http, self.https = servers.free_port(), servers.free_port()
        self.url = f"https://127.0.0.1:{self.https}"
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
        self.port = self.listener.getsockname()[1]
        self.variables = {
            "DJANGO_SETTINGS_MODULE": "magazine.settings",
            "SECRET_KEY": secrets.token_hex(32),
            "SITE_URL": self.url,
            "DATABASE_URL": self.database.url,
            "DATA_DIR": str(self.data),
            "BEHIND_PROXY": "true",
            "AXES_ENABLED": "true",
        }
        self.running = ExitStack()
        self.service = ExitStack()
        self.gunicorn: Popen | None = None

    def manage(self, *args: str) -> str:
        return servers.run(
            sys.executable,
            "manage.py",
            *args,
            cwd=servers.ROOT,
            env=os.environ | self.variables,
        )

    def prepare(self) -> None:
        self.data.mkdir()
        if self.media:
            (self.data / "media").symlink_to(self.media)
        else:
            (self.data / "media").mkdir()
        self.database.create()
        self.database.start()
        self.manage("migrate", "--verbosity=0")
        servers.copy_static(self.data / "static")
        self.manage("load_demo")
        self.password = secrets.token_hex(10)
        self.manage(
            "shell",
            "-c",
            "from accounts.models import User;"
            f"User.objects.create_superuser('chief', name='总编', password={self.password!r})",
        )

    def start(self) -> None:
        self.serve()
        self.running.enter_context(
            servers.nginx(self.folder, self.data, [self.port], self.http, self.https)
        )
        servers.wait_until(lambda: self.get("/").status == 200, 60)
        self.pages = [*{*re.findall(r'href="(/[a-z]+/[^"?#]*)"', self.get("/").text)}, "/"]
        self.pages = [
            page for page in self.pages if not page.startswith(("/static", "/media", "/admin"))
        ]

    def warm(self) -> None:
        """Read every page until every worker has cached it."""
        for page in self.pages:
            with Readers(self, lambda page=page: page, count=8, direct=True, interval=0) as readers:
                servers.wait_until(lambda readers=readers: len(readers.seconds) > 40)

    def serve(self) -> None:
        self.service = ExitStack()
        self.gunicorn = self.service.enter_context(
            servers.gunicorn(self.folder, self.listener, self.variables)
        )

    def restart(self) -> None:
        """Restart gunicorn as systemd does: the listening socket stays open."""
        self.service.close()
        self.serve()

    def reload(self) -> None:
        before = {*self.workers}
        self.gunicorn.send_signal(SIGHUP)
        servers.wait_until(lambda: not before & {*self.workers} and len(self.workers) >= 2, 60)

    @property
    def workers(self) -> list[int]:
        return servers.children(self.gunicorn.pid)

    def get(self, path: str) -> SimpleNamespace:
        return Browser(self).get(path)

    def stop(self) -> None:
        """Stop all servers, the last started first, also when one of them cannot be stopped."""
        with ExitStack() as stack:
            stack.callback(self.listener.close)
            stack.callback(self.database.stop)
            stack.callback(self.running.close)
            stack.callback(self.service.close)


@contextmanager
def running_site(**folders: Path) -> Iterator[Site]:
    """Start the demo site in a temporary folder, and stop and delete it at the end."""
    folder = Path(tempfile.mkdtemp(prefix="magazine-faults-"))
    folder.chmod(0o755)
    site = Site(folder, **folders)
    try:
        site.prepare()
        site.start()
        yield site
    finally:
        site.stop()
        shutil.rmtree(folder)


class Browser:
    """An HTTP client with cookies that submits the forms of the admin."""

    def __init__(self, site: Site):
        self.site = site
        self.cookies = CookieJar()
        self.opener = build_opener(
            HTTPCookieProcessor(self.cookies), HTTPSHandler(context=UNVERIFIED)
        )

    def get(self, path: str) -> SimpleNamespace:
        return self._open(Request(self.site.url + path))  # noqa: S310

    def post(
        self, path: str, fields: dict, files: dict[str, bytes] | None = None
    ) -> SimpleNamespace:
        boundary = secrets.token_hex(16)
        body = b""
        for name, values in fields.items():
            disposition = f'Content-Disposition: form-data; name="{name}"'
            for value in values if isinstance(values, list) else [values]:
                body += f"--{boundary}\r\n{disposition}\r\n\r\n{value}\r\n".encode()
        for name, content in (files or {}).items():
            disposition = f'Content-Disposition: form-data; name="{name}"; filename="a.jpg"'
            body += f"--{boundary}\r\n{disposition}\r\n".encode()
            body += b"Content-Type: image/jpeg\r\n\r\n" + content + b"\r\n"
        body += f"--{boundary}--\r\n".encode()
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Referer": self.site.url + path,
        }
        headers["X-CSRFToken"] = self.token
        return self._open(Request(self.site.url + path, body, headers))  # noqa: S310

    def log_in(self) -> "Browser":
        self.take_token(self.get("/admin/login/"))
        fields = {
            "username": "chief",
            "password": self.site.password,
            "csrfmiddlewaretoken": self.token,
        }
        page = self.post("/admin/login/?next=/admin/", fields)
        if not page.url.endswith("/admin/"):
            raise RuntimeError("The editor could not log in.")
        self.take_token(page)
        return self

    def take_token(self, page: SimpleNamespace) -> None:
        self.token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]

    def save(self, article: int, files: dict | None = None, **changed) -> SimpleNamespace:
        """Submit the change form of an article with `changed` values."""
        path = f"/admin/articles/article/{article}/change/"
        page = self.get(path)
        if page.status != 200:
            return page
        self.take_token(page)
        response = self.post(path, form_data(page, **changed), files)
        # Only the redirect to the changelist confirms the save.
        response.saved = response.status == 200 and response.url.endswith(
            "/admin/articles/article/"
        )
        return response

    def upload(self, picture: bytes) -> SimpleNamespace:
        """Upload a picture of a text, and return its URL or the error message."""
        response = self.post("/admin/upload/picture/", {}, {"upload": picture})
        payload = json.loads(response.text) if response.status == 200 else {}
        return SimpleNamespace(
            url=payload.get("url"),
            message=payload.get("error", {}).get("message", ""),
            status=response.status,
        )

    def _open(self, request: Request) -> SimpleNamespace:
        try:
            with self.opener.open(request, timeout=60) as response:
                content = response.read()
                return SimpleNamespace(
                    status=response.status,
                    url=response.url,
                    content=content,
                    text=content.decode(),
                    saved=False,
                )
        except HTTPError as error:
            content = error.read()
            return SimpleNamespace(
                status=error.code,
                url=error.url,
                content=content,
                text=content.decode(errors="replace"),
                saved=False,
            )
        except (OSError, http.client.HTTPException) as error:
            return SimpleNamespace(status=0, url="", content=b"", text=repr(error), saved=False)


def random_picture() -> bytes:
    """Return a JPEG of random pixels."""
    content = BytesIO()
    Image.frombytes("RGB", (900, 600), secrets.token_bytes(900 * 600 * 3)).save(content, "JPEG")
    return content.getvalue()


class Readers:
    """Threads that request pages, each from its own address.

    They stay within the rate limit of nginx.
    """

    network = "127.0.1"
    accepted_encodings = "gzip, br"

    def __init__(
        self,
        site: Site,
        paths: Callable[[], str],
        *,
        count: int = 4,
        direct: bool = False,
        interval: float = 0.05,
    ):
        self.site = site
        self.paths = paths
        self.direct = direct
        self.interval = interval
        self.statuses: Counter = Counter()
        self.seconds: list[float] = []
        self.failures: list[tuple] = []
        self.stopped = Event()
        self.threads = [
            Thread(target=self._read, args=(f"{self.network}.{number + 1}",))
            for number in range(count)
        ]

    def __enter__(self) -> "Readers":
        self.begun = monotonic()
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def _read(self, address: str) -> None:
        while not self.stopped.wait(self.interval):
            path, begun = self.paths(), monotonic()
            try:
                status = self._status(address, path)
            except (OSError, http.client.HTTPException) as error:
                status = repr(error)
            self.seconds.append(monotonic() - begun)
            self.statuses[status] += 1
            if status != 200:
                self.failures.append((round(begun - self.begun, 1), path, status))

    def _status(self, address: str, path: str) -> int:
        return self.fetch(address, path)[0]

    def fetch(self, address: str, path: str) -> tuple[int, bytes]:
        options = {"timeout": 60, "source_address": (address, 0)}
        headers = {"Accept-Encoding": self.accepted_encodings}
        if self.direct:
            connection = http.client.HTTPConnection("127.0.0.1", self.site.port, **options)
            headers |= {
                "X-Forwarded-Proto": "https",
                "X-Real-IP": address,
                "Host": self.site.url.partition("://")[2],
            }
        else:
            connection = http.client.HTTPSConnection(
                "127.0.0.1", self.site.https, context=UNVERIFIED, **options
            )
        try:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def percentile_ms(self, share: float) -> float:
        """Return a percentile of the response times, in milliseconds."""
        return sorted(self.seconds)[int(len(self.seconds) * share)] * 1000

    def __str__(self) -> str:
        statuses = [f"{count} × {status}" for status, count in self.statuses.most_common(4)]
        times = [
            f"p50 {self.percentile_ms(0.5):.0f} ms",
            f"p99 {self.percentile_ms(0.99):.0f} ms",
            f"longest {max(self.seconds) * 1000:.0f} ms",
        ]
        return f"{', '.join(statuses)}; {', '.join(times)}"
