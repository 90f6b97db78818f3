"""(h) The site with page and object caches off, except for entries that all pages share."""

from collections.abc import Callable, Hashable
from typing import Any

from magazine.wsgi import application as application
from web.object_cache import object_cache

SHARED_KEYS = {"site", "nav paths", "notices", "last_begun"}

get_or_compute = object_cache.get_or_compute


def compute_unless_shared(key: Hashable, compute: Callable[[], Any]) -> Any:
    if key in SHARED_KEYS:
        return get_or_compute(key, compute)
    return compute()


object_cache.get_or_compute = compute_unless_shared
