"""The record of timed commands."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from axes.models import AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from operations.models import TimerRun
from operations.timers import PERIODS
from seo import push as pushing

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", sorted(PERIODS.keys() - {"backup"}))  # tests/deploy/test_backup.py
def test_timed_command_records_a_run(name, clock):
    call_command(name, stdout=StringIO())
    run = TimerRun.objects.get()
    assert (run.name, str(run), run.succeeded_at, run.failed_at) == (name, name, clock.now, None)
    assert run.machine
    clock.move(minutes=1)
    call_command(name, stdout=StringIO())
    assert TimerRun.objects.get().succeeded_at == clock.now


def test_timed_command_records_a_failure_until_it_succeeds(settings, clock, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(pushing, "IndexNow", None)
        settings.INDEXNOW_KEY = "12345678"
        with pytest.raises(TypeError):
            call_command("push_addresses")
    run = TimerRun.objects.get()
    assert run.has_failed
    assert run.error.startswith("TypeError: ")
    clock.move(minutes=1)
    settings.INDEXNOW_KEY = ""
    call_command("push_addresses")
    assert not TimerRun.objects.get().has_failed


def test_clearsessions_deletes_expired_sessions():
    for days in [-1, 1]:
        Session.objects.create(
            session_key=f"x{days}", expire_date=timezone.now() + timedelta(days=days)
        )
    call_command("clearsessions", stdout=StringIO())
    assert [session.session_key for session in Session.objects.all()] == ["x1"]


def test_clearsessions_keeps_logins_for_190_days(clock):
    for days in [189, 191]:
        clock.reset()
        clock.move(days=-days)
        AccessLog.objects.create(username=f"{days}")
    clock.reset()
    call_command("clearsessions", stdout=StringIO())
    assert [login.username for login in AccessLog.objects.all()] == ["189"]


def test_periods_name_every_timer_of_deploy():
    services = (timer.read_text() for timer in (settings.BASE_DIR / "deploy").glob("*.service"))
    timers = (timer.read_text() for timer in (settings.BASE_DIR / "deploy").glob("*.timer"))
    named = {name for text in services for name in re.findall(r"manage.py ([a-z]\w+) /", text)}
    named |= {name for text in timers for name in re.findall(r"manage@(\w+)", text)}
    assert named == PERIODS.keys() | {"deliver_search"}  # only with OpenSearch
