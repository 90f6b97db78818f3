"""/healthz, /readyz and /metrics, and the health checks."""

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
def healthy_site(settings):
    """An installation where all health checks pass."""
    a_publisher(licence_expires_on=timezone.localdate() + timedelta(days=1000))
    for name in PERIODS:
        TimerRun.begin(name).succeed()


def results() -> dict[str, dict]:
    checks.clear()
    return json.loads(send_request("/readyz", address=HERE).content)


def levels() -> dict[str, str]:
    return {key: verdict["level"] for key, verdict in results().items()}


class TestHealthz:
    def test_healthz_needs_no_host_and_no_database(self, settings, monkeypatch):
        settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = [], True
        monkeypatch.setattr(
            connection, "ensure_connection", lambda: pytest.fail("asks the database")
        )
        response = send_request("/healthz", host="10.0.0.7:8000")
        assert (response.status, response.text) == (200, "alive\n")
        assert response.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in response.headers

    @pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
    def test_endpoints_allow_get_and_head_only(self, path):
        assert send_request(path, "POST", address=HERE).status == 405
        assert send_request(path, "HEAD", address=HERE).content == b""


class TestReadyz:
    def test_readyz_is_one_word_for_the_public(self, healthy_site):
        response = send_request("/readyz")
        assert (response.status, response.text) == (200, "ready\n")
        MigrationRecorder(connection).record_unapplied("notices", "0001_initial")
        try:
            checks.clear()
            response = send_request("/readyz")
            assert (response.status, response.text) == (503, "unready\n")
        finally:
            MigrationRecorder(connection).record_applied("notices", "0001_initial")

    def test_readyz_lists_all_results_for_operators(self, healthy_site):
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

    def test_readyz_uses_recent_results_again(self, healthy_site, monkeypatch):
        monkeypatch.setattr("operations.checks.MAX_AGE_SECONDS", 1000)
        assert send_request("/readyz").status == 200
        TimerRun.objects.update(succeeded_at=timezone.now() - timedelta(days=4))
        assert send_request("/readyz").status == 200
        checks.clear()
        assert send_request("/readyz").status == 503

    def test_readyz_and_metrics_recognise_operators(self, healthy_site, settings):
        settings.OPS_TOKEN = TOKEN
        for address, headers, is_operator in [
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
            response = send_request("/readyz", address=address, **headers)
            assert (response.text != "ready\n") is is_operator, (address, headers)
            assert send_request("/metrics", address=address, **headers).status == (
                200 if is_operator else 403
            )

    def test_metrics_refuse_an_empty_token(self):
        assert send_request("/metrics", authorization="Bearer ").status == 403


class TestHealthChecks:
    def test_database_check_fails_without_a_connection(self, healthy_site, monkeypatch):
        def fail(self, *arguments):
            raise DatabaseError("could not connect\nand more")

        monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", fail)
        result = results()
        assert result["database"]["level"] == "bad"
        assert "could not connect" in result["database"]["says"]
        assert "and more" not in str(result)
        assert result["migrations"]["level"] == "bad"
        assert result["storage"]["level"] == "good"

    def test_hung_check_times_out_and_is_not_started_twice(self, healthy_site, monkeypatch):
        calls, release = [], threading.Event()

        def hang(self, *arguments):
            calls.append(1)
            release.wait(10)
            raise DatabaseError("gone")

        monkeypatch.setattr("operations.checks.TIMEOUT_SECONDS", 0.1)
        with monkeypatch.context() as patch:
            patch.setattr(BaseDatabaseWrapper, "ensure_connection", hang)
            assert levels()["database"] == "bad"
            count = len(calls)
            assert levels()["database"] == "bad"
            assert len(calls) == count
            release.set()
            for probe in checks.probes.values():
                probe.thread.join()

    def test_hung_check_has_the_level_of_on_timeout(self, healthy_site, monkeypatch):
        release = threading.Event()
        monkeypatch.setitem(checks.names, "silent", "silent")
        monkeypatch.setitem(checks.probes, "silent", Probe(release.wait, Level.WARNING))
        monkeypatch.setattr("operations.checks.TIMEOUT_SECONDS", 0.1)
        assert levels()["silent"] == "warning"
        release.set()

    def test_cache_check_fails_if_nothing_is_stored(self, healthy_site, settings):
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
        assert levels()["cache"] == "bad"

    def test_storage_check_fails_without_a_folder(self, healthy_site, media_root):
        shutil.rmtree(media_root)
        media_root.write_text("not a folder")
        assert levels()["storage"] == "bad"

    def test_storage_check_warns_of_a_full_disk(self, healthy_site, monkeypatch):
        monkeypatch.setattr(installation_health, "MIN_FREE_SHARE", 1.1)
        assert levels()["storage"] == "warning"

    def test_storage_check_leaves_no_file(self, healthy_site, media_root):
        results()
        assert [
            path for path in media_root.rglob("*") if path.is_file() and "cards" not in path.parts
        ] == []

    def test_migrations_check_fails_for_a_pending_migration(self, healthy_site):
        MigrationRecorder(connection).record_unapplied("notices", "0001_initial")
        try:
            result = results()["migrations"]
        finally:
            MigrationRecorder(connection).record_applied("notices", "0001_initial")
        assert result["level"] == "bad"
        assert "notices.0001_initial" in result["says"]

    def test_timers_check_reports_late_failed_and_missing_runs(self, healthy_site):
        run = TimerRun.objects.get(pk="push_addresses")
        run.fail(ValueError("x"))
        assert levels()["timers"] == "warning"
        TimerRun.objects.filter(pk=run.pk).update(
            succeeded_at=timezone.now() - timedelta(minutes=15)
        )
        result = results()["timers"]
        assert (result["level"], "push_addresses" in result["says"]) == ("bad", True)
        assert "manage@push_addresses" in result["says"]
        run.delete()
        result = results()["timers"]
        assert (result["level"], "push-addresses.timer" in result["says"]) == ("warning", True)
        TimerRun.objects.filter(pk="refresh_related").update(
            succeeded_at=timezone.now() - timedelta(days=2)
        )
        assert levels()["timers"] == "warning"
        TimerRun.objects.filter(pk="refresh_related").update(
            succeeded_at=timezone.now() - timedelta(days=4)
        )
        assert levels()["timers"] == "bad"

    def test_licence_check_reminds_before_the_end(self, healthy_site):
        expected = {91: "good", 90: "warning", 30: "warning", 7: "warning", 0: "warning", -1: "bad"}
        remedies = set()
        for days, level in expected.items():
            ends = timezone.localdate() + timedelta(days=days)
            Publisher.objects.update(licence_expires_on=ends)
            result = results()["licence"]
            assert result["level"] == level, days
            assert str(ends) in result["says"]
            remedies.add(result["remedy"])
        assert (
            len(remedies) == 5
        )  # one more pressing than the other; the last day is like the last week
        Publisher.objects.update(licence_expires_on=None)
        assert levels()["licence"] == "warning"

    def test_pushes_check_warns_after_five_failures(self, healthy_site, settings):
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

    def test_metrics_have_publications_and_ages(self, healthy_site, settings):
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

    def test_metrics_have_counters_without_the_database(self, monkeypatch):
        def fail():
            raise DatabaseError

        send_request("/notices/")
        monkeypatch.setattr(articles_health, "_counts", fail)
        values = self.values()
        assert values['magazine_requests_total{status="200",view="notices:notices"}'] >= 1
        assert 'magazine_publications{state="live"}' not in values


def test_licence_check_uses_the_local_date(healthy_site, clock):
    """At 23:59 in Beijing the date of UTC is a different one."""
    Publisher.objects.update(licence_expires_on=date(2024, 3, 3))
    clock.move(hours=11, minutes=59)
    TimerRun.objects.update(succeeded_at=clock.now)
    assert levels()["licence"] == "warning"
    clock.move(minutes=1)
    assert levels()["licence"] == "bad"
