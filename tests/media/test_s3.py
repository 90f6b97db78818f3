"""Media in an S3-compatible store: editors and readers notice no difference."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from articles.models import Article
from operations.checks import checks
from tests.builders import a_browser, a_column, a_picture, a_publication, an_admin
from tests.forms import submit
from web.errors import STORAGE_DOWN

pytestmark = pytest.mark.django_db


class Store(ThreadingHTTPServer):
    """The part of S3 that one bucket needs."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.status = 0  # if not 0, the status of every response


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.server.status:
            self.server.files[self.path] = body
        self.respond(200)

    def do_GET(self) -> None:
        content = self.server.files.get(self.path)
        self.respond(404 if content is None else 200, content or b"")

    do_HEAD = do_GET  # noqa: N815

    def do_DELETE(self) -> None:
        self.server.files.pop(self.path, None)
        self.respond(204)

    def respond(self, status: int, content: bytes = b"") -> None:
        self.send_response(self.server.status or status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", '"x"')
        self.send_header("Last-Modified", "Sun, 03 Mar 2024 04:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *args) -> None:
        pass


@pytest.fixture
def store(settings):
    store = Store()
    thread = threading.Thread(target=store.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    options = {
        "endpoint_url": f"http://127.0.0.1:{store.server_port}",
        "bucket_name": "media",
        "access_key": "key",
        "secret_key": "secret",
        "region_name": None,
    }
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "media.s3.ObjectStorage", "OPTIONS": options}
    }
    yield store
    store.shutdown()
    thread.join()
    store.server_close()


def test_s3_picture_is_stored_with_renditions_and_served_at_this_site(client, store):
    publication = a_publication(cover=a_picture(500, 300), cover_alt="图")
    assert {name for name in store.files if publication.cover.name in name} == {
        f"/media/{publication.cover.name}{ending}" for ending in ["", ".400.webp", ".500.webp"]
    }
    assert publication.cover.url.startswith("/media/pictures/")
    assert f'src="{publication.cover.url}"' in client.get(publication.get_absolute_url()).text
    response = client.get(publication.cover.url)
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert b"".join(response) == store.files[f"/media/{publication.cover.name}"]
    rendition = client.get(f"{publication.cover.url}.400.webp")
    assert rendition["Content-Type"] == "image/webp"
    assert b"".join(rendition)


@pytest.mark.parametrize(
    "name", ["nothing.png", "../secret.png", "x" * 2000 + ".png", "%00.png", "a//b.png"]
)
def test_s3_missing_file_gives_404(client, store, name):
    assert client.get(f"/media/{name}").status_code == 404


def test_s3_refusal_is_an_os_error(client, store):
    publication = a_publication(cover=a_picture(), cover_alt="图")
    store.status = 403
    assert client.get(publication.cover.url).status_code == 404
    for operation in [
        lambda: default_storage.save("a.png", ContentFile(b"")),
        lambda: default_storage.exists("a.png"),
        lambda: default_storage.delete("a.png"),
    ]:
        with pytest.raises(OSError, match="403"):
            operation()


def test_s3_stores_uploads_of_editors(store):
    response = a_browser(an_admin()).post("/admin/upload/picture/", {"upload": a_picture()})
    address = response.json()["url"]
    assert address.startswith("/media/pictures/")
    assert address in store.files


def test_s3_refusal_shows_editors_an_error_page(store):
    editor = a_browser(an_admin())
    editor.raise_request_exception = False
    store.status = 503
    sent = {
        "title": "文",
        "body": "<p>文</p>",
        "column": a_column().pk,
        "cover": a_picture(),
        "cover_alt": "图",
    }
    response = submit(editor, "/admin/articles/article/add/", **sent)
    assert response.status_code == 503
    assert str(STORAGE_DOWN) in response.text
    assert not Article.objects.exists()


def test_s3_health_check_stores_a_file(store):
    check = checks.probes["storage"].function
    assert check().level == "good"
    assert store.files == {}
    store.status = 500
    assert check().level == "bad"
