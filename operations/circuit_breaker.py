"""Stop using a service that has failed; after a pause, let one request try it again.

See docs/decisions/0048-redis-may-fail-at-any-time.md.
"""

import logging
from threading import Lock
from time import monotonic

PAUSE_SECONDS = 5.0  # between two attempts

logger = logging.getLogger(__name__)


class CircuitBreaker:
    """The state of one service in this process: closed while it works, open after a failure."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lock = Lock()
        self.reset()

    def reset(self) -> None:
        """Close the circuit, without a line in the log."""
        self.retry_at = 0.0  # an instant of time.monotonic(); 0 while the service works

    @property
    def is_open(self) -> bool:
        return self.retry_at > 0

    def allows_request(self) -> bool:
        """Return whether the caller may use the service.

        While the circuit is open, one caller in PAUSE_SECONDS may.
        """
        if not self.is_open:
            return True
        with self.lock:
            if monotonic() < self.retry_at:
                return False
            self.retry_at = monotonic() + PAUSE_SECONDS
            return True

    def record_failure(self, error: Exception) -> None:
        """Open the circuit for PAUSE_SECONDS."""
        if not self.is_open:
            logger.warning("%s is unavailable and is not used meanwhile: %s", self.name, error)
        self.retry_at = monotonic() + PAUSE_SECONDS

    def record_success(self) -> None:
        """Close the circuit."""
        if self.is_open:
            self.reset()
            logger.warning("%s is available again.", self.name)
