from datetime import timedelta
from threading import Event

from django.utils import timezone

from web.poller import WAIT_SECONDS, VersionPoller
from web.site_version import VersionTracker


def test_latest_waits_once_for_a_database_that_hangs(monkeypatch):
    """The database neither answers nor fails."""
    answer, hung = Event(), VersionPoller(VersionTracker())
    monkeypatch.setattr(hung.tracker, "refresh", answer.wait)
    monkeypatch.setattr("web.poller.IDLE_SECONDS", 0)
    begun = timezone.now()
    assert [hung.latest() for _ in range(20)] == [None] * 20
    assert timezone.now() - begun < 10 * timedelta(seconds=WAIT_SECONDS)
    answer.set()
    hung.thread.join()
