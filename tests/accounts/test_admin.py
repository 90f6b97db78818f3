import pytest
from django.urls import reverse
from django.utils.translation import gettext

from accounts.models import Membership, Role, User
from tests.builders import a_browser, a_magazine, a_user, an_admin, an_editor
from tests.forms import submit

pytestmark = pytest.mark.django_db

PASSWORD = "correct-horse-battery"
NEW = {"username": "lin", "name": "林编辑", "password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture
def administrator():
    return a_browser(an_admin())


def at(name: str, *args) -> str:
    return reverse(f"admin:accounts_user_{name}", args=args)


def errors(response) -> dict:
    return {
        name: [error.code for error in found]
        for name, found in response.context["adminform"].form.errors.as_data().items()
    }


class TestNewUsers:
    def test_work_here(self, administrator, client):
        assert submit(administrator, at("add"), **NEW).status_code == 302
        user = User.objects.get(username="lin")
        assert (user.name, user.is_staff, user.is_superuser) == ("林编辑", True, False)
        assert client.login(username="lin", password=PASSWORD, request=client.get("/").wsgi_request)

    def test_have_no_role_until_they_get_one(self, administrator):
        submit(administrator, at("add"), **NEW)
        user, magazine = User.objects.get(username="lin"), a_magazine()
        assert user.roles == {}
        row = {
            "memberships-TOTAL_FORMS": "1",
            "memberships-0-magazine": magazine.pk,
            "memberships-0-role": "head",
        }
        assert submit(administrator, at("change", user.pk), **row).status_code == 302
        assert Membership.objects.get().role == Role.HEAD

    def test_stay_without_staff_rights_once_these_are_taken(self, administrator):
        user = a_user()
        form = {"is_staff": []}
        submit(administrator, at("change", user.pk), **form)
        user.refresh_from_db()
        assert not user.is_staff

    @pytest.mark.parametrize("password", ["short", "12345678901234", "password123"])
    def test_get_no_weak_password(self, administrator, password):
        response = submit(
            administrator, at("add"), **NEW | {"password1": password, "password2": password}
        )
        assert "password2" in errors(response)
        assert not User.objects.filter(username="lin").exists()

    def test_have_a_name_of_their_own(self, administrator):
        a_user(username="lin")
        assert errors(submit(administrator, at("add"), **NEW)) == {"username": ["unique"]}
        assert errors(submit(administrator, at("add"), **NEW | {"username": "a", "name": ""})) == {
            "name": ["required"]
        }


def test_one_role_in_a_magazine(administrator):
    editor = an_editor()
    [membership] = editor.memberships.all()
    row = {
        "memberships-TOTAL_FORMS": "2",
        "memberships-1-magazine": membership.magazine.pk,
        "memberships-1-role": "chief",
    }
    response = submit(administrator, at("change", editor.pk), **row)
    assert response.status_code == 200
    assert editor.memberships.get() == membership


def test_users_are_never_deleted(administrator):
    user = a_user()
    chosen = {"action": "delete_selected", "_selected_action": user.pk, "post": "yes"}
    assert administrator.post(at("delete", user.pk), {"post": "yes"}).status_code == 403
    administrator.post(at("changelist"), chosen)
    assert User.objects.filter(pk=user.pk).exists()
    assert "delete_selected" not in administrator.get(at("changelist")).content.decode()


def test_who_is_made_inactive_is_out_at_once(administrator):
    editor = an_editor()
    desk = a_browser(editor)
    assert desk.get(reverse("admin:index")).status_code == 200
    submit(administrator, at("change", editor.pk), is_active=[])
    assert desk.get(reverse("admin:index")).status_code == 302


def test_users_are_found(administrator):
    magazine, _ = a_magazine(), an_editor()
    editor = an_editor(magazine, Role.HEAD, name="林编辑", email="lin@example.cn")
    for query in [
        "q=林编",
        "q=lin@",
        f"memberships__magazine__id__exact={magazine.pk}",
        "memberships__role__exact=head",
    ]:
        assert list(administrator.get(f"{at('changelist')}?{query}").context["cl"].result_list) == [
            editor
        ]


@pytest.mark.parametrize("query", ["password__startswith=md5", "password=x", "q=md5"])
def test_passwords_are_not_asked_for(administrator, query):
    a_user()
    response = administrator.get(f"{at('changelist')}?{query}")
    assert response.status_code == 400 or not response.context["cl"].result_list


def test_groups_and_single_rights_are_not_used(administrator):
    text = administrator.get(at("change", a_user().pk)).content.decode()
    assert "user_permissions" not in text
    assert 'name="groups"' not in text


@pytest.mark.parametrize("role", Role.values)
def test_editors_cannot_reach_users(role):
    magazine = a_magazine()
    desk, colleague = a_browser(an_editor(magazine, role)), an_editor(magazine)
    for address in [
        at("changelist"),
        at("add"),
        at("change", colleague.pk),
        at("history", colleague.pk),
    ]:
        assert desk.get(address).status_code == 403
        assert desk.post(address, {"is_superuser": "on"}).status_code == 403
    assert (
        desk.post(reverse("admin:auth_user_password_change", args=[colleague.pk])).status_code
        == 403
    )
    assert (
        gettext("user")
        not in desk.get(reverse("admin:index")).content.decode().split('id="content"')[1]
    )


def test_an_editor_changes_the_own_password(client):
    editor = an_editor()
    desk = a_browser(editor)
    sent = {"old_password": "password", "new_password1": PASSWORD, "new_password2": PASSWORD}
    assert (
        submit(
            desk, reverse("admin:password_change"), **sent | {"old_password": "wrong"}
        ).status_code
        == 200
    )
    assert submit(desk, reverse("admin:password_change"), **sent).status_code == 302
    editor.refresh_from_db()
    assert editor.check_password(PASSWORD)
