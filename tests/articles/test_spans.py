"""Spans of one article never overlap, and readers see what editors meant, whatever they do and in whatever order."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count, pairwise
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles.models import Article, Publication
from publishing.models import GRACE
from tests.builders import a_publication, an_article

MOMENT = timedelta(microseconds=1)

WAITS = st.sampled_from([0, 20, 40, 60, 3600, 86400])
INSTANTS = st.none() | st.sampled_from([-61, -60, -20, 0, 40, 3600, 7200, 86400])
PUBLISH = st.tuples(WAITS, st.just("publish"), INSTANTS)
END = st.tuples(WAITS, st.sampled_from(["withdraw", "cancel"]), st.none())
ACTS = st.lists(st.one_of(PUBLISH, PUBLISH, END), min_size=3, max_size=10)


class Timeline:
    """The versions that readers should see: from each instant on, one or None."""

    def __init__(self) -> None:
        self.turns: dict[datetime, str | None] = {}

    def seen(self, at: datetime) -> str | None:
        return next(
            (version for turn, version in sorted(self.turns.items(), reverse=True) if turn <= at),
            None,
        )

    def to_come(self, now: datetime) -> list[datetime]:
        return [turn for turn in self.turns if turn > now]

    def publish(self, version: str, at: datetime, now: datetime) -> bool:
        changed = [
            turn for turn, seen in self.turns.items() if at <= turn <= now and (turn > at or seen)
        ]
        if at < now and (changed or at < now - GRACE):
            return False
        self.turns[at] = version
        return True

    def withdraw(self, now: datetime) -> bool:
        if not self.seen(now) and not self.to_come(now):
            return False
        self.cancel(now)
        self.turns[now] = None
        self._forget_what_nobody_noticed()
        return True

    def cancel(self, now: datetime) -> bool:
        coming = self.to_come(now)
        for turn in coming:
            del self.turns[turn]
        return bool(coming)

    def _forget_what_nobody_noticed(self) -> None:
        before = None
        for turn, version in sorted(self.turns.items()):
            if version is None and before is None:
                del self.turns[turn]
            before = version


def act_out(
    article: Article,
    timeline: Timeline,
    now: datetime,
    act: str,
    away: timedelta | None,
    version: str,
) -> None:
    """Lets the article and the timeline do the same, and asserts that both do or refuse it."""
    if act == "publish":
        Article.objects.filter(pk=article.pk).update(title=version)
        at = None if away is None else now + timedelta(seconds=away)
        done = timeline.publish(version, at or now, now)
        attempt = lambda: article.publish(by=None, at=at)  # noqa: E731
    elif act == "withdraw":
        done = timeline.withdraw(now)
        attempt = lambda: article.withdraw(by=None, reason="误")  # noqa: E731
    else:
        done = timeline.cancel(now)
        attempt = lambda: article.cancel_schedule(by=None)  # noqa: E731
    if done:
        attempt()
    else:
        with pytest.raises(ValidationError):
            attempt()


def check(article: Article, timeline: Timeline, now: datetime) -> None:
    versions = list(article.publications.seen().order_by("starts_at"))
    for earlier, later in pairwise(versions):
        assert earlier.ends_at is not None
        assert earlier.ends_at <= later.starts_at
    for turn in {now, *timeline.turns}:
        for at in [turn - MOMENT, turn, turn + MOMENT]:
            seen = timeline.seen(at)
            assert [version.title for version in versions if version.is_live(at)] == (
                [seen] if seen else []
            )
    assert list(article.publications.live(now)) == [
        version for version in versions if version.is_live(now)
    ]
    assert {version.date for version in versions} == {
        timezone.localdate(version.starts_at) for version in versions[:1]
    }
    status = Article.objects.with_status(now).get(pk=article.pk)
    assert (status.live, status.pending) == (bool(timeline.seen(now)), bool(timeline.to_come(now)))


@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ACTS)
def test_readers_see_what_editors_meant(clock, acts):
    clock.reset()
    article, timeline, versions = an_article(), Timeline(), count(1)
    for waited, act, away in acts:
        clock.move(seconds=waited)
        act_out(article, timeline, clock.now, act, away, f"第{next(versions)}稿")
        check(article, timeline, clock.now)


@pytest.mark.django_db
def test_postgresql_itself_refuses_overlapping_spans(clock):
    """SQLite knows no such constraint: there `publish` keeps the rule alone."""
    version = a_publication(starts_at=clock.in_(hours=-2), ends_at=clock.in_(hours=2))
    a_publication(version.article, starts_at=clock.in_(hours=2), ends_at=clock.in_(hours=3))
    a_publication(version.article, starts_at=clock.now, ends_at=clock.now)
    a_publication(starts_at=clock.in_(hours=-1))
    refused = 0
    try:
        with transaction.atomic():
            a_publication(
                version.article, starts_at=clock.in_(hours=-1), ends_at=clock.in_(hours=1)
            )
    except IntegrityError:
        refused = 1
    assert refused == (connection.vendor == "postgresql")


def at_once(*acts) -> list[str]:
    """Run all acts at the same moment, each in its own thread and connection."""
    start = Barrier(len(acts))

    def run(act) -> str:
        try:
            start.wait()
            act()
        except ValidationError as refusal:
            return refusal.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_everybody_s_version_has_a_span_and_one_is_live(self):
        article = an_article()
        acts = [lambda: Article.objects.get(pk=article.pk).publish(by=None)] * 6
        assert at_once(*acts) == ["done"] * 6
        versions = list(article.publications.order_by("starts_at"))
        assert [version.ends_at for version in versions] == [
            version.starts_at for version in versions[1:]
        ] + [None]
        assert Publication.objects.live().count() == 1

    def test_the_same_instant_is_given_to_one(self):
        article = an_article()
        at = timezone.now() + timedelta(days=1)
        assert at_once(*[lambda: article.publish(by=None, at=at)] * 4) == ["done"] * 4
        assert Publication.objects.live(at).count() == 1
        assert article.publications.seen().count() == 1

    def test_publishing_and_withdrawing_never_leave_two(self):
        article = an_article()
        article.publish(by=None)
        publish, withdraw = (
            (lambda: article.publish(by=None)),
            (lambda: article.withdraw(by=None, reason="误")),
        )
        outcome = Counter(at_once(publish, withdraw, publish, withdraw))
        assert outcome["done"] + outcome["not_published"] == 4
        assert outcome["done"] >= 3
        for earlier, later in pairwise(article.publications.seen().order_by("starts_at")):
            assert earlier.ends_at <= later.starts_at

    def test_publishing_from_forms_opened_at_the_same_instant(self):
        article = an_article()
        at = timezone.now()
        outcome = Counter(at_once(*[lambda: article.publish(by=None, at=at)] * 4))
        assert outcome == {"done": 1, "changed_meanwhile": 3}
        assert article.publications.get().ends_at is None
