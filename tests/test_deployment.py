"""Static files under hashed names, as a deployment serves them."""

import json
import re
from pathlib import Path
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.management import call_command
from django.urls import reverse

from magazine.apps import StaticFilesConfig
from magazine.wsgi import application
from tests.builders import a_publication, an_admin


def use_storage(settings, tmp_path, backend: str) -> Path:
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": backend}}
    return settings.STATIC_ROOT


@pytest.fixture
def compressed(settings, tmp_path) -> Path:
    """Collect and compress static files as a deployment does, without those of the editor."""
    root = use_storage(
        settings, tmp_path, "whitenoise.storage.CompressedManifestStaticFilesStorage"
    )
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["ckeditor"])
    return root


@pytest.fixture
def complete(settings, tmp_path) -> Path:
    """Collect all static files without compressing them."""
    root = use_storage(
        settings, tmp_path, "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    )
    call_command("collectstatic", interactive=False, verbosity=0)
    return root


def static_files(page: str) -> list[str]:
    return re.findall(r'(?:src|href)="/static/([^"#]+)', page)


@pytest.mark.django_db
def test_pages_link_existing_files_with_hashes(client, compressed):
    addresses = ["/", a_publication().get_absolute_url(), "/nowhere/", reverse("admin:login")]
    for address in addresses:
        files = static_files(client.get(address).text)
        assert files
        for name in files:
            assert re.search(r"\.[0-9a-f]{12}\.\w+$", name), name
            assert (compressed / name).is_file(), name
    assert {path.suffix for path in compressed.glob("site.*.css*")} == {".css", ".gz", ".br"}


@pytest.mark.django_db
def test_collectstatic_has_the_editor_and_no_unused_files(client, complete):
    client.force_login(an_admin())
    files = static_files(client.get(reverse("admin:articles_article_add")).text)
    assert any(name.startswith("ckeditor/") for name in files)
    assert [name for name in files if not (complete / name).is_file()] == []
    collected = json.loads((complete / "staticfiles.json").read_text())["paths"]
    assert {
        "site.css",
        "site.js",
        "ckeditor/ckeditor/ckeditor.js",
        "admin/css/base.css",
    } <= collected.keys()
    assert [
        path for path in collected if {*StaticFilesConfig.ignore_patterns} & {*path.split("/")}
    ] == []


@pytest.mark.django_db(transaction=True)
def test_wsgi_application_answers():
    answers = []
    environ = {"wsgi.url_scheme": "http", "HTTP_HOST": "testserver"}
    setup_testing_defaults(environ)
    page = b"".join(application(environ, lambda status, headers: answers.append(status)))
    assert answers == ["200 OK"]
    assert "</html>" in page.decode()
