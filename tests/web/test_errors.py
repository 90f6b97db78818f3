"""A full disk, a database that is away or busy: who meets them is told so, and what to do."""

import errno

import pytest
from django.db import OperationalError, connection
from django.urls import reverse

from media.storage import MediaStorage
from tests.builders import a_picture, an_admin, an_article
from tests.forms import form_data
from web.errors import DATABASE_DOWN, infrastructure_message


@pytest.fixture
def desk(client):
    client.force_login(an_admin())
    client.raise_request_exception = False
    return client


@pytest.fixture
def no_room(monkeypatch):
    """On the disk for media. bench/faults fills a real one."""

    def refuse(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(MediaStorage, "_save", refuse)


@pytest.mark.django_db
class TestFullDisk:
    def test_is_told_to_who_puts_a_picture_into_a_text(self, desk, no_room):
        answer = desk.post(reverse("media:upload_picture"), {"upload": a_picture()})
        assert (answer.status_code, answer.json()["uploaded"]) == (200, 0)
        assert "磁盘已满" in answer.json()["error"]["message"]

    def test_is_told_to_who_saves_a_form(self, desk, no_room):
        address = reverse("admin:articles_article_change", args=[an_article().pk])
        form = form_data(desk.get(address), title="新的标题", cover_alt="一幅画") | {
            "cover": a_picture()
        }
        answer = desk.post(address, form)
        assert answer.status_code == 503
        assert "磁盘已满" in answer.text
        assert "仍在表单中" in answer.text

    def test_of_another_kind_is_no_excuse(self, desk, monkeypatch):
        def refuse(*arguments):
            raise OSError(errno.EACCES, "Permission denied")

        monkeypatch.setattr(MediaStorage, "_save", refuse)
        answer = desk.post(reverse("media:upload_picture"), {"upload": a_picture()})
        assert answer.status_code == 500
        assert "问题出在我们这里" in answer.text


@pytest.mark.django_db
def test_database_without_room_or_patience_is_told(desk):
    address = reverse("admin:articles_article_change", args=[an_article(body="<p>短</p>").pk])
    form = form_data(desk.get(address), body=f"<p>{'长文' * 100_000}</p>")
    limit, said = {
        "sqlite": ("PRAGMA max_page_count = 1", "磁盘已满"),  # no fewer than there are
        "postgresql": ("SET LOCAL statement_timeout = '1ms'", "数据库"),
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(limit)
    answer = desk.post(address, form)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1073741823")
    assert answer.status_code == 503
    assert said in answer.text


def test_database_that_is_away_is_told():
    assert (
        infrastructure_message(OperationalError("server closed the connection unexpectedly"))
        == DATABASE_DOWN
    )
    assert infrastructure_message(ValueError()) is None
    assert infrastructure_message(None) is None
