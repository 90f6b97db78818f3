import re
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.models import Membership, Role
from magazine.models import Magazine

POLICY = "sandbox; default-src 'none'"


@pytest.fixture
def editor(db, django_user_model):
    user = django_user_model.objects.create_user("editor", name="编辑", is_staff=True)
    magazine = Magazine.objects.create(title="刊", slug="kan")
    Membership.objects.create(user=user, magazine=magazine, role=Role.EDITOR)
    return user


@pytest.fixture
def editors_client(editor, client) -> Client:
    client.force_login(editor)
    return client


def picture() -> bytes:
    content = BytesIO()
    Image.new("RGB", (30, 20)).save(content, "JPEG")
    return content.getvalue()


def send(client: Client, content: bytes | None = None, **extra):
    upload = SimpleUploadedFile("图.svg", picture() if content is None else content)
    return client.post(reverse("media:upload_picture"), {"upload": upload}, **extra)


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


class TestUploadPicture:
    def test_upload_is_stored_and_served(self, editors_client, media_root):
        response = send(editors_client)
        data = response.json()
        assert (response.status_code, data["uploaded"]) == (200, 1)
        assert re.fullmatch(r"/media/pictures/\d{4}/\d\d/[0-9a-f]{32}-30x20\.jpg", data["url"])
        assert data["url"].endswith(data["fileName"])
        assert sorted(path.suffix for path in files(media_root)) == [".jpg", ".webp"]
        served = editors_client.get(data["url"])
        assert Image.open(BytesIO(b"".join(served.streaming_content))).size == (30, 20)

    @pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b"<html>", b""])
    def test_upload_is_refused_with_a_reason(self, editors_client, media_root, content):
        response = send(editors_client, content)
        assert response.status_code == 200
        assert response.json()["uploaded"] == 0
        assert response.json()["error"]["message"]
        assert files(media_root) == []

    def test_upload_without_a_file_is_refused(self, editors_client):
        response = editors_client.post(reverse("media:upload_picture"), {"upload": "text"})
        assert response.json()["uploaded"] == 0

    @pytest.mark.parametrize(
        "changed",
        [{"is_staff": False}, {"is_active": False}, {"is_staff": False, "is_superuser": True}],
        ids=str,
    )
    def test_upload_requires_active_staff(self, editors_client, editor, media_root, changed):
        for name, value in changed.items():
            setattr(editor, name, value)
        editor.save()
        response = send(editors_client)
        assert (response.status_code, response.json()["uploaded"]) == (403, 0)
        assert files(media_root) == []

    def test_upload_requires_a_role(self, editors_client, editor):
        editor.memberships.all().delete()
        assert send(editors_client).status_code == 403

    @pytest.mark.django_db
    def test_upload_requires_login(self, client):
        assert send(client).status_code == 403

    def test_upload_refuses_get(self, editors_client):
        assert editors_client.get(reverse("media:upload_picture")).status_code == 405

    def test_upload_checks_csrf(self, editor, media_root):
        client = Client(enforce_csrf_checks=True)
        client.force_login(editor)
        assert send(client).status_code == 403
        token = client.get(reverse("admin:password_change")).context["csrf_token"]
        assert send(client, headers={"X-CSRFToken": str(token)}).json()["uploaded"] == 1
        assert files(media_root)


@pytest.mark.django_db  # the page for status 404 shows the publisher
class TestMedia:
    @pytest.fixture(autouse=True)
    def stored(self, media_root):
        for name in [
            "a.jpg",
            "a.jpeg",
            "a.png",
            "a.gif",
            "a.webp",
            "a.pdf",
            "a.svg",
            "a.html",
            "a.JPG",
            "noextension",
        ]:
            (media_root / name).write_bytes(b"content")
        (media_root / "folder.png").mkdir()
        (media_root.parent / "secret.png").write_bytes(b"secret")

    @pytest.mark.parametrize(
        ("name", "content_type", "disposition"),
        [
            ("a.jpg", "image/jpeg", "inline"),
            ("a.jpeg", "image/jpeg", "inline"),
            ("a.png", "image/png", "inline"),
            ("a.gif", "image/gif", "inline"),
            ("a.webp", "image/webp", "inline"),
            ("a.pdf", "application/pdf", "attachment"),
        ],
    )
    def test_media_file_is_served_in_a_sandbox(self, client, name, content_type, disposition):
        response = client.get(f"/media/{name}")
        assert response.status_code == 200
        assert b"".join(response.streaming_content) == b"content"
        assert response["Content-Type"] == content_type
        assert response["Content-Disposition"] == disposition
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"] == POLICY
        assert response["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Set-Cookie" not in response.headers

    @pytest.mark.parametrize(
        "path",
        [
            *(
                "a.svg",
                "a.html",
                "a.JPG",
                "noextension",
                "missing.png",
                "folder.png",
                "folder.png/",
                "",
                "a.png/",
            ),
            *(
                "../secret.png",
                "%2e%2e/secret.png",
                "..%2fsecret.png",
                "x/../../secret.png",
                "..\\secret.png",
            ),
            *("/etc/passwd.png", "a.html%00.png", "a.png%00", "a.html/.png"),
        ],
    )
    def test_media_view_serves_nothing_else(self, client, path):
        assert client.get(f"/media/{path}").status_code == 404

    def test_media_view_serves_the_picture_for_a_missing_rendition(self, client):
        response = client.get("/media/a.png.800.webp")
        assert b"".join(response.streaming_content) == b"content"
        assert (response.status_code, response["Content-Type"]) == (200, "image/png")
        assert response["Content-Security-Policy"] == POLICY
        assert client.get("/media/missing.png.800.webp").status_code == 404

    def test_media_view_answers_304_for_unchanged_files(self, client):
        first = client.get("/media/a.png")
        assert b"".join(first.streaming_content) == b"content"
        again = client.get("/media/a.png", headers={"If-Modified-Since": first["Last-Modified"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again["Content-Security-Policy"] == POLICY

    def test_media_view_answers_head(self, client):
        response = client.head("/media/a.png")
        assert (response.status_code, response["Content-Length"]) == (200, "7")
        assert b"".join(response.streaming_content) == b""

    def test_media_view_refuses_post(self, client):
        assert client.post("/media/a.png").status_code == 405
