"""The demo house on real servers, those who read it, and an editor who works in it."""

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
from threading import Event, Thread
from time import monotonic
from types import SimpleNamespace
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, HTTPSHandler, Request, build_opener

from PIL import Image

from bench import servers
from tests.forms import filled_in

# Everything is our own, and lies on the loopback.
UNVERIFIED = ssl._create_unverified_context()  # noqa: S323
# Collected when something in it has changed, for it takes a minute.
STATIC = Path(tempfile.gettempdir()) / "magazine-faults-static"


class House:
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
        self.gunicorn = None

    def manage(self, *arguments: str) -> str:
        return servers.run(
            sys.executable,
            "manage.py",
            *arguments,
            cwd=servers.ROOT,
            env=os.environ | self.variables,
        )

    def furnish(self) -> None:
        self.data.mkdir()
        if self.media:
            (self.data / "media").symlink_to(self.media)
        else:
            (self.data / "media").mkdir()
        self.database.create()
        self.database.start()
        self.manage("migrate", "--verbosity=0")
        written = max(path.stat().st_mtime for path in (servers.ROOT / "static").rglob("*"))
        if not STATIC.exists() or STATIC.stat().st_mtime < written:
            shutil.rmtree(STATIC, ignore_errors=True)
            self.variables["DATA_DIR"] = str(self.folder / "collected")
            self.manage("collectstatic", "--noinput", "--verbosity=0")
            shutil.move(self.folder / "collected" / "static", STATIC)
            self.variables["DATA_DIR"] = str(self.data)
        servers.run("cp", "-R", STATIC, self.data / "static")
        self.manage("load_demo")
        self.password = secrets.token_hex(10)
        create = "from accounts.models import User; User.objects.create_superuser('chief', name='总编', password='{}')"
        self.manage("shell", "-c", create.format(self.password))

    def start(self) -> None:
        self.serve()
        self.running.enter_context(
            servers.nginx(self.folder, self.data, [self.port], self.http, self.https)
        )
        servers.wait_until(lambda: self.asked("/").status == 200, 60)
        self.pages = [*{*re.findall(r'href="(/[a-z]+/[^"?#]*)"', self.asked("/").text)}, "/"]
        self.pages = [
            page for page in self.pages if not page.startswith(("/static", "/media", "/admin"))
        ]

    def warm(self) -> None:
        """Have every page read until every worker knows it: which of them answers is chance."""
        for page in self.pages:
            with Readers(self, lambda page=page: page, count=8, straight=True, every=0) as readers:
                servers.wait_until(lambda readers=readers: len(readers.seconds) > 40)

    def serve(self) -> None:
        self.service = ExitStack()
        self.gunicorn = self.service.enter_context(
            servers.gunicorn(self.folder, self.listener, self.variables)
        )

    def restart(self) -> None:
        """As systemd does it: what runs ends in peace, the socket stays."""
        self.service.close()
        self.serve()

    def reload(self) -> None:
        before = {*self.workers}
        self.gunicorn.send_signal(SIGHUP)
        servers.wait_until(lambda: not before & {*self.workers} and len(self.workers) >= 2, 60)

    @property
    def workers(self) -> list[int]:
        return servers.children(self.gunicorn.pid)

    def asked(self, path: str) -> SimpleNamespace:
        return Browser(self).get(path)

    def stop(self) -> None:
        if self.gunicorn:
            self.service.close()
        self.running.close()
        self.database.stop()
        self.listener.close()


@contextmanager
def house(**places) -> Iterator[House]:
    folder = Path(tempfile.mkdtemp(prefix="magazine-faults-"))
    folder.chmod(0o755)
    house = House(folder, **places)
    try:
        house.furnish()
        house.start()
        yield house
    finally:
        house.stop()
        shutil.rmtree(folder)


