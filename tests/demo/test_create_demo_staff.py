import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import Role, User
from tests.builders import a_magazine, a_user


def create() -> str:
    output = StringIO()
    call_command("create_demo_staff", stdout=output)
    return output.getvalue()


def shown_passwords(output: str) -> dict[str, str]:
    return dict(re.findall(r"(\w+)\s+password (\w+)", output))


@pytest.fixture
def magazine(db):
    return a_magazine(slug="zgcz")


def test_create_demo_staff_prints_working_passwords(magazine, client):
    passwords = shown_passwords(create())
    assert passwords.keys() == {"editor", "admin"}
    for username, password in passwords.items():
        answer = client.post(reverse("admin:login"), {"username": username, "password": password})
        assert answer.status_code == 302


def test_create_demo_staff_gives_the_editor_one_magazine_and_the_admin_all(magazine):
    create()
    editor, admin = User.objects.get(username="editor"), User.objects.get(username="admin")
    assert (editor.roles, editor.is_staff, editor.is_superuser) == (
        {magazine.pk: frozenset({Role.EDITOR})},
        True,
        False,
    )
    assert (admin.roles, admin.is_staff, admin.is_superuser) == ({}, True, True)


def test_a_second_time_changes_nothing_and_shows_no_password(magazine):
    create()
    before = list(User.objects.order_by("pk").values())
    output = create()
    assert shown_passwords(output) == {}
    assert "manage.py changepassword editor" in output
    assert list(User.objects.order_by("pk").values()) == before


def test_passwords_are_never_the_same(magazine):
    first = shown_passwords(create())
    User.objects.all().delete()
    second = shown_passwords(create())
    assert len({*first.values(), *second.values()}) == 4


def test_create_demo_staff_adds_only_missing_accounts(magazine):
    mine = a_user(username="editor", password="my own")
    assert shown_passwords(create()).keys() == {"admin"}
    mine.refresh_from_db()
    assert mine.check_password("my own")
    assert mine.roles == {}


def test_create_demo_staff_fails_without_demo_content(db):
    with pytest.raises(CommandError, match="run load_demo first"):
        create()
    assert not User.objects.exists()
