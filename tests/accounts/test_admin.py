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
    """Return the codes of a form's errors, by field."""
    form = response.context["adminform"].form
    codes = {}
    for name, field_errors in form.errors.as_data().items():
        codes[name] = [error.code for error in field_errors]
    return codes


class TestNewUsers:
    def test_new_user_may_log_in_to_the_admin(self, administrator, client):
        assert submit(administrator, at("add"), **NEW).status_code == 302
        user = User.objects.get(username="lin")
        assert (user.name, user.is_staff, user.is_superuser) == ("林编辑", True, False)
        assert client.login(username="lin", password=PASSWORD, request=client.get("/").wsgi_request)

    def test_new_user_has_no_role_until_one_is_added(self, administrator):
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

    def test_user_stays_without_staff_rights_after_a_change(self, administrator):
        user = a_user()
        form = {"is_staff": []}
        submit(administrator, at("change", user.pk), **form)
        user.refresh_from_db()
        assert not user.is_staff

    @pytest.mark.parametrize("password", ["short", "12345678901234", "password123"])
    def test_new_user_needs_a_strong_password(self, administrator, password):
        response = submit(
            administrator, at("add"), **NEW | {"password1": password, "password2": password}
        )
        assert "password2" in errors(response)
        assert not User.objects.filter(username="lin").exists()

    def test_new_user_needs_a_unique_username_and_a_name(self, administrator):
        a_user(username="lin")
        assert errors(submit(administrator, at("add"), **NEW)) == {"username": ["unique"]}
        assert errors(submit(administrator, at("add"), **NEW | {"username": "a", "name": ""})) == {
            "name": ["required"]
        }


def add_memberships(administrator, user, magazine, *roles):
    """Send the user's form with new rows for roles in one magazine."""
    existing = user.memberships.count()
    rows = {"memberships-TOTAL_FORMS": str(existing + len(roles))}
    for number, role in enumerate(roles, start=existing):
        rows[f"memberships-{number}-magazine"] = magazine.pk
        rows[f"memberships-{number}-role"] = role
    return submit(administrator, at("change", user.pk), **rows)


class TestMemberships:
    def test_user_form_accepts_two_roles_in_one_magazine(self, administrator):
        magazine = a_magazine()
        editor = an_editor(magazine, Role.EDITOR)
        response = add_memberships(administrator, editor, magazine, "proofreader")
        assert response.status_code == 302
        assert User.objects.get(pk=editor.pk).roles == {magazine.pk: {"editor", "proofreader"}}

    def test_user_form_accepts_two_new_roles_at_once(self, administrator):
        magazine = a_magazine()
        user = a_user()
        response = add_memberships(administrator, user, magazine, "head", "proofreader")
        assert response.status_code == 302
        assert user.roles == {magazine.pk: {"head", "proofreader"}}

    def test_user_form_refuses_a_role_that_the_user_has(self, administrator):
        magazine = a_magazine()
        editor = an_editor(magazine, Role.CHIEF)
        membership = editor.memberships.get()
        response = add_memberships(administrator, editor, magazine, "chief")
        assert response.status_code == 200
        assert gettext("This user already has this role in this magazine.") in response.text
        assert editor.memberships.get() == membership

    def test_user_form_refuses_a_new_role_twice(self, administrator):
        magazine = a_magazine()
        user = a_user()
        response = add_memberships(administrator, user, magazine, "head", "head")
        assert response.status_code == 200
        assert gettext("This user already has this role in this magazine.") in response.text
        assert not user.memberships.exists()


def test_user_is_never_deleted(administrator):
    user = a_user()
    chosen = {"action": "delete_selected", "_selected_action": user.pk, "post": "yes"}
    assert administrator.post(at("delete", user.pk), {"post": "yes"}).status_code == 403
    administrator.post(at("changelist"), chosen)
    assert User.objects.filter(pk=user.pk).exists()
    assert "delete_selected" not in administrator.get(at("changelist")).content.decode()


def test_deactivated_user_loses_access_at_once(administrator):
    editor = an_editor()
    browser = a_browser(editor)
    assert browser.get(reverse("admin:index")).status_code == 200
    submit(administrator, at("change", editor.pk), is_active=[])
    assert browser.get(reverse("admin:index")).status_code == 302


def test_user_list_searches_and_filters(administrator):
    magazine, _ = a_magazine(), an_editor()
    editor = an_editor(magazine, Role.HEAD, name="林编辑", email="lin@example.cn")
    for query in [
        "q=林编",
        "q=lin@",
        f"memberships__magazine__id__exact={magazine.pk}",
        "memberships__role__exact=head",
    ]:
        response = administrator.get(f"{at('changelist')}?{query}")
        assert list(response.context["cl"].result_list) == [editor]


@pytest.mark.parametrize("query", ["password__startswith=md5", "password=x", "q=md5"])
def test_user_list_does_not_search_passwords(administrator, query):
    a_user()
    response = administrator.get(f"{at('changelist')}?{query}")
    assert response.status_code == 400 or not response.context["cl"].result_list


def test_user_form_has_no_groups_and_no_single_permissions(administrator):
    text = administrator.get(at("change", a_user().pk)).content.decode()
    assert "user_permissions" not in text
    assert 'name="groups"' not in text


@pytest.mark.parametrize("role", Role.values)
def test_user_pages_refuse_editors(role):
    magazine = a_magazine()
    browser = a_browser(an_editor(magazine, role))
    colleague = an_editor(magazine)
    for address in [
        at("changelist"),
        at("add"),
        at("change", colleague.pk),
        at("history", colleague.pk),
    ]:
        assert browser.get(address).status_code == 403
        assert browser.post(address, {"is_superuser": "on"}).status_code == 403
    password_change = reverse("admin:auth_user_password_change", args=[colleague.pk])
    assert browser.post(password_change).status_code == 403
    content = browser.get(reverse("admin:index")).text.split('id="content"')[1]
    assert gettext("user") not in content


def test_editor_changes_their_own_password():
    editor = an_editor()
    browser = a_browser(editor)
    address = reverse("admin:password_change")
    sent = {"old_password": "password", "new_password1": PASSWORD, "new_password2": PASSWORD}
    wrong = sent | {"old_password": "wrong"}
    assert submit(browser, address, **wrong).status_code == 200
    assert submit(browser, address, **sent).status_code == 302
    editor.refresh_from_db()
    assert editor.check_password(PASSWORD)
