import errno
import os

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def files(root) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_storage_writes_complete_files(media_root):
    assert default_storage.save("a.jpg", ContentFile(b"first")) == "a.jpg"
    second = default_storage.save("a.jpg", ContentFile(b"second"))
    assert files(media_root) == {"a.jpg": b"first", second: b"second"}


def test_storage_gives_the_name_to_the_first_of_two_writers(media_root, monkeypatch):
    link = os.link

    def link_late(source, target):
        monkeypatch.setattr(os, "link", link)
        (media_root / "a.jpg").write_bytes(b"faster")
        link(source, target)

    monkeypatch.setattr(os, "link", link_late)
    name = default_storage.save("a.jpg", ContentFile(b"slower"))
    assert name != "a.jpg"
    assert files(media_root) == {"a.jpg": b"faster", name: b"slower"}


class Interrupted(ContentFile):
    """Fail in the middle, as a full disk does. bench/faults fills a real disk."""

    def chunks(self, chunk_size=None):
        yield b"half of it"
        raise OSError(errno.ENOSPC, "No space left on device")


def test_storage_leaves_nothing_of_a_failed_write(media_root):
    with pytest.raises(OSError, match="No space left"):
        default_storage.save("a.jpg", Interrupted(b""))
    assert files(media_root) == {}
