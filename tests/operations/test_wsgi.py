"""/healthz, /readyz and /metrics: who sees what, and what they say when something is wrong."""

import json
import shutil
import threading
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from articles import health as articles_health
from magazine.models import Publisher
from operations import health as installation_health
from operations.checks import Level, Probe, checks
from operations.models import TimerRun
from operations.timers import PERIODS
from seo.models import PushCursor
from tests.builders import a_publication, a_publisher
from tests.wsgi import send_request

pytestmark = pytest.mark.django_db(transaction=True)

HERE = "127.0.0.1"
TOKEN = "a-token-that-nobody-guesses"


@pytest.fixture
def sound(settings):
    """An installation of which nothing bad can be said."""
    a_publisher(licence_expires_on=timezone.localdate() + timedelta(days=1000))
    for name in PERIODS:
        TimerRun.begin(name).succeed()


def verdicts() -> dict[str, dict]:
    checks.clear()
    return json.loads(send_request("/readyz", address=HERE).content)


def levels() -> dict[str, str]:
    return {key: verdict["level"] for key, verdict in verdicts().items()}


class TestAlive:
    def test_needs_nothing(self, settings, monkeypatch):
        settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = [], True
        monkeypatch.setattr(
            connection, "ensure_connection", lambda: pytest.fail("asks the database")
        )
        answer = send_request("/healthz", host="10.0.0.7:8000")
        assert (answer.status, answer.text) == (200, "alive\n")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers

    @pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
    def test_is_only_asked(self, path):
        assert send_request(path, "POST", address=HERE).status == 405
        assert send_request(path, "HEAD", address=HERE).content == b""


class TestReady:
    def test_says_one_word_to_the_public(self, sound):
        answer = send_request("/readyz")
        assert (answer.status, answer.text) == (200, "ready\n")
        MigrationRecorder(connection).record_unapplied("notices", "0001_initial")
        try:
            checks.clear()
            answer = send_request("/readyz")
            assert (answer.status, answer.text) == (503, "unready\n")
        finally:
            MigrationRecorder(connection).record_applied("notices", "0001_initial")

    def test_says_to_operators_how_each_thing_is(self, sound):
        assert set(levels().values()) == {"good"}
        assert {
            "database",
            "cache",
            "storage",
            "migrations",
            "timers",
            "licence",
            "pushes",
        } == levels().keys()

    def test_is_not_found_out_at_every_question(self, sound, monkeypatch):
        monkeypatch.setattr("operations.checks.MAX_AGE_SECONDS", 1000)
        assert send_request("/readyz").status == 200
        TimerRun.objects.update(succeeded_at=timezone.now() - timedelta(days=4))
        assert send_request("/readyz").status == 200
        checks.clear()
        assert send_request("/readyz").status == 503

    def test_says_why_to_operators_alone(self, sound, settings):
        settings.OPS_TOKEN = TOKEN
        for address, headers, knows in [
            (HERE, {}, True),
            ("::1", {}, True),
            ("", {}, True),
            (HERE, {"x_real_ip": "192.0.2.1"}, False),
            (HERE, {"x_forwarded_for": HERE}, False),
            (HERE, {"forwarded": "for=127.0.0.1"}, False),
            (HERE, {"x_forwarded_proto": "https"}, False),
            ("192.0.2.1", {}, False),
            ("192.0.2.1", {"x_forwarded_for": HERE, "x_real_ip": HERE}, False),
            ("192.0.2.1", {"authorization": f"Bearer {TOKEN}"}, True),
            (HERE, {"authorization": f"Bearer {TOKEN}", "x_real_ip": "192.0.2.1"}, True),
            ("192.0.2.1", {"authorization": f"Bearer {TOKEN}x"}, False),
            ("192.0.2.1", {"authorization": f"Basic {TOKEN}"}, False),
            ("192.0.2.1", {"authorization": "Bearer "}, False),
            ("192.0.2.1", {"authorization": "Bearer \xff"}, False),
        ]:
            answer = send_request("/readyz", address=address, **headers)
            assert (answer.text != "ready\n") is knows, (address, headers)
            assert send_request("/metrics", address=address, **headers).status == (
                200 if knows else 403
            )

    def test_no_token_opens_nothing(self):
        assert send_request("/metrics", authorization="Bearer ").status == 403


