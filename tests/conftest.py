import os
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from tests.wsgi import Site
from web import object_cache, poller, site_version


@pytest.fixture(autouse=True)
def empty_caches(monkeypatch):
    """Empty all caches, and let every request read the site version."""
    monkeypatch.setattr(site_version, "POLL_SECONDS", 0)
    cache.clear()
    site_version.version_tracker.invalidate()
    object_cache.object_cache.clear()


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.mkdir()
    return settings.MEDIA_ROOT


class Clock:
    """The current time: Sunday 2024-03-03, 12:00 in Beijing, until a test moves it."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.now = datetime(2024, 3, 3, 12, tzinfo=timezone.get_default_timezone())

    def move(self, **span) -> datetime:
        self.now += timedelta(**span)
        return self.now

    def in_(self, **span) -> datetime:
        """Return the instant after a span of time, or before it if the span is negative."""
        return self.now + timedelta(**span)


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    monkeypatch.setattr(site_version, "time", lambda: clock.now.timestamp())
    return clock


@pytest.fixture
def site(monkeypatch) -> Iterator[Site]:
    monkeypatch.setattr(poller, "IDLE_SECONDS", 0.05)
    yield Site()
    thread = poller.version_poller.thread
    if thread:
        thread.join()


def pytest_sessionfinish(session):
    """Fail in CI if a test was skipped, because everything is installed there. `.ci/run` sets CI."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter.stats.get("skipped"):
        reporter.write_line("A test was skipped, but CI must run all tests.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
