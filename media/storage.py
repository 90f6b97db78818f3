"""Media files on the disk of this machine: complete, or not there."""

import os
from contextlib import suppress
from secrets import token_hex

from django.core.files.storage import FileSystemStorage


class MediaStorage(FileSystemStorage):
    """Give a file its name once all of it is on the disk.

    Neither a killed process nor a full disk leaves half of a file.
    """

    def _save(self, name: str, content) -> str:
        part = f"{name}.{token_hex(8)}.part"
        try:
            super()._save(part, content)
            with self.open(part) as file:
                os.fsync(file.fileno())
            os.link(self.path(part), self.path(name))
        except FileExistsError:  # another process took the name meanwhile
            return self._save(self.get_available_name(name), content)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(self.path(part))
        return name
