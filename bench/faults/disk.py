"""The disk for media is full, then the database's: reading goes on, saving says why not, room alone mends it."""

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from bench.faults.house import Browser, Readers, a_picture, house
from bench.servers import run as command

FULL = "磁盘已满"


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """Needs root."""
    folder = Path(mkdtemp(prefix="magazine-disk-"))
    command("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "magazine", folder)
    try:
        yield folder
    finally:
        command("umount", folder)
        folder.rmdir()


def filled(disk: Path) -> Path:
    """To the last block."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    return ballast


def run() -> list[str]:
    with (
        small_disk(64) as media,
        small_disk(600) as disk,
        house(database=disk / "database", media=media) as site,
    ):
        site.warm()
        editor, postmaster, master = (
            Browser(site).log_in(),
            site.database.process.pid,
            site.gunicorn.pid,
        )
        with Readers(site, lambda: random.choice(site.pages)) as readers:  # noqa: S311
            complaints = _without_room_for_media(media, editor)
            complaints += _without_room_for_the_database(disk, editor)
        if readers.failures:
            complaints.append(
                f"{len(readers.failures)} readers were refused: {readers.failures[:5]}"
            )
        if (postmaster, master) != (
            site.database.process.pid,
            site.gunicorn.pid,
        ) or site.database.process.poll():
            complaints.append("something had to be started anew")
    print(f"readers throughout: {readers}")
    return complaints


def _without_room_for_media(media: Path, editor: Browser) -> list[str]:
    ballast = filled(media)
    upload = editor.upload(a_picture())
    save = editor.save(1, {"cover": a_picture()}, title="有图的一稿", cover_alt="一幅画")
    text = editor.save(1, title="没有图的一稿")
    left = [path.name for path in media.rglob("*.part")]
    ballast.unlink()
    again = editor.upload(a_picture())
    print(
        f"media: an upload says {upload.said!r}, a picture's form {save.status}; one without is saved: {text.saved}"
    )
    complaints = []
    if FULL not in upload.said or FULL not in save.text or save.saved:
        complaints.append("media: no clear message")
    if not text.saved:
        complaints.append("media: a text could not be saved")
    if left:
        complaints.append(f"media: {left} left over")
    if not again.url:
        complaints.append(f"media: not mended by room alone: {again}")
    return complaints


def _without_room_for_the_database(disk: Path, editor: Browser) -> list[str]:
    ballast = filled(disk)
    answers = []
    while len(answers) < 60 and not (
        answers and answers[-1].status == 503
    ):  # until its own reserve is used up
        answers.append(
            editor.save(
                1, title=f"第 {len(answers)} 稿", body=f"<p>{random.randbytes(300_000).hex()}</p>"
            )
        )
    ballast.unlink()
    again = editor.save(1, title="又有地方了")
    print(
        f"database: after {len(answers) - 1} saves one answers {answers[-1].status}; with room again: {again.saved}"
    )
    complaints = []
    if FULL not in answers[-1].text:
        complaints.append(
            f"database: no clear message, but {answers[-1].status} {answers[-1].text[:300]!r}"
        )
    if not again.saved:
        complaints.append(
            f"database: not mended by room alone: {again.status} {again.text[:300]!r}"
        )
    return complaints
