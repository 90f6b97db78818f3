import pytest

from web.models import MAX_ROWS, ContentChange


@pytest.mark.django_db
def test_content_change_deletes_old_rows():
    for _ in range(2 * MAX_ROWS + 1):
        ContentChange.record("default")
    assert MAX_ROWS <= ContentChange.objects.count() <= 2 * MAX_ROWS
