import pytest

from magazine.models import Publisher
from tests.builders import a_notice, a_publisher
from web.object_cache import MAX_ENTRIES, object_cache
from web.site_version import version_tracker

pytestmark = pytest.mark.django_db


def test_get_or_compute_caches_until_the_site_version_changes(clock):
    read = iter(range(100)).__next__
    version_tracker.refresh()
    assert [object_cache.get_or_compute("n", read), object_cache.get_or_compute("n", read)] == [
        0,
        0,
    ]
    a_notice(starts_at=clock.in_(hours=1))
    version_tracker.refresh()
    assert [object_cache.get_or_compute("n", read), object_cache.get_or_compute("n", read)] == [
        1,
        1,
    ]
    clock.move(hours=1)
    assert [object_cache.get_or_compute("n", read), object_cache.get_or_compute("n", read)] == [
        2,
        3,
    ]
    version_tracker.refresh()
    assert [object_cache.get_or_compute("n", read), object_cache.get_or_compute("n", read)] == [
        4,
        4,
    ]


def test_get_or_compute_caches_nothing_without_a_request():
    read = iter(range(100)).__next__
    assert [object_cache.get_or_compute("n", read), object_cache.get_or_compute("n", read)] == [
        0,
        1,
    ]


def test_get_or_compute_limits_number_and_age_of_entries(monkeypatch):
    version_tracker.refresh()
    for number in range(MAX_ENTRIES + 10):
        object_cache.get_or_compute(number, lambda: 0)
    assert (
        len(object_cache.entries),
        object_cache.get_or_compute(MAX_ENTRIES, lambda: 1),
        object_cache.get_or_compute(0, lambda: 1),
    ) == (MAX_ENTRIES, 0, 1)
    monkeypatch.setattr("web.object_cache.MAX_AGE_SECONDS", 0)
    assert object_cache.get_or_compute(MAX_ENTRIES, lambda: 1) == 1


def test_get_or_compute_reads_again_after_a_commit_of_this_process(
    django_capture_on_commit_callbacks,
):
    version_tracker.refresh()
    with django_capture_on_commit_callbacks(execute=True):
        a_publisher()
    assert version_tracker.version is None
    assert object_cache.get_or_compute("name", lambda: Publisher.objects.get().name) == "某某杂志社"
