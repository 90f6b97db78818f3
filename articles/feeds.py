"""Atom feeds of the newest articles, in full: of the site, a magazine, a column.

See docs/decisions/0041-feeds-are-ordered-by-date.md.
"""

from datetime import datetime, timedelta
from html import escape

from django.db.models import QuerySet, Subquery
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from articles.models import Column, Publication
from magazine.models import Magazine
from seo.atom import MAX_ENTRIES, AtomFeed, FeedState, midnight, with_absolute_links
from web.addresses import absolute

# A feed contains corrected versions for this time, also if the article is older than the others.
CORRECTION_PERIOD = timedelta(days=30)


class PublicationsFeed(AtomFeed):
    def contents(self, subject, publications: QuerySet) -> FeedState:
        """Return the state of the feed; versions never change, so keys identify the content."""
        rows = rows_of_feed(publications)
        keys = []
        instants = []
        for row in rows:
            keys.append(row["pk"])
            instants += [row["starts_at"], row["ended"]]
        return FeedState.of(subject, rows, keys, instants)

    def items(self, contents: FeedState) -> list[Publication]:
        keys = [row["pk"] for row in contents.rows]
        publications = Publication.objects.defer("related").select_related("column", "magazine")
        publications_by_key = publications.in_bulk(keys)
        return [publications_by_key[key] for key in keys]

    def item_description(self, item: Publication) -> str | None:
        return escape(item.abstract, quote=False) or None

    def item_pubdate(self, item: Publication) -> datetime:
        return min(midnight(item.date), item.starts_at)

    def item_updateddate(self, item: Publication) -> datetime:
        return item.starts_at

    def item_categories(self, item: Publication) -> list[str]:
        return [item.column.title, *item.keyword_list]

    def item_extra_kwargs(self, item: Publication) -> dict:
        return {"authors": item.author_list, "content": content(item)}


class SiteFeed(PublicationsFeed):
    def get_object(self, request: HttpRequest) -> FeedState:
        return self.contents(None, Publication.objects.live())

    def subject_name(self, subject: None) -> str:
        return ""

    def link(self, contents: FeedState) -> str:
        return absolute(reverse("articles:home"))

    def feed_url(self, contents: FeedState) -> str:
        return absolute(reverse("articles:feed"))


class SubjectFeed(PublicationsFeed):
    def subject_name(self, subject: Magazine | Column) -> str:
        return subject.title

    def link(self, contents: FeedState) -> str:
        return absolute(contents.subject.get_absolute_url())

    def feed_url(self, contents: FeedState) -> str:
        return absolute(reverse(self.address, args=[contents.subject.slug]))


class MagazineFeed(SubjectFeed):
    address = "articles:magazine_feed"

    def get_object(self, request: HttpRequest, slug: str) -> FeedState:
        magazine = get_object_or_404(Magazine, slug=slug)
        return self.contents(magazine, Publication.objects.live().filter(magazine=magazine))


class ColumnFeed(SubjectFeed):
    address = "articles:column_feed"

    def get_object(self, request: HttpRequest, slug: str) -> FeedState:
        column = get_object_or_404(Column, slug=slug)
        return self.contents(column, Publication.objects.live().filter(column=column))


def rows_of_feed(publications: QuerySet) -> list[dict]:
    """Return the newest MAX_ENTRIES rows, with recently corrected ones among them.

    `ended` is the last instant at which any publication ended.
    """
    now = timezone.now()
    since = now - CORRECTION_PERIOD
    newest = publications.order_by("-date", "-article_id").values("pk")[:MAX_ENTRIES]
    corrected = publications.exclude(correction_kind="").filter(starts_at__gt=since)
    corrected = corrected.order_by("-starts_at").values("pk")[:MAX_ENTRIES]
    union = _feed_values(newest, now).union(_feed_values(corrected, now))
    rows = sorted(union, key=_date_order, reverse=True)

    def is_not_recently_corrected(row: dict) -> bool:
        return not (row["correction_kind"] and row["starts_at"] > since)

    corrected_first = sorted(rows, key=is_not_recently_corrected)
    keys = {row["pk"] for row in corrected_first[:MAX_ENTRIES]}
    return [row for row in rows if row["pk"] in keys]


def _feed_values(keys: QuerySet, now: datetime) -> QuerySet:
    ended = Publication.objects.filter(ends_at__lte=now).order_by("-ends_at").values("ends_at")
    rows = Publication.objects.filter(pk__in=keys).order_by().annotate(ended=Subquery(ended[:1]))
    return rows.values("pk", "starts_at", "ended", "correction_kind", "date", "article_id")


def _date_order(row: dict) -> tuple:
    return row["date"], row["article_id"]


def content(publication: Publication) -> str:
    """Return the correction, the cover and the text of a publication as HTML."""
    parts = []
    if publication.correction:
        parts.append(f"<p><strong>{escape(publication.correction, quote=False)}</strong></p>")
    if publication.cover:
        alt = escape(publication.cover_alt)
        parts.append(f'<figure><img src="{publication.cover.url}" alt="{alt}"></figure>')
    parts.append(publication.body)
    address = absolute(publication.get_absolute_url())
    return with_absolute_links("\n".join(parts), address)
