"""Fill the disk of media, then that of the database: pages stay up, errors name the full disk.

Needs root: mounts two tmpfs file systems.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from bench.faults.site import Browser, Readers, random_picture, running_site
from bench.servers import run as run_command

FULL = "磁盘已满"
MAX_SAVES = 60


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    folder = Path(mkdtemp(prefix="magazine-disk-"))
    options = f"size={megabytes}m,mode=755"
    run_command("mount", "-t", "tmpfs", "-o", options, "magazine", folder)
    try:
        yield folder
    finally:
        run_command("umount", folder)
        folder.rmdir()


def fill(disk: Path) -> Path:
    """Write a file that fills the disk to its last block, and return its path."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    return ballast


def run() -> list[str]:
    with (
        small_disk(64) as media,
        small_disk(600) as disk,
        running_site(database=disk / "database", media=media) as site,
    ):
        site.warm()
        editor = Browser(site).log_in()
        postmaster = site.database.process.pid
        master = site.gunicorn.pid
        with Readers(site, lambda: random.choice(site.pages)) as readers:  # noqa: S311
            failures = fill_media(media, editor)
            failures += fill_database(disk, editor)
        if readers.failures:
            failures.append(f"{len(readers.failures)} requests failed: {readers.failures[:5]}")
        is_same = postmaster == site.database.process.pid and master == site.gunicorn.pid
        if not is_same or site.database.process.poll():
            failures.append("a server was restarted")
    print(f"readers throughout: {readers}")
    return failures


def fill_media(media: Path, editor: Browser) -> list[str]:
    ballast = fill(media)
    upload = editor.upload(random_picture())
    files = {"cover": random_picture()}
    with_picture = editor.save(1, files, title="有图的一稿", cover_alt="一幅画")
    text_only = editor.save(1, title="没有图的一稿")
    parts = [path.name for path in media.rglob("*.part")]
    ballast.unlink()
    again = editor.upload(random_picture())
    print(f"media: the upload fails with {upload.message!r}")
    print(f"media: a form with a picture gets {with_picture.status}")
    print(f"media: a form without one is saved: {text_only.saved}")
    failures = []
    if FULL not in upload.message or FULL not in with_picture.text or with_picture.saved:
        failures.append("media: no clear message")
    if not text_only.saved:
        failures.append("media: a text could not be saved")
    if parts:
        failures.append(f"media: {parts} left over")
    if not again.url:
        failures.append(f"media: uploads fail after space was freed: {again}")
    return failures


def fill_database(disk: Path, editor: Browser) -> list[str]:
    ballast = fill(disk)
    saves = 0
    while True:  # until PostgreSQL has used the space that it allocated before
        body = f"<p>{random.randbytes(300_000).hex()}</p>"  # noqa: S311
        response = editor.save(1, title=f"第 {saves} 稿", body=body)
        if response.status == 503 or saves == MAX_SAVES:
            break
        saves += 1
    ballast.unlink()
    again = editor.save(1, title="又有地方了")
    print(f"database: {saves} saves, then {response.status}; after space was freed: {again.saved}")
    failures = []
    if FULL not in response.text:
        failures.append(f"database: {response.status} without a clear message")
    if not again.saved:
        failures.append(f"database: saves fail after space was freed: {again.status}")
    return failures
