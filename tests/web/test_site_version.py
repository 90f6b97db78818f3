"""What changes how the site stands, and what does not."""

from datetime import datetime, time, timedelta
from threading import Event

import pytest
from django.db import transaction
from django.utils import timezone

from articles.models import Publication
from magazine.models import Issue, Publisher
from tests.builders import (
    a_column,
    a_magazine,
    a_notice,
    a_page,
    a_publication,
    a_publisher,
    a_user,
    an_article,
    an_issue,
)
from web.models import MAX_ROWS, ContentChange
from web.object_cache import MAX_ENTRIES, object_cache
from web.poller import WAIT_SECONDS, VersionPoller
from web.site_version import SiteVersion, VersionTracker, version_tracker

pytestmark = pytest.mark.django_db


def state() -> SiteVersion:
    version_tracker.refresh()
    return version_tracker.version


def saved(thing) -> None:
    thing.save()


def deleted(thing) -> None:
    thing.delete()


def updated(thing) -> None:
    type(thing).objects.filter(pk=thing.pk).update(updated_by=None)


class TestWriting:
    @pytest.mark.parametrize(
        ("builder", "write"),
        [
            (a_publisher, saved),
            *((builder, write) for builder in [a_magazine, an_issue, a_page, a_column, a_notice]
              for write in [saved, deleted, updated]),
            (lambda: a_notice().contacts.create(label="刊"), saved),
            (lambda: a_notice().contacts.create(label="刊"), deleted),
            (lambda: an_article(), lambda article: article.publish(by=a_user())),
            (lambda: a_publication(), lambda publication: publication.article.withdraw(by=a_user(), reason="误")),
            (lambda: a_publication(), lambda _: Publication.objects.set_date(timezone.localdate())),
            (a_magazine, lambda kan: Issue.objects.bulk_create([Issue(magazine=kan, year=2000, number=1)])),
        ],
    )  # fmt: skip
    def test_of_what_readers_see_is_known(self, builder, write):
        thing = builder()
        before = state()
        assert state() == before
        write(thing)
        assert state() != before

    def test_of_what_they_do_not_see_is_not(self):
        publication = a_publication()
        before = state()
        publication.article.save()
        an_article(column=publication.column)
        a_user()
        Publication.objects.filter(pk=publication.pk).set_related([])
        Publication.objects.filter(pk=0).end(ends_at=None, ended_by=None)
        assert state() == before

    def test_that_is_undone_is_not(self):
        before = state()
        with transaction.atomic():
            a_publisher()
            transaction.set_rollback(True)
        assert state() == before

    def test_committed_later_than_what_began_after_it_is_known(self):
        ContentChange.objects.create(pk=7)
        before = state()
        ContentChange.objects.create(pk=5)
        assert state() != before

    def test_leaves_few_rows(self):
        for _ in range(2 * MAX_ROWS + 1):
            ContentChange.record("default")
        assert MAX_ROWS <= ContentChange.objects.count() <= 2 * MAX_ROWS


class TestClock:
    @pytest.mark.parametrize(
        "build",
        [
            lambda at: a_publication(starts_at=at),
            lambda at: a_publication(ends_at=at),
            lambda at: a_notice(starts_at=at),
            lambda at: a_notice(ends_at=at),
            lambda at: a_publisher(grey_starts_at=at, grey_ends_at=at + timedelta(hours=1)),
            lambda at: a_publisher(grey_starts_at=at - timedelta(hours=3), grey_ends_at=at),
        ],
    )
    def test_changes_the_site_when_something_begins_or_ends(self, clock, build):
        at = clock.in_(hours=2)
        build(at)
        before = state()
        assert before.until == at.timestamp()
        clock.move(hours=1)
        assert state() == before
        clock.move(hours=1)
        assert state() != before

    def test_changes_it_at_midnight_at_the_latest(self, clock):
        midnight = timezone.make_aware(
            datetime.combine(timezone.localdate() + timedelta(days=1), time.min)
        )
        a_publication(starts_at=midnight + timedelta(seconds=1))
        assert state().until == midnight.timestamp()


class TestKeeping:
    def test_lasts_until_something_is_written_begins_or_ends(self, clock):
        read = iter(range(100)).__next__
        state()
        assert [object_cache.get_or_compute("n", read), object_cache.get_or_compute("n", read)] == [
            0,
            0,
        ]
        a_notice(starts_at=clock.in_(hours=1))
        state()
        assert [object_cache.get_or_compute("n", read), object_cache.get_or_compute("n", read)] == [
            1,
            1,
        ]
        clock.move(hours=1)
        assert [object_cache.get_or_compute("n", read), object_cache.get_or_compute("n", read)] == [
            2,
            3,
        ]
        state()
        assert [object_cache.get_or_compute("n", read), object_cache.get_or_compute("n", read)] == [
            4,
            4,
        ]

    def test_is_for_requests_and_not_for_commands(self):
        read = iter(range(100)).__next__
        assert [object_cache.get_or_compute("n", read), object_cache.get_or_compute("n", read)] == [
            0,
            1,
        ]

    def test_is_bounded_in_number_and_in_time(self, monkeypatch):
        state()
        for number in range(MAX_ENTRIES + 10):
            object_cache.get_or_compute(number, lambda: 0)
        assert (
            len(object_cache.entries),
            object_cache.get_or_compute(MAX_ENTRIES, lambda: 1),
            object_cache.get_or_compute(0, lambda: 1),
        ) == (MAX_ENTRIES, 0, 1)
        monkeypatch.setattr("web.object_cache.MAX_AGE_SECONDS", 0)
        assert object_cache.get_or_compute(MAX_ENTRIES, lambda: 1) == 1

    def test_ends_for_who_wrote_when_it_is_committed(self, django_capture_on_commit_callbacks):
        state()
        with django_capture_on_commit_callbacks(execute=True):
            a_publisher()
        assert version_tracker.version is None
        assert (
            object_cache.get_or_compute("name", lambda: Publisher.objects.get().name)
            == "某某杂志社"
        )


class TestSilence:
    def test_of_a_hung_database_holds_readers_up_for_a_moment_once(self, monkeypatch):
        """It neither answers nor fails."""
        answer, hung = Event(), VersionPoller(VersionTracker())
        monkeypatch.setattr(hung.tracker, "refresh", answer.wait)
        monkeypatch.setattr("web.poller.IDLE_SECONDS", 0)
        begun = timezone.now()
        assert [hung.latest() for _ in range(20)] == [None] * 20
        assert timezone.now() - begun < 10 * timedelta(seconds=WAIT_SECONDS)
        answer.set()
        hung.thread.join()