class TestWhatIsWrong:
    def test_a_database_that_does_not_answer(self, sound, monkeypatch):
        def away(self, *arguments):
            raise DatabaseError("could not connect\nand more")

        monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", away)
        found = verdicts()
        assert found["database"]["level"] == "bad"
        assert "could not connect" in found["database"]["says"]
        assert "and more" not in str(found)
        assert found["migrations"]["level"] == "bad"
        assert found["storage"]["level"] == "good"

    def test_one_that_hangs_keeps_nobody_waiting_and_is_not_asked_twice(self, sound, monkeypatch):
        asked, release = [], threading.Event()

        def hang(self, *arguments):
            asked.append(1)
            release.wait(10)
            raise DatabaseError("gone")

        monkeypatch.setattr("operations.checks.TIMEOUT_SECONDS", 0.1)
        with monkeypatch.context() as patch:
            patch.setattr(BaseDatabaseWrapper, "ensure_connection", hang)
            assert levels()["database"] == "bad"
            count = len(asked)
            assert levels()["database"] == "bad"
            assert len(asked) == count
            release.set()
            for probe in checks.probes.values():
                probe.thread.join()

    def test_one_whose_silence_does_less_harm(self, sound, monkeypatch):
        release = threading.Event()
        monkeypatch.setitem(checks.names, "silent", "silent")
        monkeypatch.setitem(checks.probes, "silent", Probe(release.wait, Level.WARNING))
        monkeypatch.setattr("operations.checks.TIMEOUT_SECONDS", 0.1)
        assert levels()["silent"] == "warning"
        release.set()

    def test_a_cache_that_keeps_nothing(self, sound, settings):
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
        assert levels()["cache"] == "bad"

    def test_a_storage_that_takes_nothing(self, sound, media_root):
        shutil.rmtree(media_root)
        media_root.write_text("not a folder")
        assert levels()["storage"] == "bad"

    def test_a_disk_that_is_nearly_full(self, sound, monkeypatch):
        monkeypatch.setattr(installation_health, "MIN_FREE_SHARE", 1.1)
        assert levels()["storage"] == "warning"

    def test_nothing_is_left_behind_in_the_storage(self, sound, media_root):
        verdicts()
        assert [
            path for path in media_root.rglob("*") if path.is_file() and "cards" not in path.parts
        ] == []

    def test_migrations_that_wait(self, sound):
        MigrationRecorder(connection).record_unapplied("notices", "0001_initial")
        try:
            found = verdicts()["migrations"]
        finally:
            MigrationRecorder(connection).record_applied("notices", "0001_initial")
        assert found["level"] == "bad"
        assert "notices.0001_initial" in found["says"]

    def test_timers_that_are_late_failed_or_never_ran(self, sound):
        run = TimerRun.objects.get(pk="push_addresses")
        run.fail(ValueError("x"))
        assert levels()["timers"] == "warning"
        TimerRun.objects.filter(pk=run.pk).update(
            succeeded_at=timezone.now() - timedelta(minutes=15)
        )
        found = verdicts()["timers"]
        assert (found["level"], "push_addresses" in found["says"]) == ("bad", True)
        assert "manage@push_addresses" in found["says"]
        run.delete()
        found = verdicts()["timers"]
        assert (found["level"], "push-addresses.timer" in found["says"]) == ("warning", True)
        TimerRun.objects.filter(pk="refresh_related").update(
            succeeded_at=timezone.now() - timedelta(days=2)
        )
        assert levels()["timers"] == "warning"
        TimerRun.objects.filter(pk="refresh_related").update(
            succeeded_at=timezone.now() - timedelta(days=4)
        )
        assert levels()["timers"] == "bad"

    def test_a_licence_that_ends(self, sound):
        expected = {91: "good", 90: "warning", 30: "warning", 7: "warning", 0: "warning", -1: "bad"}
        remedies = set()
        for days, level in expected.items():
            ends = timezone.localdate() + timedelta(days=days)
            Publisher.objects.update(licence_expires_on=ends)
            found = verdicts()["licence"]
            assert found["level"] == level, days
            assert str(ends) in found["says"]
            remedies.add(found["remedy"])
        assert (
            len(remedies) == 5
        )  # one more pressing than the other; the last day is like the last week
        Publisher.objects.update(licence_expires_on=None)
        assert levels()["licence"] == "warning"

    def test_search_engines_that_have_not_been_told(self, sound, settings):
        settings.BAIDU_PUSH_TOKEN = "token"
        now = timezone.now()
        mark = PushCursor.objects.create(service="baidu", until=now, due_at=now)
        assert levels()["pushes"] == "good"
        PushCursor.objects.filter(pk=mark.pk).update(failures=5)
        assert levels()["pushes"] == "warning"


class TestMetrics:
    def values(self) -> dict[str, float]:
        lines = send_request("/metrics", address=HERE).text.splitlines()
        return {
            name: float(value)
            for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")
        }

    def test_hold_what_is_live_and_how_old_queues_are(self, sound, settings):
        settings.BAIDU_PUSH_TOKEN = "token"
        now = timezone.now()
        a_publication()
        a_publication(starts_at=now + timedelta(hours=1))
        PushCursor.objects.create(service="baidu", until=now - timedelta(hours=1), due_at=now)
        cache.clear()
        values = self.values()
        assert values['magazine_publications{state="live"}'] == 1
        assert values['magazine_publications{state="scheduled"}'] == 1
        assert 3600 <= values['magazine_push_age_seconds{service="baidu"}'] < 3700
        assert 0 <= values['magazine_timer_age_seconds{timer="push_addresses"}'] < 100

    def test_hold_the_counters_when_the_database_is_away(self, monkeypatch):
        def away():
            raise DatabaseError

        send_request("/notices/")
        monkeypatch.setattr(articles_health, "_counted", away)
        values = self.values()
        assert values['magazine_requests_total{status="200",view="notices:notices"}'] >= 1
        assert 'magazine_publications{state="live"}' not in values


def test_licence_dates_are_days_of_the_house(sound, clock):
    """Late in the evening it is another day elsewhere."""
    Publisher.objects.update(licence_expires_on=date(2024, 3, 3))
    clock.move(hours=11, minutes=59)
    TimerRun.objects.update(succeeded_at=clock.now)
    assert levels()["licence"] == "warning"
    clock.move(minutes=1)
    assert levels()["licence"] == "bad"
