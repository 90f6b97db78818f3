"""The newest notices in full."""

from datetime import datetime

from django.db.models import Subquery
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from notices.models import Notice
from seo.atom import MAX_ENTRIES, AtomFeed, FeedState, with_absolute_links
from web.addresses import absolute


class NoticesFeed(AtomFeed):
    def get_object(self, request: HttpRequest) -> FeedState:
        """Notices are edited in place: when each was saved last says what state the feed is in."""
        ended = (
            Notice.objects.filter(ends_at__lte=timezone.now())
            .order_by("-ends_at")
            .values("ends_at")[:1]
        )
        newest = Notice.objects.live().for_cards().annotate(ended=Subquery(ended))
        rows = list(newest.values_list("pk", "starts_at", "updated_at", "ended")[:MAX_ENTRIES])
        return FeedState.of(
            _("Notices"), rows, rows, (instant for row in rows for instant in row[1:])
        )

    def subject_name(self, subject: str) -> str:
        return subject

    def link(self, contents: FeedState) -> str:
        return absolute(reverse("notices:notices"))

    def feed_url(self, contents: FeedState) -> str:
        return absolute(reverse("notices:feed"))

    def items(self, contents: FeedState) -> list[Notice]:
        keys = [row[0] for row in contents.rows]
        found = Notice.objects.prefetch_related("contacts").in_bulk(keys)
        return [found[key] for key in keys]

    def item_pubdate(self, item: Notice) -> datetime:
        return item.starts_at

    def item_updateddate(self, item: Notice) -> datetime:
        return max(item.starts_at, item.updated_at)

    def item_extra_kwargs(self, item: Notice) -> dict:
        html = render_to_string("notices/_body.html", {"notice": item})
        return {
            "authors": [item.signature] if item.signature else [],
            "content": with_absolute_links(html, self.item_link(item)),
        }
