"""Base class of the Atom feeds. See docs/decisions/0041-feeds-are-ordered-by-date.md."""

import hashlib
import re
from collections.abc import Iterable
from datetime import date, datetime, time
from html import escape, unescape
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import condition, require_safe

from magazine.site import site
from web.addresses import absolute
from web.page_cache import cacheable

MAX_ENTRIES = 30
# Characters that XML cannot contain; pasted text may.
INVALID_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
LINK = re.compile(r'(<(?:a|img)(?: (?!href=|src=)[a-z-]+="[^"]*")* (?:href|src)=")([^"]*)')
SRCSET = re.compile(r'(<img[^>]*?) srcset="[^"]*"')


class FeedState(NamedTuple):
    """The subject and the rows of a feed, with an ETag and the instant of the last change."""

    subject: Any
    rows: list
    etag: str
    changed: datetime | None

    @classmethod
    def of(
        cls, subject: Any, rows: list, state: object, instants: Iterable[datetime | None]
    ) -> "FeedState":
        """Compute the ETag from `state`, and the last change from `instants`.

        `state` must be equal exactly as long as the entries are.
        """
        digest = hashlib.sha256(f"{site().name} {subject} {state}".encode()).hexdigest()
        changed = max(filter(None, instants), default=None)
        return cls(subject, rows, f'"{digest[:20]}"', changed)


class FullTextAtom(Atom1Feed):
    """Atom with full texts, and several authors of an entry."""

    def add_item(self, *args, **values) -> None:
        valid = {name: _valid_xml(value) for name, value in values.items()}
        super().add_item(*args, **valid)

    def add_item_elements(self, handler, item: dict) -> None:
        super().add_item_elements(handler, item)
        for name in item["authors"]:
            handler.startElement("author", {})
            handler.addQuickElement("name", name)
            handler.endElement("author")
        handler.addQuickElement("content", item["content"], {"type": "html"})


@cacheable
class AtomFeed(Feed):
    """A feed whose unchanged state is answered with 304 for one small query, `get_object`."""

    feed_type = FullTextAtom
    language = "zh-Hans"

    @method_decorator(require_safe)
    def __call__(self, request: HttpRequest, **arguments) -> HttpResponse:
        state: Any = self.get_object(request, **arguments)

        @condition(etag_func=lambda _: state.etag, last_modified_func=lambda _: state.changed)
        def respond(request: HttpRequest) -> HttpResponse:
            return self.render(state, request)

        return respond(request)

    def render(self, state: FeedState, request: HttpRequest) -> HttpResponse:
        feed: Any = self.get_feed(state, request)
        response = HttpResponse(content_type=feed.content_type)
        feed.write(response, "utf-8")
        return response

    def title(self, state: FeedState) -> str:
        names = [site().name, self.subject_name(state.subject)]
        return _valid_xml(" · ".join(filter(None, names)))

    def subject_name(self, subject: Any) -> str:
        """Return the part of the title after the site's name."""
        raise NotImplementedError

    def author_name(self) -> str:
        return _valid_xml(site().name)

    def feed_guid(self, state: FeedState) -> str:
        return tag_uri(urlsplit(self.link(state)).path)

    def item_title(self, item: Any) -> str:
        return item.title

    def item_description(self, item: Any) -> str | None:  # type: ignore[override]
        return None

    def item_link(self, item: Any) -> str:
        return absolute(item.get_absolute_url())

    def item_guid(self, item: Any) -> str:
        return tag_uri(item.get_absolute_url())


def tag_uri(path: str) -> str:
    """Return a tag URI (RFC 4151), which stays when the site's address changes.

    The year is the first in which the site owned its host name.
    """
    return f"tag:{urlsplit(settings.SITE_URL).hostname},2026:{path}"


def with_absolute_links(html: str, address: str) -> str:
    """Make links and pictures of rich text absolute, each picture in one width."""

    def make_absolute(match: re.Match) -> str:
        return match[1] + escape(urljoin(address, unescape(match[2])))

    return LINK.sub(make_absolute, SRCSET.sub(r"\1", html))


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _valid_xml(value: Any) -> Any:
    if isinstance(value, str):
        return INVALID_IN_XML.sub("", value)
    if isinstance(value, list):
        return [_valid_xml(item) for item in value]
    return value
