"""Uploads on the disk of this machine: whole, or not there."""

import os
from contextlib import suppress
from secrets import token_hex

from django.core.files.storage import FileSystemStorage


class MediaStorage(FileSystemStorage):
    """A file gets its name when all of it is on the disk, whatever ends this process or fills the disk meanwhile."""

    def _save(self, name: str, content) -> str:
        part = f"{name}.{token_hex(8)}.part"
        try:
            super()._save(part, content)
            with self.open(part) as file:
                os.fsync(file.fileno())
            os.link(self.path(part), self.path(name))
        except FileExistsError:  # somebody was faster
            return self._save(self.get_available_name(name), content)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(self.path(part))
        return name
