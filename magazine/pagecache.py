"""Pages that are the same for everybody, kept in each worker's memory as they are sent: a hit never reaches Django.

Views say which pages these are (`shared`). A page is served for as long as the site stands as it did before its
rendering began (magazine/freshness.py), and not longer than a minute, because what is counted changes without a word.
While the database is away, it is served nonetheless.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import Event, Lock
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import get_path_info
from django.urls import Resolver404, resolve

from magazine.freshness import LIFE, State, freshness
from magazine.packing import Answer
from operations.routing import is_signed_in

LAST_RESORT = 24 * 3600  # seconds for which a page may stand in for one that cannot be rendered
MADE_UP = 4  # pages whose addresses readers make up get one part in so many of the room for all others, beside it
PATIENCE = 5  # seconds for which readers wait while another has the same page rendered

Environ = dict[str, Any]
Key = tuple[str, str, str, str]

# What may make an answer another one for another reader. None of it takes part in rendering what is kept.
OF_THE_READER = {"HTTP_ACCEPT_ENCODING", "HTTP_COOKIE", "HTTP_RANGE", "HTTP_IF_RANGE", "wsgi.file_wrapper"}
OF_THE_READER |= {f"HTTP_IF_{condition}" for condition in ("NONE_MATCH", "MATCH", "MODIFIED_SINCE", "UNMODIFIED_SINCE")}


def shared_with(query: str, *, made_up: bool = False) -> Callable:
    """Marks a view whose pages are the same for everybody. Query strings of no such form are answered, and not kept.

    Are they what readers make up, then there are pages without end: these have a memory of their own, and drive out
    only each other.
    """

    def mark(view: Callable) -> Callable:
        view.shared_query, view.is_made_up = re.compile(query), made_up
        return view

    return mark


shared = shared_with("")


class Kept:
    """A page in the memory of this process."""

    def __init__(self, answer: Answer, state: State):
        self.answer, self.state, self.since = answer, state, monotonic()

    @property
    def age(self) -> float:
        return monotonic() - self.since

    def stands(self, state: State) -> bool:
        return self.state == state and not state.is_over

    def may_be_given(self, state: State | None) -> bool:
        """If nobody can say how the site stands, as the last resort."""
        return self.age < LAST_RESORT if state is None else self.age < LIFE and self.stands(state)


class Memory:
    """The pages that were asked for last, in so many bytes at most."""

    def __init__(self, size: int):
        self.size, self.filled, self.lock = size, 0, Lock()
        self.pages: OrderedDict[Key, Kept] = OrderedDict()

    def get(self, key: Key) -> Kept | None:
        with self.lock:
            if kept := self.pages.get(key):
                self.pages.move_to_end(key)
            return kept

    def put(self, key: Key, kept: Kept) -> None:
        with self.lock:
            self._drop(key)
            self.pages[key] = kept
            self.filled += kept.answer.weight
            while self.filled > self.size:
                self._drop(next(iter(self.pages)))

    def _drop(self, key: Key) -> None:
        if kept := self.pages.pop(key, None):
            self.filled -= kept.answer.weight


class PageCache:
    """A WSGI application in front of another."""

    def __init__(self, application: Callable, size: int):
        self.application, self.memory, self.made_up = application, Memory(size), Memory(size // MADE_UP)
        # Other spellings of these hosts are answered, too, but nobody shall fill the memory with them.
        self.hosts = {*settings.ALLOWED_HOSTS, settings.SITE_URL.partition("://")[2]}
        self.scheme = settings.SECURE_PROXY_SSL_HEADER[0] if settings.SECURE_PROXY_SSL_HEADER else "wsgi.url_scheme"
        self.rendering: dict[Key, Event] = {}
        self.lock = Lock()

    def __call__(self, environ: Environ, start_response: Callable) -> Iterable[bytes]:
        is_reading = environ["REQUEST_METHOD"] in {"GET", "HEAD"} and environ.get("HTTP_HOST") in self.hosts
        # Links would begin with SCRIPT_NAME, which some servers take from a header.
        if not is_reading or is_signed_in(environ) or environ.get("SCRIPT_NAME"):
            return self.application(environ, start_response)
        scheme = environ.get(self.scheme, "")
        key = (scheme, environ["HTTP_HOST"], environ["PATH_INFO"], environ.get("QUERY_STRING", ""))
        kept, state = self.memory.get(key) or self.made_up.get(key), freshness.known()
        if kept and kept.may_be_given(state):
            return kept.answer.give(environ, start_response)
        memory = self._memory_for(environ)
        if memory is None:
            return self.application(environ, start_response)
        return self._page(memory, key, kept, state, environ).give(environ, start_response)

    def _memory_for(self, environ: Environ) -> Memory | None:
        """Where a page is kept, if it may be."""
        try:
            view = resolve(get_path_info(environ)).func
        except Resolver404:
            return None
        query = getattr(view, "shared_query", None)
        if query is None or not query.fullmatch(environ.get("QUERY_STRING", "")):
            return None
        return self.made_up if view.is_made_up else self.memory

    def _page(self, memory: Memory, key: Key, kept: Kept | None, state: State | None, environ: Environ) -> Answer:
        """Of many who ask for a page at once, one has it rendered, and the others wait."""
        with self.lock:
            if is_first := key not in self.rendering:
                self.rendering[key] = Event()
            rendered = self.rendering[key]
        if is_first:
            try:
                return self._rendered(memory, key, kept, state, environ)
            finally:
                with self.lock:
                    del self.rendering[key]
                rendered.set()
        if kept and state and kept.stands(state):  # only its minute is over
            return kept.answer
        is_over = rendered.wait(PATIENCE)
        newer = memory.get(key)
        if newer and (newer.state == state or not is_over):
            return newer.answer
        return self._rendered(memory, key, newer, state, environ)

    def _rendered(self, memory: Memory, key: Key, kept: Kept | None, state: State | None, environ: Environ) -> Answer:
        asked = {name: value for name, value in environ.items() if name not in OF_THE_READER}
        answer = Answer.of(self.application, asked | {"REQUEST_METHOD": "GET"})
        if answer.status.startswith("5") and kept and kept.age < LAST_RESORT:
            return kept.answer
        if state and answer.is_for_everybody:
            answer.pack()
            if answer.weight <= memory.size // 8:
                memory.put(key, Kept(answer, state))
        return answer
