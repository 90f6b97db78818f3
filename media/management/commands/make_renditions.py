from collections.abc import Iterator

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand

from media.renditions import make_renditions, picture_size

PROGRESS_EVERY = 100


class Command(BaseCommand):
    help = "Make missing renditions of stored pictures, such as after a restore without them."

    def handle(self, **options) -> None:
        checked = 0
        made = 0
        for name in stored_pictures("pictures"):
            made += self.make(name)
            checked += 1
            if checked % PROGRESS_EVERY == 0:
                self.stdout.write(f"{checked} pictures, {made} renditions made")
        self.stdout.write(f"{checked} pictures, {made} renditions made: done")

    def make(self, name: str) -> int:
        try:
            return make_renditions(name)
        except OSError as error:  # Pillow raises it for a broken file too
            self.stderr.write(f"{name}: {error}")
            return 0


def stored_pictures(folder: str) -> Iterator[str]:
    """Yield the names of the pictures in a folder of the storage and its subfolders."""
    if not default_storage.exists(folder):
        return
    folders, files = default_storage.listdir(folder)
    for name in sorted(files):
        if picture_size(name):
            yield f"{folder}/{name}"
    for name in sorted(folders):
        yield from stored_pictures(f"{folder}/{name}")
