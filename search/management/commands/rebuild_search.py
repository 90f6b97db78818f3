import time
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from search.index import Source, remove, sources
from search.models import Entry
from web.models import ContentChange

BATCH_SIZE = 200
BAR_WIDTH = 30  # characters


class Command(BaseCommand):
    """See docs/decisions/0037-rebuild-search-writes-in-place.md."""

    help = (
        "Index all documents again while the site runs, or report missing and stale ones (--check)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="only report missing and stale documents, and write nothing",
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        self.started_at = time.monotonic()
        if check:
            self.check_all()
        else:
            self.rebuild_all()

    def check_all(self) -> None:
        """Fail if a document is missing or stale."""
        count = self.entries_of_unknown_kinds().count()
        for source in sources.values():
            count += self.check_source(source)
        if count:
            raise CommandError(f"{count} documents are missing or stale: run rebuild_search.")

    def rebuild_all(self) -> None:
        unknown = self.entries_of_unknown_kinds()
        for kind in set(unknown.values_list("kind", flat=True)):
            keys = unknown.filter(kind=kind).values_list("key", flat=True)
            remove(kind, list(keys))
        for source in sources.values():
            self.rebuild(source)
        # Pages that were rendered meanwhile may lack results.
        ContentChange.record(Entry.objects.db)

    def entries_of_unknown_kinds(self) -> Any:
        """Return the entries of kinds that no app registers any more."""
        return Entry.objects.exclude(kind__in=sources)

    def rebuild(self, source: Source) -> None:
        source.remove(list(source.orphans().values_list("key", flat=True)))
        for keys in self.batches(source):
            # A transaction that saves one of these rows waits for the lock, and indexes the row
            # after this one.
            with transaction.atomic():
                rows = source.rows().select_for_update(of=("self",))
                source.index_rows(rows.filter(pk__in=keys).order_by("pk"))

    def check_source(self, source: Source) -> int:
        """Return the number of missing and stale documents of a source."""
        count = source.orphans().count()
        for keys in self.batches(source):
            count += len(source.stale_keys(source.rows().filter(pk__in=keys)))
        if count:
            self.stdout.write(f"{source.kind}: {count} missing or stale")
        return count

    def batches(self, source: Source) -> Iterator[list[int]]:
        """Yield the primary keys of all rows in batches, and print the progress."""
        keys = list(source.model._default_manager.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(keys), BATCH_SIZE):
            yield keys[start : start + BATCH_SIZE]
            self.print_progress(source.kind, min(start + BATCH_SIZE, len(keys)), len(keys))

    def print_progress(self, kind: str, done: int, count: int) -> None:
        """Print a progress bar: over itself on a terminal, a new line for each step in a log."""
        bar = "#" * (BAR_WIDTH * done // count)
        seconds = time.monotonic() - self.started_at
        replaces_line = done < count and self.stdout.isatty()
        self.stdout.write(
            f"{kind:<12}[{bar:<{BAR_WIDTH}}] {done} of {count}, {seconds:.0f} s",
            ending="\r" if replaces_line else "\n",
        )