class Browser:
    """One in which somebody may log in."""

    def __init__(self, house: House):
        self.house, self.cookies = house, CookieJar()
        self.opener = build_opener(
            HTTPCookieProcessor(self.cookies), HTTPSHandler(context=UNVERIFIED)
        )

    def get(self, path: str) -> SimpleNamespace:
        return self._ask(Request(self.house.url + path))  # noqa: S310

    def post(
        self, path: str, fields: dict, files: dict[str, bytes] | None = None
    ) -> SimpleNamespace:
        border = secrets.token_hex(16)
        body = b"".join(
            f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, values in fields.items()
            for value in (values if isinstance(values, list) else [values])
        )
        for name, content in (files or {}).items():
            head = (
                f'--{border}\r\nContent-Disposition: form-data; name="{name}"; filename="a.jpg"\r\n'
            )
            body += f"{head}Content-Type: image/jpeg\r\n\r\n".encode() + content + b"\r\n"
        body += f"--{border}--\r\n".encode()
        headers = {
            "Content-Type": f"multipart/form-data; boundary={border}",
            "Referer": self.house.url + path,
        }
        headers["X-CSRFToken"] = self.token
        return self._ask(Request(self.house.url + path, body, headers))  # noqa: S310

    def log_in(self) -> "Browser":
        self.take_token(self.get("/admin/login/"))
        fields = {
            "username": "chief",
            "password": self.house.password,
            "csrfmiddlewaretoken": self.token,
        }
        desk = self.post("/admin/login/?next=/admin/", fields)
        if not desk.url.endswith("/admin/"):
            raise RuntimeError("The editor could not log in.")
        self.take_token(desk)
        return self

    def take_token(self, page: SimpleNamespace) -> None:
        self.token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]

    def save(self, article: int, files: dict | None = None, **changed) -> SimpleNamespace:
        """Open an article, change something, press Save."""
        path = f"/admin/articles/article/{article}/change/"
        page = self.get(path)
        if page.status != 200:
            return page
        self.take_token(page)
        answer = self.post(path, filled_in(page, **changed), files)
        # The list of articles, to which one is led: anything else is no acknowledgement.
        answer.saved = answer.status == 200 and answer.url.endswith("/admin/articles/article/")
        return answer

    def upload(self, picture: bytes) -> str | None:
        """Put a picture into a text; answers its address, or why not."""
        answer = self.post("/admin/upload/picture/", {}, {"upload": picture})
        told = json.loads(answer.text) if answer.status == 200 else {}
        return SimpleNamespace(
            url=told.get("url"), said=told.get("error", {}).get("message", ""), status=answer.status
        )

    def _ask(self, request: Request) -> SimpleNamespace:
        try:
            with self.opener.open(request, timeout=60) as answer:
                content = answer.read()
                return SimpleNamespace(
                    status=answer.status,
                    url=answer.url,
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


def a_picture() -> bytes:
    content = BytesIO()
    Image.frombytes("RGB", (900, 600), secrets.token_bytes(900 * 600 * 3)).save(content, "JPEG")
    return content.getvalue()


class Readers:
    """So many who read one page after another, each from an address of the own, slowly enough for nginx's limits."""

    net, accepted = "127.0.1", "gzip, br"

    def __init__(
        self,
        house: House,
        paths: Callable[[], str],
        *,
        count: int = 4,
        straight: bool = False,
        every: float = 0.05,
    ):
        self.house, self.paths, self.straight, self.every = house, paths, straight, every
        self.statuses: Counter = Counter()
        self.seconds: list[float] = []
        self.failures: list[tuple] = []
        self.over = Event()
        self.threads = [
            Thread(target=self._read, args=(f"{self.net}.{number + 1}",)) for number in range(count)
        ]

    def __enter__(self) -> "Readers":
        self.begun = monotonic()
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()

    def _read(self, address: str) -> None:
        while not self.over.wait(self.every):
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
        return self.ask(address, path)[0]

    def ask(self, address: str, path: str) -> tuple[int, bytes]:
        options = {"timeout": 60, "source_address": (address, 0)}
        headers = {"Accept-Encoding": self.accepted}
        if self.straight:
            connection = http.client.HTTPConnection("127.0.0.1", self.house.port, **options)
            headers |= {
                "X-Forwarded-Proto": "https",
                "X-Real-IP": address,
                "Host": self.house.url.partition("://")[2],
            }
        else:
            connection = http.client.HTTPSConnection(
                "127.0.0.1", self.house.https, context=UNVERIFIED, **options
            )
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def p(self, share: float) -> float:
        """In milliseconds."""
        return sorted(self.seconds)[int(len(self.seconds) * share)] * 1000

    def __str__(self) -> str:
        statuses = ", ".join(
            f"{count} × {status}" for status, count in self.statuses.most_common(4)
        )
        return f"{statuses}; p50 {self.p(0.5):.0f} ms, p99 {self.p(0.99):.0f} ms, longest {self.p(1 - 1e-9):.0f} ms"
