"""Who may do what, said here a second time and by hand: (permission, who holds it in the magazine)."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import Role
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
]


def thing_of(magazine, permission):
    return {
        "magazine": lambda: (
            an_issue(magazine=magazine) if permission.endswith("issue") else magazine
        ),
        "accounts": lambda: magazine,
        "articles": lambda: {
            "column": lambda: a_column(magazine=magazine),
            "article": lambda: an_article(magazine=magazine),
            "publication": lambda: a_publication(magazine=magazine),
        }[permission.rpartition("_")[2]](),
        "notices": lambda: a_notice(scope="magazine", magazine=magazine),
    }[permission.partition(".")[0]]()


@pytest.mark.parametrize(("permission", "holders"), HELD)
def test_held_by_role_in_the_thing_s_magazine_and_nowhere_else(permission, holders):
    magazine = a_magazine()
    thing = thing_of(magazine, permission)
    editors = {role: an_editor(magazine, role) for role in Role.values}
    elsewhere = an_editor(role=Role.CHIEF)
    assert {role for role, editor in editors.items() if editor.has_perm(permission, thing)} == set(
        holders.split()
    )
    assert {role for role, editor in editors.items() if editor.has_perm(permission)} == set(
        holders.split()
    )
    assert not elsewhere.has_perm(permission, thing)


@pytest.mark.parametrize("permission", [permission for permission, _ in HELD])
def test_held_by_nobody_else(permission):
    magazine = a_magazine()
    inactive = an_editor(magazine, Role.CHIEF, is_active=False)
    outside = an_editor(magazine, Role.CHIEF, is_staff=False)
    for user in [inactive, outside, a_user(), AnonymousUser()]:
        assert not user.has_perm(permission, magazine)
        assert not user.has_perm(permission)
    assert an_admin().has_perm(permission, magazine)


class TestSharedThings:
    def test_everybody_who_works_here_sees_a_shared_column(self):
        column = a_column(magazine=None)
        assert an_editor(role=Role.PROOFREADER).has_perm("articles.view_column", column)
        assert not an_editor(role=Role.CHIEF).has_perm("articles.change_column", column)
        assert not a_user().has_perm("articles.view_column", column)
        assert not an_editor(is_active=False).has_perm("articles.view_column", column)
        assert not an_editor(is_staff=False).has_perm("articles.view_column", column)

    @pytest.mark.parametrize("permission", ["articles.change_article", "articles.publish_article"])
    def test_an_article_of_no_magazine_is_the_administrators(self, permission):
        article = an_article(magazine=None)
        assert not an_editor(role=Role.CHIEF).has_perm(permission, article)
        assert an_admin().has_perm(permission, article)
