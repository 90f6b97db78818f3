"""Failed logins lock out the account and the address that they come from."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from tests.builders import an_admin, an_editor

pytestmark = pytest.mark.django_db

IN, WRONG, LOCKED = 302, 200, 429


@pytest.fixture(autouse=True)
def axes_enabled(settings):
    settings.AXES_ENABLED = True


@pytest.fixture
def log_in(client):
    def log_in(
        username: str, password: str | None = None, address: str = "192.0.2.1", **headers
    ) -> int:
        sent = {"username": username, "password": password or "password"}
        client.logout()
        return client.post(
            reverse("admin:login"), sent, REMOTE_ADDR=address, headers=headers
        ).status_code

    return log_in


@pytest.fixture
def lin():
    return an_editor(username="lin")


def test_lockout_allows_four_failures(log_in, lin):
    assert [log_in("lin", "wrong") for _ in range(4)] == [WRONG] * 4
    assert log_in("lin") == IN


def test_lockout_of_an_account_counts_all_addresses(log_in, lin):
    answers = [log_in("lin", "wrong", f"192.0.2.{number}") for number in range(1, 6)]
    assert answers == [WRONG] * 4 + [LOCKED]
    assert log_in("lin", address="192.0.2.99") == LOCKED


def test_lockout_of_an_address_counts_all_accounts(log_in, lin):
    answers = [log_in(f"guess{number}", "wrong") for number in range(1, 6)]
    assert answers == [WRONG] * 4 + [LOCKED]
    assert log_in("lin") == LOCKED
    assert log_in("lin", address="192.0.2.99") == IN


def test_lockout_ignores_the_user_agent(log_in, lin):
    for number in range(5):
        log_in("lin", "wrong", f"192.0.2.{number}", user_agent=f"browser {number}")
    assert log_in("lin", address="192.0.2.99", user_agent="another") == LOCKED


def test_login_does_not_reset_failures_of_other_accounts(log_in, lin):
    """A login between two guesses must not unlock the address."""
    an_editor(username="mallory")
    for _ in range(4):
        assert log_in("lin", "wrong") == WRONG
    assert log_in("mallory") == IN
    assert log_in("lin", "wrong") == LOCKED


def test_login_resets_failures_of_the_account(log_in, lin):
    for _ in range(3):
        assert [log_in("lin", "wrong") for _ in range(4)] == [WRONG] * 4
        assert log_in("lin") == IN


def test_lockout_includes_superusers(log_in):
    an_admin(username="root")
    for _ in range(5):
        log_in("root", "wrong")
    assert log_in("root") == LOCKED


def test_lockout_ends_after_the_cooloff_time(log_in, lin, settings):
    for _ in range(5):
        log_in("lin", "wrong")
    AccessAttempt.objects.update(
        attempt_time=timezone.now() - settings.AXES_COOLOFF_TIME - timedelta(seconds=1)
    )
    assert log_in("lin") == IN


def test_lockout_keeps_open_sessions(client, log_in, lin):
    client.force_login(lin)
    for _ in range(5):
        type(client)().post(reverse("admin:login"), {"username": "lin", "password": "wrong"})
    assert client.get(reverse("admin:index")).status_code == 200


def test_lockout_page_names_no_account(client, log_in, lin):
    for _ in range(5):
        response = client.post(reverse("admin:login"), {"username": "lin", "password": "wrong"})
    text = response.content.decode()
    assert gettext("Login locked") in text
    assert "lin" not in text.split("<body")[1].replace("link", "")
    assert "'unsafe-inline'" not in response["Content-Security-Policy"]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Client-IP"])
def test_lockout_ignores_headers_that_clients_can_send(log_in, lin, header):
    for number in range(5):
        log_in(f"guess{number}", "wrong", **{header: f"198.51.100.{number}"})
    assert log_in("lin", **{header: "198.51.100.99"}) == LOCKED


def test_lockout_uses_the_header_of_our_own_proxy(log_in, lin, settings):
    settings.BEHIND_PROXY = True
    for number in range(5):
        log_in(
            f"guess{number}",
            "wrong",
            "127.0.0.1",
            **{"X-Real-IP": "198.51.100.1", "X-Forwarded-For": f"{number}"},
        )
    assert log_in("lin", address="127.0.0.1", **{"X-Real-IP": "198.51.100.1"}) == LOCKED
    assert log_in("lin", address="127.0.0.1", **{"X-Real-IP": "198.51.100.2"}) == IN


@pytest.mark.parametrize("username", ["", "x" * 1000, "\0", "财政", "' or 1=1 --"])
def test_login_refuses_invalid_usernames(log_in, username):
    assert log_in(username, "wrong") == WRONG
