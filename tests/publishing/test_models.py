"""Tests of the rule of visibility, with notices as the simplest model that follows it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notices.models import Notice
from publishing.models import GRACE, future_instant
from tests.builders import a_notice

HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)


class TestFutureInstant:
    def test_future_instant_is_now_by_default(self, clock):
        assert future_instant(None) == clock.now

    @pytest.mark.parametrize(
        "away", [timedelta(0), HOUR, timedelta(days=3650), -MICROSECOND, -GRACE]
    )
    def test_future_instant_returns_its_argument(self, clock, away):
        assert future_instant(clock.now + away) == clock.now + away

    @pytest.mark.parametrize("away", [-GRACE - MICROSECOND, -HOUR, timedelta(days=-3650)])
    def test_future_instant_refuses_a_past_instant(self, clock, away):
        with pytest.raises(ValidationError) as refusal:
            future_instant(clock.now + away)
        assert refusal.value.code == "in_the_past"


@pytest.mark.django_db
class TestLive:
    @pytest.mark.parametrize(
        ("starts", "ends", "live"),
        [
            (None, None, False),
            (None, HOUR, False),
            (-HOUR, None, True),
            (timedelta(0), None, True),
            (MICROSECOND, None, False),
            (-HOUR, MICROSECOND, True),
            (-HOUR, timedelta(0), False),
            (timedelta(0), timedelta(0), False),
            (-HOUR, -HOUR, False),
            (HOUR, HOUR, False),
        ],
    )
    def test_live_is_true_from_the_start_until_before_the_end(self, clock, starts, ends, live):
        starts_at, ends_at = (None if away is None else clock.now + away for away in (starts, ends))
        notice = a_notice(starts_at=starts_at, ends_at=ends_at)
        assert Notice.objects.live().exists() is live
        assert notice.is_live() is live

    def test_live_accepts_another_instant(self, clock):
        notice = a_notice(starts_at=clock.in_(hours=1), ends_at=clock.in_(hours=2))
        seen = {hours: notice.is_live(clock.in_(hours=hours)) for hours in range(4)}
        assert seen == {0: False, 1: True, 2: False, 3: False}
        assert {
            hours: Notice.objects.live(clock.in_(hours=hours)).exists() for hours in range(4)
        } == seen

    @settings(
        max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(st.none() | st.integers(-3, 3), st.none() | st.integers(0, 3), st.integers(-5, 5))
    def test_live_is_equal_for_queryset_and_row(self, clock, starts, lasts, away):
        starts_at = None if starts is None else clock.in_(minutes=starts)
        ends_at = None if starts is None or lasts is None else starts_at + timedelta(minutes=lasts)
        notice = a_notice(starts_at=starts_at, ends_at=ends_at)
        at = clock.in_(minutes=away)
        assert Notice.objects.live(at).filter(pk=notice.pk).exists() is notice.is_live(at)

    def test_row_cannot_end_before_it_starts(self, clock):
        notice = Notice(
            title="公告", body="<p>文</p>", starts_at=clock.now, ends_at=clock.in_(seconds=-1)
        )
        with pytest.raises(ValidationError) as refusal:
            notice.full_clean()
        assert [error.code for error in refusal.value.error_dict["ends_at"]] == [
            "ends_before_start"
        ]
        with pytest.raises(IntegrityError), transaction.atomic():
            notice.save()


class TestIsScheduled:
    def test_is_scheduled_before_the_start(self, clock):
        assert Notice(starts_at=clock.in_(hours=1)).is_scheduled
        assert Notice(starts_at=clock.in_(hours=1), ends_at=clock.in_(hours=2)).is_scheduled

    def test_is_scheduled_is_false_when_live_or_cancelled(self, clock):
        later = clock.in_(hours=1)
        for span in [{}, {"starts_at": clock.now}, {"starts_at": later, "ends_at": later}]:
            assert not Notice(**span).is_scheduled
