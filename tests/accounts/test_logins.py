"""The record of logins in the admin."""

import pytest
from axes.models import AccessAttempt, AccessLog
from django.test import Client
from django.urls import reverse

from tests.builders import an_admin, an_editor

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(settings) -> Client:
    settings.AXES_ENABLED = True
    browser = Client()
    browser.force_login(an_admin())
    return browser


@pytest.fixture
def locked_out(administrator, client):
    """An editor after five wrong passwords."""
    editor = an_editor()
    for _ in range(5):
        log_in(client, editor, "wrong")
    assert log_in(client, editor).status_code == 429
    return editor


def log_in(client, user, password=None):
    return client.post(
        reverse("admin:login"), {"username": user.username, "password": password or "password"}
    )


def unlock(administrator):
    attempts = list(AccessAttempt.objects.values_list("pk", flat=True))
    choice = {"action": "unlock", "_selected_action": attempts}
    return administrator.post(reverse("admin:axes_accessattempt_changelist"), choice)


def test_unlock_unlocks_an_account_and_its_address(administrator, client, locked_out):
    unlock(administrator)
    assert log_in(client, locked_out).status_code == 302


def test_unlock_is_recorded_in_the_history_of_the_user(administrator, locked_out):
    unlock(administrator)
    history = administrator.get(reverse("admin:accounts_user_history", args=[locked_out.pk]))
    assert "已解除登录锁定。" in history.content.decode()


def test_login_list_shows_name_and_address(administrator, client):
    editor = an_editor(username="who-came-in")
    log_in(client, editor)
    page = administrator.get(reverse("admin:axes_accesslog_changelist")).content.decode()
    assert "who-came-in" in page
    assert "127.0.0.1" in page


@pytest.mark.parametrize("view", ["change", "delete", "history"])
def test_login_record_has_no_pages_and_no_changes(administrator, view):
    for row in [AccessLog.objects.create(), AccessAttempt.objects.create(failures_since_start=1)]:
        address = reverse(f"admin:axes_{row._meta.model_name}_{view}", args=[row.pk])
        assert administrator.get(address).status_code == 403
        assert administrator.post(address, {"post": "yes"}).status_code in {403, 405}


@pytest.mark.parametrize(
    "view",
    ["accesslog_changelist", "accesslog_add", "accessattempt_changelist", "accessattempt_add"],
)
def test_login_record_refuses_editors(administrator, client, view):
    client.force_login(an_editor())
    assert client.get(reverse(f"admin:axes_{view}")).status_code == 403
