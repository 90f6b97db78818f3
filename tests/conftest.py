import os
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from tests.wsgi import Site
from web import object_cache, poller, site_version


@pytest.fixture(autouse=True)
def nothing_cached(monkeypatch):
    """Every request asks how the site stands, and not two in a second."""
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
    """What time it is: Sunday 2024-03-03, 12:00 in Beijing, until somebody moves it."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.now = datetime(2024, 3, 3, 12, tzinfo=timezone.get_default_timezone())

    def move(self, **span) -> datetime:
        self.now += timedelta(**span)
        return self.now

    def in_(self, **span) -> datetime:
        """The instant that is so far away, or so long gone."""
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
    if thread := poller.version_poller.thread:
        thread.join()


def pytest_sessionfinish(session):
    """Where everything is installed, a test that was skipped has failed: `.ci/run` sets CI."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter.stats.get("skipped"):
        reporter.write_line("Something was skipped, and CI skips nothing.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
