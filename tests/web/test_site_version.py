"""Tests of the events that change the site version, and of those that do not."""

from datetime import datetime, time, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from articles.models import Publication
from magazine.models import Issue
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
from web.models import ContentChange
from web.site_version import SiteVersion, version_tracker

pytestmark = pytest.mark.django_db


def read_version() -> SiteVersion:
    version_tracker.refresh()
    return version_tracker.version


def save(row) -> None:
    row.save()


def delete(row) -> None:
    row.delete()


def update_rows(row) -> None:
    type(row).objects.filter(pk=row.pk).update(updated_by=None)


class TestSiteVersion:
    @pytest.mark.parametrize(
        ("builder", "write"),
        [
            (a_publisher, save),
            *((builder, write) for builder in [a_magazine, an_issue, a_page, a_column, a_notice]
              for write in [save, delete, update_rows]),
            (lambda: a_notice().contacts.create(label="刊"), save),
            (lambda: a_notice().contacts.create(label="刊"), delete),
            (lambda: an_article(), lambda article: article.publish(by=a_user())),
            (lambda: a_publication(), lambda publication: publication.article.withdraw(by=a_user(), reason="误")),
            (lambda: a_publication(), lambda _: Publication.objects.set_date(timezone.localdate())),
            (a_magazine, lambda kan: Issue.objects.bulk_create([Issue(magazine=kan, year=2000, number=1)])),
        ],
    )  # fmt: skip
    def test_site_version_changes_when_public_content_is_written(self, builder, write):
        row = builder()
        before = read_version()
        assert read_version() == before
        write(row)
        assert read_version() != before

    def test_site_version_ignores_writes_that_readers_do_not_see(self):
        publication = a_publication()
        before = read_version()
        publication.article.save()
        an_article(column=publication.column)
        a_user()
        Publication.objects.filter(pk=publication.pk).set_related([])
        Publication.objects.filter(pk=0).end(ends_at=None, ended_by=None)
        assert read_version() == before

    def test_site_version_ignores_a_rolled_back_write(self):
        before = read_version()
        with transaction.atomic():
            a_publisher()
            transaction.set_rollback(True)
        assert read_version() == before

    def test_site_version_changes_by_a_late_commit(self):
        ContentChange.objects.create(pk=7)
        before = read_version()
        ContentChange.objects.create(pk=5)
        assert read_version() != before


class TestNextInstant:
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
    def test_site_version_changes_when_content_begins_or_ends(self, clock, build):
        at = clock.in_(hours=2)
        build(at)
        before = read_version()
        assert before.until == at.timestamp()
        clock.move(hours=1)
        assert read_version() == before
        clock.move(hours=1)
        assert read_version() != before

    def test_site_version_ends_at_midnight_at_the_latest(self, clock):
        midnight = timezone.make_aware(
            datetime.combine(timezone.localdate() + timedelta(days=1), time.min)
        )
        a_publication(starts_at=midnight + timedelta(seconds=1))
        assert read_version().until == midnight.timestamp()
