import pytest
from django.core.exceptions import FieldDoesNotExist
from django.core.management import call_command
from django.db import IntegrityError, transaction

from accounts.models import Membership, Role, User
from tests.builders import a_magazine, a_user, an_editor

pytestmark = pytest.mark.django_db


class TestUser:
    def test_name_is_one_string(self):
        user = a_user(name="欧阳静雯")
        assert str(user) == "欧阳静雯"
        assert user.get_full_name() == "欧阳静雯"
        assert user.get_short_name() == "欧阳静雯"

    def test_name_is_the_username_if_it_is_empty(self):
        assert str(a_user(username="zhang", name="")) == "zhang"

    @pytest.mark.parametrize("field", ["first_name", "last_name"])
    def test_name_has_no_parts(self, field):
        with pytest.raises(FieldDoesNotExist):
            User._meta.get_field(field)

    def test_username_is_unique(self):
        a_user(username="zhang")
        with pytest.raises(IntegrityError), transaction.atomic():
            a_user(username="zhang")

    def test_createsuperuser_takes_a_name(self):
        call_command(
            "createsuperuser", "--noinput", "--username=root", "--name=管理员", verbosity=0
        )
        admin = User.objects.get()
        assert (admin.name, admin.is_superuser, admin.is_staff) == ("管理员", True, True)


class TestRoles:
    def test_roles_are_grouped_by_magazine(self):
        first = a_magazine()
        second = a_magazine()
        user = an_editor(first, Role.CHIEF)
        Membership.objects.create(user=user, magazine=first, role=Role.PROOFREADER)
        Membership.objects.create(user=user, magazine=second, role=Role.PROOFREADER)
        an_editor(second)
        assert user.roles == {first.pk: {"chief", "proofreader"}, second.pk: {"proofreader"}}

    def test_roles_are_empty_without_a_membership(self):
        assert a_user().roles == {}

    def test_roles_are_read_once(self, django_assert_num_queries):
        user = User.objects.get(pk=an_editor().pk)
        with django_assert_num_queries(1):
            assert user.roles == user.roles


class TestMembership:
    def test_membership_allows_two_roles_in_a_magazine(self):
        magazine = a_magazine()
        user = an_editor(magazine, Role.EDITOR)
        Membership.objects.create(user=user, magazine=magazine, role=Role.PROOFREADER)
        assert user.memberships.count() == 2

    def test_membership_refuses_a_role_twice_in_a_magazine(self):
        magazine = a_magazine()
        user = an_editor(magazine, Role.HEAD)
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.create(user=user, magazine=magazine, role=Role.HEAD)

    def test_membership_shows_user_magazine_and_role(self):
        user = an_editor(a_magazine(title="中国财政"), Role.HEAD, name="王芳")
        membership = user.memberships.get()
        assert str(membership) == f"王芳 · 中国财政 · {Role.HEAD.label}"
