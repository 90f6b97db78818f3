"""The newest articles in full: of the site, of a magazine, of a column."""

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

# So long a feed carries a correction of an article that is older than all it shows.
CORRECTIONS = timedelta(days=30)


class PublicationsFeed(AtomFeed):
    def contents(self, subject, publications: QuerySet) -> FeedState:
        """Versions are never edited: their keys say all there is to say of a state."""
        rows = shown(publications)
        instants = (instant for row in rows for instant in (row["starts_at"], row["ended"]))
        return FeedState.of(subject, rows, [row["pk"] for row in rows], instants)

    def items(self, contents: FeedState) -> list[Publication]:
        keys = [row["pk"] for row in contents.rows]
        found = (
            Publication.objects.defer("related").select_related("column", "magazine").in_bulk(keys)
        )
        return [found[key] for key in keys]

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


def shown(publications: QuerySet) -> list[dict]:
    """The newest, and among them whatever was corrected of late; with the instant at which anything ended last."""
    now = timezone.now()
    ended = Publication.objects.filter(ends_at__lte=now).order_by("-ends_at").values("ends_at")[:1]
    newest = publications.order_by("-date", "-article_id").values("pk")[:MAX_ENTRIES]
    corrected = publications.exclude(correction_kind="").filter(starts_at__gt=now - CORRECTIONS)
    corrected = corrected.order_by("-starts_at").values("pk")[:MAX_ENTRIES]
    parts = [
        Publication.objects.filter(pk__in=keys)
        .order_by()
        .annotate(ended=Subquery(ended))
        .values("pk", "starts_at", "ended", "correction_kind", "date", "article_id")
        for keys in (newest, corrected)
    ]
    rows = sorted(
        parts[0].union(parts[1]), key=lambda row: (row["date"], row["article_id"]), reverse=True
    )
    late = {
        row["pk"] for row in rows if row["correction_kind"] and row["starts_at"] > now - CORRECTIONS
    }
    kept = {row["pk"] for row in sorted(rows, key=lambda row: row["pk"] not in late)[:MAX_ENTRIES]}
    return [row for row in rows if row["pk"] in kept]


def content(publication: Publication) -> str:
    parts = []
    if publication.correction:
        parts.append(f"<p><strong>{escape(publication.correction, quote=False)}</strong></p>")
    if publication.cover:
        alt = escape(publication.cover_alt)
        parts.append(f'<figure><img src="{publication.cover.url}" alt="{alt}"></figure>')
    return with_absolute_links(
        "\n".join([*parts, publication.body]), absolute(publication.get_absolute_url())
    )
