import time
from collections.abc import Iterator

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from search.index import Source, remove, sources
from search.models import Entry
from web.models import ContentChange

BATCH = 200


class Command(BaseCommand):
    help = (
        "Index anew all that is searched, beside the running site; or say what is missing or stale."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing, and say what is missing or stale"
        )

    def handle(self, *, check: bool, **options) -> None:
        self.begun = time.monotonic()
        wrong = 0
        strays = Entry.objects.exclude(kind__in=sources)
        if not check:
            for kind in set(strays.values_list("kind", flat=True)):
                remove(kind, list(strays.filter(kind=kind).values_list("key", flat=True)))
        for source in sources.values():
            if check:
                wrong += self.differing(source)
            else:
                self.rebuild(source)
        if not check:
            ContentChange.record(Entry.objects.db)  # pages may have found less
        if check and wrong + strays.count():
            raise CommandError(
                f"{wrong + strays.count()} documents are missing or stale: run rebuild_search."
            )

    def rebuild(self, source: Source) -> None:
        source.remove(list(source.strays().values_list("key", flat=True)))
        for keys in self.in_batches(source):
            # Whoever saves one of these rows meanwhile waits, and indexes it after this.
            with transaction.atomic():
                source.note(
                    source.rows().select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
                )

    def differing(self, source: Source) -> int:
        wrong = source.strays().count()
        for keys in self.in_batches(source):
            wrong += len(source.differing(source.rows().filter(pk__in=keys)))
        if wrong:
            self.stdout.write(f"{source.kind}: {wrong} missing or stale")
        return wrong

    def in_batches(self, source: Source) -> Iterator[list[int]]:
        keys = list(source.model._default_manager.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(keys), BATCH):
            yield keys[start : start + BATCH]
            self.say(source.kind, min(start + BATCH, len(keys)), len(keys))

    def say(self, kind: str, done: int, count: int) -> None:
        """A bar that is drawn over itself on a terminal, and a line for each step in a log."""
        bar = "#" * (30 * done // count)
        is_last = done == count
        ending = "\n" if is_last or not self.stdout.isatty() else "\r"
        self.stdout.write(
            f"{kind:<12}[{bar:<30}] {done} of {count}, {time.monotonic() - self.begun:.0f} s",
            ending=ending,
        )
