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
        assert (str(user), user.get_full_name(), user.get_short_name()) == (
            "欧阳静雯",
            "欧阳静雯",
            "欧阳静雯",
        )

    def test_without_a_name_the_login_stands_for_it(self):
        assert str(a_user(username="zhang", name="")) == "zhang"

    @pytest.mark.parametrize("field", ["first_name", "last_name"])
    def test_has_no_parts_of_a_name(self, field):
        with pytest.raises(FieldDoesNotExist):
            User._meta.get_field(field)

    def test_login_is_unique(self):
        a_user(username="zhang")
        with pytest.raises(IntegrityError), transaction.atomic():
            a_user(username="zhang")

    def test_administrator_is_created_from_the_shell_with_a_name(self):
        call_command(
            "createsuperuser", "--noinput", "--username=root", "--name=管理员", verbosity=0
        )
        admin = User.objects.get()
        assert (admin.name, admin.is_superuser, admin.is_staff) == ("管理员", True, True)


class TestRoles:
    def test_by_magazine(self):
        first, second = a_magazine(), a_magazine()
        user = an_editor(first, Role.CHIEF)
        Membership.objects.create(user=user, magazine=second, role=Role.PROOFREADER)
        an_editor(second)
        assert user.roles == {first.pk: "chief", second.pk: "proofreader"}

    def test_nobody_without_a_membership_has_one(self):
        assert a_user().roles == {}

    def test_read_once(self, django_assert_num_queries):
        user = User.objects.get(pk=an_editor().pk)
        with django_assert_num_queries(1):
            assert user.roles == user.roles


class TestMembership:
    def test_one_role_in_a_magazine(self):
        magazine = a_magazine()
        user = an_editor(magazine)
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.create(user=user, magazine=magazine, role=Role.HEAD)

    def test_says_who_does_what_where(self):
        user = an_editor(a_magazine(title="中国财政"), Role.HEAD, name="王芳")
        membership = user.memberships.get()
        assert str(membership) == f"王芳 · 中国财政 · {Role.HEAD.label}"
