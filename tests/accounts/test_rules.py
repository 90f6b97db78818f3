"""The permissions of each role, stated a second time and by hand."""

from itertools import combinations

import pytest
import rules
from django.contrib.auth.models import AnonymousUser

from accounts.models import Membership, Role, User
from magazine.models import Magazine
from tests.builders import (
    a_column,
    a_magazine,
    a_notice,
    a_publication,
    a_user,
    an_admin,
    an_article,
    an_editor,
    an_issue,
)

pytestmark = pytest.mark.django_db

ALL = "editor head chief proofreader"
EDITORS = "editor head chief"
HEADS = "head chief"

# Each permission, and the roles that hold it in the object's magazine.
HELD = [
    ("magazine.view_magazine", ALL),
    ("magazine.change_magazine", HEADS),
    ("magazine.add_magazine", ""),
    ("magazine.delete_magazine", ""),
    ("magazine.view_issue", ALL),
    ("magazine.add_issue", EDITORS),
    ("magazine.change_issue", EDITORS),
    ("magazine.delete_issue", HEADS),
    ("media.upload_picture", ALL),
    ("magazine.view_publisher", ""),
    ("magazine.change_publisher", ""),
    ("magazine.view_page", ""),
    ("magazine.change_page", ""),
    ("accounts.view_user", ""),
    ("accounts.change_user", ""),
    ("accounts.add_membership", ""),
    ("accounts.change_membership", ""),
    ("articles.view_column", ALL),
    ("articles.add_column", HEADS),
    ("articles.change_column", HEADS),
    ("articles.delete_column", HEADS),
    ("articles.view_article", ALL),
    ("articles.add_article", EDITORS),
    ("articles.change_article", ALL),
    ("articles.delete_article", EDITORS),
    ("articles.publish_article", EDITORS),
    ("articles.view_publication", ALL),
    ("articles.add_publication", ""),
    ("articles.change_publication", ""),
    ("articles.delete_publication", ""),
    ("notices.view_notice", ALL),
    ("notices.add_notice", EDITORS),
    ("notices.change_notice", EDITORS),
    ("notices.delete_notice", EDITORS),
    ("notices.publish_notice", EDITORS),
    ("notices.view_noticecontact", ALL),
    ("notices.add_noticecontact", EDITORS),
    ("notices.change_noticecontact", EDITORS),
    ("notices.delete_noticecontact", EDITORS),
]
PERMISSIONS = [permission for permission, _roles in HELD]
PAIRS = list(combinations(Role.values, 2))
NEW_ROLE = "trainee"  # in no set of roles


def object_of(magazine: Magazine, permission: str):
    """Return an object in a magazine that a permission is about."""
    app, _, action = permission.partition(".")
    model = action.rpartition("_")[2]
    if app == "notices":
        return a_notice(scope="magazine", magazine=magazine)
    match model:
        case "issue":
            return an_issue(magazine=magazine)
        case "column":
            return a_column(magazine=magazine)
        case "article":
            return an_article(magazine=magazine)
        case "publication":
            return a_publication(magazine=magazine)
    return magazine


def user_with(*memberships: tuple[Magazine, str]) -> User:
    user = a_user()
    for magazine, role in memberships:
        Membership.objects.create(user=user, magazine=magazine, role=role)
    return user


def holders(users: dict, permission: str, obj=None) -> set:
    """Return the keys of the users who have a permission."""
    return {key for key, user in users.items() if user.has_perm(permission, obj)}


def test_table_has_every_permission_of_rules():
    granted = {name for name in rules.permissions.permissions if "." in name}
    assert granted - set(PERMISSIONS) == set()


def test_table_names_every_role():
    assert set(ALL.split()) == set(Role.values)


@pytest.mark.parametrize(("permission", "roles"), HELD)
class TestRoles:
    def test_role_holds_permission_in_its_own_magazine_only(self, permission, roles):
        magazine = a_magazine()
        obj = object_of(magazine, permission)
        users = {role: user_with((magazine, role)) for role in Role.values}
        elsewhere = {role: an_editor(role=role) for role in Role.values}
        assert holders(users, permission, obj) == set(roles.split())
        assert holders(users, permission) == set(roles.split())
        assert holders(elsewhere, permission, obj) == set()

    def test_two_roles_in_one_magazine_hold_the_permissions_of_both(self, permission, roles):
        magazine = a_magazine()
        obj = object_of(magazine, permission)
        users = {}
        for first, second in PAIRS:
            users[first, second] = user_with((magazine, first), (magazine, second))
        expected = {pair for pair in PAIRS if set(pair) & set(roles.split())}
        assert holders(users, permission, obj) == expected
        assert holders(users, permission) == expected

    def test_roles_in_two_magazines_do_not_mix(self, permission, roles):
        first_magazine = a_magazine()
        second_magazine = a_magazine()
        first_object = object_of(first_magazine, permission)
        second_object = object_of(second_magazine, permission)
        users = {}
        for first, second in PAIRS:
            users[first, second] = user_with((first_magazine, first), (second_magazine, second))
        held_by = set(roles.split())
        assert holders(users, permission, first_object) == {p for p in PAIRS if p[0] in held_by}
        assert holders(users, permission, second_object) == {p for p in PAIRS if p[1] in held_by}
        assert holders(users, permission) == {pair for pair in PAIRS if set(pair) & held_by}


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_new_role_inherits_no_permission(permission):
    magazine = a_magazine()
    user = user_with((magazine, NEW_ROLE))
    assert user.roles == {magazine.pk: {NEW_ROLE}}
    assert not user.has_perm(permission, object_of(magazine, permission))
    assert not user.has_perm(permission)


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_users_without_a_role_hold_no_permission(permission):
    magazine = a_magazine()
    inactive = an_editor(magazine, Role.CHIEF, is_active=False)
    not_staff = an_editor(magazine, Role.CHIEF, is_staff=False)
    for user in [inactive, not_staff, a_user(), AnonymousUser()]:
        assert not user.has_perm(permission, magazine)
        assert not user.has_perm(permission)
    assert an_admin().has_perm(permission, magazine)


class TestSharedObjects:
    def test_shared_column_is_visible_to_everyone_with_a_role(self):
        column = a_column(magazine=None)
        assert an_editor(role=Role.PROOFREADER).has_perm("articles.view_column", column)
        assert not an_editor(role=Role.CHIEF).has_perm("articles.change_column", column)
        assert not a_user().has_perm("articles.view_column", column)
        assert not an_editor(is_active=False).has_perm("articles.view_column", column)
        assert not an_editor(is_staff=False).has_perm("articles.view_column", column)

    @pytest.mark.parametrize("permission", ["articles.change_article", "articles.publish_article"])
    def test_article_without_a_magazine_is_for_superusers_only(self, permission):
        article = an_article(magazine=None)
        assert not an_editor(role=Role.CHIEF).has_perm(permission, article)
        assert an_admin().has_perm(permission, article)
