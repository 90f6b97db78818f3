"""Cache whole pages in the memory of each worker, in front of Django.

Views mark the pages that are the same for every reader with `@cacheable`. A page is valid for
the site version at which its rendering began, and for MAX_AGE_SECONDS at most. While the
database does not answer, cached pages are served in any case.

See docs/decisions/0002-editors-see-their-changes-at-once.md and
docs/decisions/0003-page-cache-in-each-worker.md.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import Event, Lock
from time import monotonic
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.core.handlers.wsgi import get_path_info
from django.urls import Resolver404, resolve

from operations.routing import has_session_cookie
from web.poller import version_poller
from web.response import Application, CachedResponse, Environ, StartResponse
from web.site_version import MAX_AGE_SECONDS, SiteVersion

STALE_IF_ERROR_SECONDS = 24 * 3600  # RFC 5861: the age of a page that may replace an error
WAIT_SECONDS = 5  # that a request waits for another one that renders the same page
# Pages with free query parameters get this fraction of the memory of all other pages.
UNBOUNDED_FRACTION = 4
MAX_PAGE_FRACTION = 8  # a page larger than this fraction of the cache is not stored

View = TypeVar("View", bound=Callable[..., Any])
Key = tuple[str, str, str, str]

# Headers that may differ between readers of the same page. They take no part in rendering.
READER_HEADERS = {
    "HTTP_ACCEPT_ENCODING",
    "HTTP_COOKIE",
    "HTTP_RANGE",
    "HTTP_IF_RANGE",
    "HTTP_IF_NONE_MATCH",
    "HTTP_IF_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_UNMODIFIED_SINCE",
    "wsgi.file_wrapper",
}


def cacheable_with(query: str, *, unbounded_keys: bool = False) -> Callable[[View], View]:
    """Mark a view whose pages are the same for every reader.

    Pages whose query string does not match the regular expression `query` are not cached.
    Pages with free query parameters (`unbounded_keys`, search) use a separate cache, so that
    they cannot evict article pages.
    """

    def mark(view: View) -> View:
        marked: Any = view
        marked.cacheable_query = re.compile(query)
        marked.has_unbounded_keys = unbounded_keys
        return view

    return mark


cacheable = cacheable_with("")


class CacheEntry:
    """A rendered page and the site version at which its rendering began."""

    def __init__(self, response: CachedResponse, version: SiteVersion) -> None:
        self.response = response
        self.version = version
        self.created_at = monotonic()

    @property
    def age(self) -> float:
        return monotonic() - self.created_at

    def is_current(self, version: SiteVersion) -> bool:
        return self.version == version and not version.is_over

    def may_be_served(self, version: SiteVersion | None) -> bool:
        """Return whether the page may be served; `version` is None if it cannot be read."""
        if version is None:
            return self.age < STALE_IF_ERROR_SECONDS
        return self.age < MAX_AGE_SECONDS and self.is_current(version)


class LRUCache:
    """The pages that were requested last, `max_bytes` in all."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.size = 0
        self.lock = Lock()
        self.entries: OrderedDict[Key, CacheEntry] = OrderedDict()

    def get(self, key: Key) -> CacheEntry | None:
        with self.lock:
            entry = self.entries.get(key)
            if entry:
                self.entries.move_to_end(key)
            return entry

    def put(self, key: Key, entry: CacheEntry) -> None:
        if entry.response.size > self.max_bytes // MAX_PAGE_FRACTION:
            return
        with self.lock:
            self._remove(key)
            self.entries[key] = entry
            self.size += entry.response.size
            while self.size > self.max_bytes:
                oldest = next(iter(self.entries))
                self._remove(oldest)

    def _remove(self, key: Key) -> None:
        entry = self.entries.pop(key, None)
        if entry:
            self.size -= entry.response.size


class Lookup(NamedTuple):
    """One request that may be answered from a cache."""

    cache: LRUCache
    key: Key
    version: SiteVersion | None
    environ: Environ


class PageCache:
    """A WSGI application that caches the pages of another."""

    def __init__(self, application: Application, max_bytes: int) -> None:
        self.application = application
        self.bounded = LRUCache(max_bytes)
        self.unbounded = LRUCache(max_bytes // UNBOUNDED_FRACTION)
        # Other spellings of these hosts are answered too, but must not fill the cache.
        self.hosts = {*settings.ALLOWED_HOSTS, settings.SITE_URL.partition("://")[2]}
        self.scheme_header = "wsgi.url_scheme"
        if settings.SECURE_PROXY_SSL_HEADER:
            self.scheme_header = settings.SECURE_PROXY_SSL_HEADER[0]
        self.rendering: dict[Key, Event] = {}
        self.lock = Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not self._may_be_cached(environ):
            return self.application(environ, start_response)
        key = self._key(environ)
        entry = self.bounded.get(key) or self.unbounded.get(key)
        version = version_poller.latest()
        if entry and entry.may_be_served(version):
            return entry.response.send(environ, start_response)
        cache = self._cache_for(environ)
        if cache is None:
            return self.application(environ, start_response)
        response = self._coalesce(Lookup(cache, key, version, environ), entry)
        return response.send(environ, start_response)

    def _may_be_cached(self, environ: Environ) -> bool:
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return False
        if environ.get("HTTP_HOST") not in self.hosts:
            return False
        # Some servers take SCRIPT_NAME from a header, and links would begin with it.
        return not has_session_cookie(environ) and not environ.get("SCRIPT_NAME")

    def _key(self, environ: Environ) -> Key:
        return (
            environ.get(self.scheme_header, ""),
            environ["HTTP_HOST"],
            environ["PATH_INFO"],
            environ.get("QUERY_STRING", ""),
        )

    def _cache_for(self, environ: Environ) -> LRUCache | None:
        """Return the cache for the requested page, or None if it is not cacheable."""
        try:
            view: Any = resolve(get_path_info(environ)).func
        except Resolver404:
            return None
        query = getattr(view, "cacheable_query", None)
        if query is None or not query.fullmatch(environ.get("QUERY_STRING", "")):
            return None
        return self.unbounded if view.has_unbounded_keys else self.bounded

    def _coalesce(self, lookup: Lookup, entry: CacheEntry | None) -> CachedResponse:
        """Coalesce concurrent requests for one page: the first renders it, the others wait."""
        key = lookup.key
        version = lookup.version
        with self.lock:
            is_first = key not in self.rendering
            if is_first:
                self.rendering[key] = Event()
            is_rendered = self.rendering[key]
        if is_first:
            try:
                return self._render(lookup, entry)
            finally:
                with self.lock:
                    del self.rendering[key]
                is_rendered.set()
        if entry and version and entry.is_current(version):  # only its age is exceeded
            return entry.response
        has_timed_out = not is_rendered.wait(WAIT_SECONDS)
        newer = lookup.cache.get(key)
        if newer and (newer.version == version or has_timed_out):
            return newer.response
        return self._render(lookup, newer)

    def _render(self, lookup: Lookup, entry: CacheEntry | None) -> CachedResponse:
        environ = {**lookup.environ, "REQUEST_METHOD": "GET"}
        for name in READER_HEADERS:
            environ.pop(name, None)
        response = CachedResponse.from_application(self.application, environ)
        is_error = response.status.startswith("5")
        if is_error and entry and entry.age < STALE_IF_ERROR_SECONDS:
            return entry.response
        if lookup.version and response.is_public:
            response.compress()
            lookup.cache.put(lookup.key, CacheEntry(response, lookup.version))
        return response
