"""Cache backend: Redis, with the memory of this process as a fallback.

While Redis is down, hangs or is full, each process uses its own memory. One request in
circuit_breaker.PAUSE_SECONDS tries Redis again, and waits for it TIMEOUT_SECONDS twice at most.
See docs/decisions/0048-redis-may-fail-at-any-time.md.
"""

from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache as BaseRedisCache
from redis.exceptions import RedisError

from operations.circuit_breaker import CircuitBreaker

TIMEOUT_SECONDS = 0.1  # to connect, and again to answer

breaker = CircuitBreaker("Redis")


def _with_fallback(name: str) -> Callable[..., Any]:
    """Return a cache method that calls Redis, or the memory cache while Redis fails."""
    redis_method = getattr(BaseRedisCache, name)

    def method(self: "RedisCache", *args: Any, **kwargs: Any) -> Any:
        if breaker.allows_request():
            try:
                value = redis_method(self, *args, **kwargs)
            except (RedisError, OSError) as error:
                breaker.record_failure(error)
            else:
                breaker.record_success()
                return value
        fallback = getattr(self.memory, name)
        return fallback(*args, **kwargs)

    return method


class RedisCache(BaseRedisCache):
    """Django's Redis backend with short timeouts, a circuit breaker and a fallback."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = {
            "socket_connect_timeout": TIMEOUT_SECONDS,
            "socket_timeout": TIMEOUT_SECONDS,
        }
        options.update(params.get("OPTIONS", {}))
        super().__init__(server, {**params, "OPTIONS": options})
        self.memory = LocMemCache("redis fallback", {})

    @property
    def is_unavailable(self) -> bool:
        return breaker.is_open

    add = _with_fallback("add")
    get = _with_fallback("get")
    set = _with_fallback("set")
    touch = _with_fallback("touch")
    delete = _with_fallback("delete")
    get_many = _with_fallback("get_many")
    has_key = _with_fallback("has_key")
    incr = _with_fallback("incr")
    set_many = _with_fallback("set_many")
    delete_many = _with_fallback("delete_many")
    clear = _with_fallback("clear")
