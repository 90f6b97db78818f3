"""Tests of the messages about a full disk and a database that is down or slow."""

import errno

import pytest
from django.db import OperationalError, connection
from django.urls import reverse

from media.storage import MediaStorage
from tests.builders import a_picture, an_admin, an_article
from tests.forms import form_data
from web.errors import DATABASE_DOWN, infrastructure_message


@pytest.fixture
def browser(client):
    client.force_login(an_admin())
    client.raise_request_exception = False
    return client


@pytest.fixture
def full_disk(monkeypatch):
    """A disk for media that is full. bench/faults fills a real one."""

    def refuse(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(MediaStorage, "_save", refuse)


@pytest.mark.django_db
class TestFullDisk:
    def test_full_disk_is_reported_to_the_rich_text_editor(self, browser, full_disk):
        response = browser.post(reverse("media:upload_picture"), {"upload": a_picture()})
        assert (response.status_code, response.json()["uploaded"]) == (200, 0)
        assert "磁盘已满" in response.json()["error"]["message"]

    def test_full_disk_is_reported_to_a_user_who_saves_a_form(self, browser, full_disk):
        address = reverse("admin:articles_article_change", args=[an_article().pk])
        form = form_data(browser.get(address), title="新的标题", cover_alt="一幅画") | {
            "cover": a_picture()
        }
        response = browser.post(address, form)
        assert response.status_code == 503
        assert "磁盘已满" in response.text
        assert "仍在表单中" in response.text

    def test_other_disk_errors_are_errors_of_the_site(self, browser, monkeypatch):
        def refuse(*arguments):
            raise OSError(errno.EACCES, "Permission denied")

        monkeypatch.setattr(MediaStorage, "_save", refuse)
        response = browser.post(reverse("media:upload_picture"), {"upload": a_picture()})
        assert response.status_code == 500
        assert "问题出在我们这里" in response.text


@pytest.mark.django_db
def test_full_or_slow_database_is_reported(browser):
    address = reverse("admin:articles_article_change", args=[an_article(body="<p>短</p>").pk])
    form = form_data(browser.get(address), body=f"<p>{'长文' * 100_000}</p>")
    limit, message = {
        "sqlite": ("PRAGMA max_page_count = 1", "磁盘已满"),  # never fewer than exist
        "postgresql": ("SET LOCAL statement_timeout = '1ms'", "数据库"),
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(limit)
    response = browser.post(address, form)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1073741823")
    assert response.status_code == 503
    assert message in response.text


def test_infrastructure_message_of_a_database_that_is_down():
    assert (
        infrastructure_message(OperationalError("server closed the connection unexpectedly"))
        == DATABASE_DOWN
    )
    assert infrastructure_message(ValueError()) is None
    assert infrastructure_message(None) is None
