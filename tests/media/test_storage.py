import errno
import os

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def files(root) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_stored_file_stands_there_whole(media_root):
    assert default_storage.save("a.jpg", ContentFile(b"first")) == "a.jpg"
    second = default_storage.save("a.jpg", ContentFile(b"second"))
    assert files(media_root) == {"a.jpg": b"first", second: b"second"}


def test_who_is_faster_keeps_the_name(media_root, monkeypatch):
    link = os.link

    def late(source, target):
        monkeypatch.setattr(os, "link", link)
        (media_root / "a.jpg").write_bytes(b"faster")
        link(source, target)

    monkeypatch.setattr(os, "link", late)
    name = default_storage.save("a.jpg", ContentFile(b"slower"))
    assert name != "a.jpg"
    assert files(media_root) == {"a.jpg": b"faster", name: b"slower"}


class Endless(ContentFile):
    """Breaks off in the middle, as a full disk does: bench/faults fills a real one."""

    def chunks(self, chunk_size=None):
        yield b"half of it"
        raise OSError(errno.ENOSPC, "No space left on device")


def test_nothing_is_left_of_a_file_that_could_not_be_stored(media_root):
    with pytest.raises(OSError, match="No space left"):
        default_storage.save("a.jpg", Endless(b""))
    assert files(media_root) == {}
