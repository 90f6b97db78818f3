"""Read the site version in a thread, so that no request waits for a database that hangs.

See docs/decisions/0001-site-version-invalidates-every-cache.md and
docs/decisions/0003-page-cache-in-each-worker.md.
"""

import logging
from threading import Condition, Thread
from time import monotonic

from django.db import Error, close_old_connections, connections

from web.site_version import SiteVersion, VersionTracker, version_tracker

WAIT_SECONDS = 0.3  # that a request waits for the thread
TRUST_SECONDS = 1.5  # after which a version that was read is no longer used
IDLE_SECONDS = 30  # after which an unused thread ends and closes its connection

logger = logging.getLogger(__name__)


class VersionPoller:
    """Refresh a tracker in one daemon thread, on request."""

    def __init__(self, tracker: VersionTracker) -> None:
        self.tracker = tracker
        self.condition = Condition()
        self.thread: Thread | None = None
        self.requested_at: float | None = None  # None: no refresh is running

    def latest(self) -> SiteVersion | None:
        """Return the site version, or None if the database does not answer in time.

        Waits WAIT_SECONDS at most for all requests together that wait for one refresh.
        """
        if self.tracker.is_due():
            self._request_refresh()
        if monotonic() - self.tracker.read_at < TRUST_SECONDS:
            return self.tracker.version
        return None

    def _request_refresh(self) -> None:
        with self.condition:
            if self.requested_at is None:
                self.requested_at = monotonic()
                self.condition.notify_all()
            if self.thread is None or not self.thread.is_alive():
                self.thread = Thread(target=self._run, daemon=True)
                self.thread.start()
            timeout = self.requested_at + WAIT_SECONDS - monotonic()
            self.condition.wait_for(lambda: self.requested_at is None, max(0, timeout))

    def _run(self) -> None:
        while self._wait_for_request():
            was_failing = self.tracker.failed_at >= self.tracker.read_at
            try:
                self.tracker.refresh()
            except Error as error:
                if not was_failing:
                    logger.warning("The site version cannot be read: %s", error)
            finally:
                with self.condition:
                    self.requested_at = None
                    self.condition.notify_all()
                close_old_connections()
        connections.close_all()

    def _wait_for_request(self) -> bool:
        with self.condition:
            is_requested = self.condition.wait_for(
                lambda: self.requested_at is not None, IDLE_SECONDS
            )
            if not is_requested:
                self.thread = None
            return is_requested


version_poller = VersionPoller(version_tracker)
