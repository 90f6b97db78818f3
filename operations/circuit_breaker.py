"""What has failed is left alone for a while: then one request tries it again, and the others go on without."""

import logging
from threading import Lock
from time import monotonic

PAUSE_SECONDS = 5.0  # seconds

logger = logging.getLogger(__name__)


class CircuitBreaker:
    def __init__(self, name: str) -> None:
        self.name = name
        self.lock = Lock()
        self.until = 0.0  # none: it works

    @property
    def is_open(self) -> bool:
        return self.until > 0

    def may_try(self) -> bool:
        if not self.until:
            return True
        with self.lock:
            if monotonic() < self.until:
                return False
            self.until = monotonic() + PAUSE_SECONDS
            return True

    def failed(self, error: Exception) -> None:
        if not self.until:
            logger.warning("%s is away, and is left alone until it is back: %s", self.name, error)
        self.until = monotonic() + PAUSE_SECONDS

    def worked(self) -> None:
        if self.until:
            self.until = 0.0
            logger.warning("%s is back.", self.name)
