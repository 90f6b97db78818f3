"""Atom feeds: what every one of them has in common."""

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
# What XML cannot hold, though a text may: it came with something pasted.
UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
REFERENCE = re.compile(r'(<(?:a|img)(?: (?!href=|src=)[a-z-]+="[^"]*")* (?:href|src)=")([^"]*)')
OTHER_WIDTHS = re.compile(r'(<img[^>]*?) srcset="[^"]*"')


class FeedState(NamedTuple):
    """What a feed is about, the rows it shows, and what tells one state of it from another."""

    subject: Any
    rows: list
    etag: str
    changed: datetime | None

    @classmethod
    def of(
        cls, subject, rows: list, state: object, instants: Iterable[datetime | None]
    ) -> "FeedState":
        """`state` is the same as long as the rows say the same; the last of the instants is when they changed."""
        digest = hashlib.sha256(f"{site().name} {subject} {state}".encode()).hexdigest()
        return cls(subject, rows, f'"{digest[:20]}"', max(filter(None, instants), default=None))


class Atom(Atom1Feed):
    """Atom with full texts, and more than one author to each."""

    def add_item(self, *arguments, **values) -> None:
        super().add_item(*arguments, **{name: _fit(value) for name, value in values.items()})

    def add_item_elements(self, handler, item: dict) -> None:
        super().add_item_elements(handler, item)
        for name in item["authors"]:
            handler.startElement("author", {})
            handler.addQuickElement("name", name)
            handler.endElement("author")
        handler.addQuickElement("content", item["content"], {"type": "html"})


@cacheable
class AtomFeed(Feed):
    """Answers who comes again with 304 for the price of one small query, `get_object`."""

    feed_type = Atom
    language = "zh-Hans"

    @method_decorator(require_safe)
    def __call__(self, request: HttpRequest, **arguments) -> HttpResponse:
        contents = self.get_object(request, **arguments)
        known = condition(
            etag_func=lambda _: contents.etag, last_modified_func=lambda _: contents.changed
        )
        return known(lambda request: self.written(contents, request))(request)

    def written(self, contents: FeedState, request: HttpRequest) -> HttpResponse:
        feed = self.get_feed(contents, request)
        response = HttpResponse(content_type=feed.content_type)
        feed.write(response, "utf-8")
        return response

    def title(self, contents: FeedState) -> str:
        return _fit(" · ".join(filter(None, [site().name, self.subject_name(contents.subject)])))

    def subject_name(self, subject) -> str:
        """What follows the name of the house in the feed's title."""

    def author_name(self) -> str:
        return _fit(site().name)

    def feed_guid(self, contents: FeedState) -> str:
        return tag(urlsplit(self.link(contents)).path)

    def item_title(self, item) -> str:
        return item.title

    def item_description(self, item) -> str | None:
        return None

    def item_link(self, item) -> str:
        return absolute(item.get_absolute_url())

    def item_guid(self, item) -> str:
        return tag(item.get_absolute_url())


def tag(path: str) -> str:
    """A name that stays when the address of the site does not (RFC 4151); the year is that of the site's first."""
    return f"tag:{urlsplit(settings.SITE_URL).hostname},2026:{path}"


def with_absolute_links(html: str, address: str) -> str:
    """A text that also works away from its page: addresses in full, and pictures in one width."""
    html = OTHER_WIDTHS.sub(r"\1", html)
    return REFERENCE.sub(
        lambda found: found[1] + escape(urljoin(address, unescape(found[2]))), html
    )


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _fit(value):
    if isinstance(value, str):
        return UNFIT.sub("", value)
    return [_fit(each) for each in value] if isinstance(value, list) else value
