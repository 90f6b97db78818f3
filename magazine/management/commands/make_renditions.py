from collections.abc import Iterator

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand

from magazine.renditions import make_renditions, size_of

PROGRESS = 100


class Command(BaseCommand):
    help = "Make the renditions of stored pictures that are missing, such as after a restore without them."

    def handle(self, **options) -> None:
        looked_at = made = 0
        for name in pictures("pictures"):
            made += self.make(name)
            looked_at += 1
            if looked_at % PROGRESS == 0:
                self.stdout.write(f"{looked_at} pictures, {made} renditions made")
        self.stdout.write(f"{looked_at} pictures, {made} renditions made: done")

    def make(self, name: str) -> int:
        try:
            return make_renditions(name)
        except OSError as error:  # what Pillow raises for a broken file, too
            self.stderr.write(f"{name}: {error}")
            return 0


def pictures(folder: str) -> Iterator[str]:
    """The pictures in a folder of the storage and in those below."""
    if not default_storage.exists(folder):
        return
    folders, files = default_storage.listdir(folder)
    for name in sorted(files):
        if size_of(name):
            yield f"{folder}/{name}"
    for name in sorted(folders):
        yield from pictures(f"{folder}/{name}")
