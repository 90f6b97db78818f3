"""Cache query results and rendered parts of pages in the memory of this process.

See docs/decisions/0001-site-version-invalidates-every-cache.md,
docs/decisions/0002-editors-see-their-changes-at-once.md and
docs/decisions/0004-cached-template-fragments.md.
"""

import contextlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple

from django.db import Error, connections

from web.models import content_changed
from web.request_state import request_state
from web.site_version import MAX_AGE_SECONDS, SiteVersion, VersionTracker, version_tracker

MAX_ENTRIES = 500


class CacheEntry(NamedTuple):
    version: SiteVersion
    created_at: float
    value: Any


class ObjectCache:
    """Values that are valid for one site version, MAX_AGE_SECONDS at most."""

    def __init__(self, tracker: VersionTracker) -> None:
        self.tracker = tracker
        self.lock = Lock()
        self.clear()

    def clear(self, **signal: Any) -> None:
        self.entries: OrderedDict[Hashable, CacheEntry] = OrderedDict()

    def get_or_compute(self, key: Hashable, compute: Callable[[], Any]) -> Any:
        """Return the cached value of `key`, or compute and store it.

        None is not stored, so that requests for missing objects cannot fill the cache.
        """
        if request_state.is_signed_in and "replica" in connections:
            # Computed from the primary, which may be newer than the version of the replica.
            return compute()
        self._refresh_version()
        entries = self.entries
        version = self.tracker.version
        if version is None or version.is_over:
            return compute()
        entry = entries.get(key)
        if entry and entry.version == version and monotonic() - entry.created_at < MAX_AGE_SECONDS:
            return entry.value
        created_at = monotonic()
        value = compute()
        if value is None:
            return None
        with self.lock:
            entries[key] = CacheEntry(version, created_at, value)
            entries.move_to_end(key)
            if len(entries) > MAX_ENTRIES:
                entries.popitem(last=False)
        return value

    def _refresh_version(self) -> None:
        """Read the site version once in each request; management commands cache nothing."""
        if not request_state.checks_version:
            return
        request_state.checks_version = False
        if request_state.is_signed_in or self.tracker.is_due():
            with contextlib.suppress(Error):  # the page itself raises it again
                self.tracker.refresh()


object_cache = ObjectCache(version_tracker)
content_changed.connect(object_cache.clear)
