"""Tests of renaming content types: log entries and permissions follow a moved model."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType

from web.content_types import rename_content_type

pytestmark = pytest.mark.django_db

OLD = ("oldapp", "oldmodel")
NEW = ("newapp", "newmodel")
OPERATION = rename_content_type(OLD, NEW)


@pytest.fixture
def content_type() -> ContentType:
    row = ContentType.objects.create(app_label=OLD[0], model=OLD[1])
    for action in ["add", "view"]:
        codename = f"{action}_{OLD[1]}"
        name = f"Can {action} {OLD[1]}"
        Permission.objects.create(content_type=row, codename=codename, name=name)
    return row


def names(content_type: ContentType) -> tuple[str, str, list[tuple[str, str]]]:
    content_type.refresh_from_db()
    permissions = Permission.objects.filter(content_type=content_type).order_by("codename")
    pairs = list(permissions.values_list("codename", "name"))
    return content_type.app_label, content_type.model, pairs


def test_rename_content_type_keeps_the_row_and_renames_its_permissions(content_type):
    before = names(content_type)
    OPERATION.code(apps, None)
    expected = [("add_newmodel", "Can add newmodel"), ("view_newmodel", "Can view newmodel")]
    assert names(content_type) == (*NEW, expected)
    OPERATION.reverse_code(apps, None)
    assert names(content_type) == before


def test_rename_content_type_does_nothing_in_a_new_database():
    OPERATION.code(apps, None)
    assert not ContentType.objects.filter(app_label=NEW[0]).exists()
