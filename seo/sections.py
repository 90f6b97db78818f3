"""Sections of the sitemap: base classes and registry.

Each app registers its sections in its own `sitemaps.py`. A file of the sitemap holds a range of
keys: reading one costs the same at any number of rows, and no address moves to another file.
See docs/decisions/0039-sitemap-files-hold-ranges-of-keys.md.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Aggregate, Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from seo.models import AddressChange

MAX_ADDRESSES = 25_000  # of a file; sitemaps.org allows 50,000, which take a busy machine too long
CHUNK_ROWS = 2_000

# An address with the instant since which it is unchanged, if that is known.
Entry = tuple[str, datetime | None]


class Section:
    """One kind of pages: its URL name, the fields in its address, the key that numbers files."""

    url_name: str
    fields: list[str]
    key = "id"

    def rows(self) -> QuerySet:
        """Return all visible rows, annotated with `changed`, the instant of the last change."""
        raise NotImplementedError

    def files(self) -> Iterator[tuple[int, datetime | None]]:
        """Yield the number of each file that has rows, with the newest change in it."""
        rows = self.rows()
        last = 0
        while True:
            later = rows.filter(**{f"{self.key}__gt": last}).order_by(self.key)
            key = later.values_list(self.key, flat=True).first()
            if key is None:
                return
            number = (key - 1) // MAX_ADDRESSES + 1
            last = number * MAX_ADDRESSES
            yield number, self.newest_change(number)

    def newest_change(self, number: int) -> datetime | None:
        """Return the instant at which a file changed last."""
        return self.rows_of_file(number).aggregate(newest=Max("changed"))["newest"]

    def rows_of_file(self, number: int) -> QuerySet:
        return self.in_key_range(self.rows(), number).order_by(self.key)

    def in_key_range(self, rows: QuerySet, number: int) -> QuerySet:
        last = number * MAX_ADDRESSES
        return rows.filter(**{f"{self.key}__gt": last - MAX_ADDRESSES, f"{self.key}__lte": last})

    def entries(self, number: int) -> Iterator[Entry]:
        """Yield the entries of one file."""
        pattern = self.path_pattern()
        rows = self.rows_of_file(number).values_list("changed", *self.fields)
        for changed, *values in rows.iterator(CHUNK_ROWS):
            yield pattern.format(*values), changed

    def path_pattern(self) -> str:
        """Return the address with `{}` for each field: calling reverse() per row is too slow."""
        markers = range(9001, 9001 + len(self.fields))
        path = reverse(self.url_name, args=markers)
        for marker in markers:
            path = path.replace(str(marker), "{}")
        return path

    def changes(self, since: datetime, until: datetime) -> Iterable[AddressChange]:
        """Return the changes that search engines are notified of; most kinds of pages have none."""
        return []


class ListedSection(Section):
    """Pages that are no rows of a table, few enough for one file."""

    def addresses(self) -> list[Entry]:
        raise NotImplementedError

    def files(self) -> Iterator[tuple[int, datetime | None]]:
        addresses = self.addresses()
        if addresses:
            instants = [changed for _path, changed in addresses if changed]
            yield 1, max(instants, default=None)

    def entries(self, number: int) -> Iterator[Entry]:
        return iter(self.addresses() if number == 1 else [])


class TimeBoundedSection(Section):
    """Pages of rows that are live for a period."""

    instants = ["starts_at", "ends_at"]  # fields with instants at which a page may change

    def all_rows(self) -> Any:
        """Return all rows that were, are or will be live: a QuerySet with `live`."""
        raise NotImplementedError

    def newest_change(self, number: int) -> datetime | None:
        """Return the instant of the last change; a file changes also when a row ends."""
        now = timezone.now()
        rows = self.in_key_range(self.all_rows(), number)
        begun = rows.filter(starts_at__lte=now).exclude(ends_at=F("starts_at"))
        # The count stops PostgreSQL from searching the newest by time, through the whole table.
        aggregates: dict[str, Aggregate] = {"count": Count("*")}
        for name in self.instants:
            aggregates[f"last_{name}"] = Max(name, filter=Q(**{f"{name}__lte": now}))
        result = begun.aggregate(**aggregates)
        instants = [result[f"last_{name}"] for name in self.instants]
        return max(filter(None, instants), default=None)

    def changes(self, since: datetime, until: datetime) -> Iterable[AddressChange]:
        rows = self.all_rows()
        live = rows.live(until)
        begun = live.filter(starts_at__gte=since)
        ended = rows.filter(ends_at__gte=since, ends_at__lte=until, ends_at__gt=F("starts_at"))
        replaced = Exists(live.filter(**{self.key: OuterRef(self.key)}))
        pattern = self.path_pattern()
        changes = []
        for at, *values in self._values(begun, "starts_at"):
            changes.append(AddressChange(at, pattern.format(*values), is_live=True))
        for at, *values in self._values(ended.exclude(replaced), "ends_at"):
            changes.append(AddressChange(at, pattern.format(*values), is_live=False))
        return sorted(changes)

    def _values(self, rows: QuerySet, instant: str) -> Iterator[tuple]:
        return rows.order_by().values_list(instant, *self.fields).iterator(CHUNK_ROWS)


sections: dict[str, Section] = {}


def register(name: str, section: Section) -> None:
    """Register a section; `name` is a part of its files' addresses."""
    sections[name] = section
