"""What search engines are told of the site: robots.txt, and a sitemap index with its files.

Each room registers its kinds of pages in its own `sitemaps.py`. A file holds a span of keys, so that reading one costs
the same at any size of the house, and no address ever moves to another file.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from django.conf import settings
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from magazine.changes import Change
from magazine.models import Magazine, Page
from magazine.pagecache import shared

ADDRESSES = 25_000  # in a file at most; sitemaps.org allows 50,000, which a busy machine takes too long to write
CHUNK = 2_000
NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


class Section:
    """One kind of page: its view, the fields that make its address, and the key by which files are parted."""

    view: str
    fields: list[str]
    key = "id"

    def rows(self) -> QuerySet:
        """Everything of the kind that readers can see now; `changed` says since when it stands as it does."""

    def files(self) -> Iterator[tuple[int, datetime | None]]:
        """The numbers of the files that hold something, each with the newest change in it."""
        rows, last = self.rows(), 0
        while (
            key := rows.filter(**{f"{self.key}__gt": last}).order_by(self.key).values_list(self.key, flat=True).first()
        ):
            number = (key - 1) // ADDRESSES + 1
            last = number * ADDRESSES
            yield number, self.newest(number)

    def newest(self, number: int) -> datetime | None:
        """When a file changed last."""
        return self.file(number).aggregate(newest=Max("changed"))["newest"]

    def file(self, number: int) -> QuerySet:
        return self.span(self.rows(), number).order_by(self.key)

    def span(self, rows: QuerySet, number: int) -> QuerySet:
        last = number * ADDRESSES
        return rows.filter(**{f"{self.key}__gt": last - ADDRESSES, f"{self.key}__lte": last})

    def entries(self, number: int) -> Iterator[tuple[str, datetime | None]]:
        """The addresses of one file, each with the instant since which it stands as it does."""
        path = self.path()
        found = self.file(number).values_list("changed", *self.fields).iterator(CHUNK)
        return ((path.format(*values), changed) for changed, *values in found)

    def path(self) -> str:
        """The address with a place for every field in it: to ask the URLconf for every one would take too long."""
        places = range(9001, 9001 + len(self.fields))
        path = reverse(self.view, args=places)
        for place in places:
            path = path.replace(str(place), "{}")
        return path

    def changes(self, since: datetime, until: datetime) -> Iterable[Change]:
        """What search engines are told of at once, the oldest change first. Most kinds of pages can wait."""
        return []


class Addresses(Section):
    """Pages that are rows of no table: few enough for one file."""

    def addresses(self) -> list[tuple[str, datetime | None]]:
        """Each with the instant since which it stands as it does, if that is known."""

    def files(self) -> Iterator[tuple[int, datetime | None]]:
        if addresses := self.addresses():
            yield 1, max((changed for _path, changed in addresses if changed), default=None)

    def entries(self, number: int) -> Iterator[tuple[str, datetime | None]]:
        return iter(self.addresses() if number == 1 else [])


class TimedSection(Section):
    """Pages of what is live for a span of time."""

    instants = ["starts_at", "ends_at"]  # at which a page of it may come, change or go

    def everything(self) -> QuerySet:
        """Whatever was, is or will be live."""

    def newest(self, number: int) -> datetime | None:
        """A file changes also when something leaves it."""
        now = timezone.now()
        begun = self.span(self.everything(), number).filter(starts_at__lte=now).exclude(ends_at=F("starts_at"))
        found = {name: Max(name, filter=Q(**{f"{name}__lte": now})) for name in self.instants}
        # The count keeps PostgreSQL from looking for the newest in the order of time, through the whole table.
        newest = begun.aggregate(**{f"last_{name}": last for name, last in found.items()}, count=Count("*"))
        del newest["count"]
        return max(filter(None, newest.values()), default=None)

    def changes(self, since: datetime, until: datetime) -> Iterable[Change]:
        live = self.everything().live(until)
        begun = live.filter(starts_at__gte=since)
        ended = self.everything().filter(ends_at__gte=since, ends_at__lte=until, ends_at__gt=F("starts_at"))
        ended = ended.exclude(Exists(live.filter(**{self.key: OuterRef(self.key)})))
        path = self.path()
        changes = [Change(at, path.format(*values), True) for at, *values in self._instants(begun, "starts_at")]
        changes += [Change(at, path.format(*values), False) for at, *values in self._instants(ended, "ends_at")]
        return sorted(changes)

    def _instants(self, rows: QuerySet, name: str) -> Iterator[tuple]:
        return rows.order_by().values_list(name, *self.fields).iterator(CHUNK)


sections: dict[str, Section] = {}


def register(name: str, section: Section) -> None:
    sections[name] = section


class Pages(Section):
    view, fields = "magazine:page", ["slug"]

    def rows(self) -> QuerySet:
        return Page.objects.annotate(changed=F("updated_at"))


class PastIssues(Addresses):
    """The lists of all issues. When an issue came out is a day and no instant: they carry none."""

    def addresses(self) -> list[tuple[str, datetime | None]]:
        slugs = Magazine.objects.order_by("pk").values_list("slug", flat=True)
        return [(reverse("magazine:issues", args=[slug]), None) for slug in slugs]


register("pages", Pages())
register("pastissues", PastIssues())


@shared
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    found = ((name, *file) for name, section in sections.items() for file in section.files())
    addresses = ((reverse("magazine:sitemap", args=[name, number]), newest) for name, number, newest in found)
    return _xml("sitemapindex", "sitemap", addresses)


@shared
@require_safe
def sitemap(request: HttpRequest, name: str, number: str) -> HttpResponse:
    if name not in sections:
        raise Http404
    entries = sections[name].entries(int(number))
    return _xml("urlset", "url", entries)


@shared
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    refused = [reverse("admin:index"), "/search/"]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in refused), "Allow: /", ""]
    lines.append(f"Sitemap: {settings.SITE_URL}{reverse('magazine:sitemap_index')}\n")
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def _xml(root: str, tag: str, entries: Iterable[tuple[str, datetime | None]]) -> HttpResponse:
    """Addresses of ours need no escaping: slugs and numbers make them. A file without any does not exist."""
    site = settings.SITE_URL
    elements = "".join(f"<{tag}><loc>{site}{path}</loc>{_lastmod(changed)}</{tag}>\n" for path, changed in entries)
    if not elements:
        raise Http404
    content = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} {NAMESPACE}>\n{elements}</{root}>\n'
    return HttpResponse(content, content_type="application/xml")


def _lastmod(changed: datetime | None) -> str:
    return f"<lastmod>{changed.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</lastmod>" if changed else ""
