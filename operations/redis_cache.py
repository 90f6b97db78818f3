"""Redis, as the cache that all machines share, whose absence nobody notices.

While it does not answer, hangs or is full, each process remembers for itself. One request in a while waits for it, no
longer than its timeouts.
"""

from collections.abc import Callable

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache as BaseRedisCache
from redis.exceptions import RedisError

from operations.circuit_breaker import CircuitBreaker

TIMEOUT = 0.1  # seconds to connect, and again to answer

breaker = CircuitBreaker("Redis")


def _forgiving(name: str) -> Callable:
    """The method of Redis; while that is away, of this process's memory."""
    ask = getattr(BaseRedisCache, name)

    def method(self, *arguments, **named):
        if breaker.may_try():
            try:
                answer = ask(self, *arguments, **named)
            except (RedisError, OSError) as error:
                breaker.failed(error)
            else:
                breaker.worked()
                return answer
        return getattr(self.memory, name)(*arguments, **named)

    return method


class RedisCache(BaseRedisCache):
    def __init__(self, server: str, params: dict) -> None:
        timeouts = {"socket_connect_timeout": TIMEOUT, "socket_timeout": TIMEOUT}
        super().__init__(server, params | {"OPTIONS": timeouts | params.get("OPTIONS", {})})
        self.memory = LocMemCache("instead of redis", {})

    @property
    def is_away(self) -> bool:
        return breaker.is_open

    add = _forgiving("add")
    get = _forgiving("get")
    set = _forgiving("set")
    touch = _forgiving("touch")
    delete = _forgiving("delete")
    get_many = _forgiving("get_many")
    has_key = _forgiving("has_key")
    incr = _forgiving("incr")
    set_many = _forgiving("set_many")
    delete_many = _forgiving("delete_many")
    clear = _forgiving("clear")
