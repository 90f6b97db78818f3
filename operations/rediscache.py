"""Redis, as the cache that all machines share, whose absence nobody notices.

When it does not answer, hangs or is full, each process remembers for itself, and Redis is left alone for a while: one
request at most waits for it then, and no longer than its timeouts.
"""

import logging
from collections.abc import Callable
from time import monotonic

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache as BaseRedisCache
from redis.exceptions import RedisError

PAUSE = 5.0  # seconds without Redis after it has failed
TIMEOUT = 0.1  # seconds that it may take to connect, and to answer

logger = logging.getLogger(__name__)


def _forgiving(name: str) -> Callable:
    """The method of Redis, or that of the memory of this process."""
    ask = getattr(BaseRedisCache, name)

    def method(self, *args, **kwargs):
        if not self.is_away or self._may_try():
            try:
                answer = ask(self, *args, **kwargs)
            except (RedisError, OSError) as error:
                self._leave_alone(error)
            else:
                self._is_back()
                return answer
        return getattr(self.memory, name)(*args, **kwargs)

    return method


class RedisCache(BaseRedisCache):
    def __init__(self, server: str, params: dict) -> None:
        params["OPTIONS"] = {"socket_connect_timeout": TIMEOUT, "socket_timeout": TIMEOUT} | params.get("OPTIONS", {})
        super().__init__(server, params)
        self.memory = LocMemCache("instead of redis", {})
        self.until = 0.0

    @property
    def is_away(self) -> bool:
        return self.until > 0
