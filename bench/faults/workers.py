"""Workers are killed with -9 a hundred times during saves: nothing acknowledged is lost, nothing is half-written."""

import os
import random
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL
from threading import Event, Thread
from time import monotonic, sleep

from PIL import Image

from bench.faults.house import Browser, a_picture, house
from bench.servers import wait_until
from media.renditions import picture_size, rendition_name, rendition_widths

KILLS, EDITORS, AT_MOST = 100, 3, 500  # seconds


class Editor(Thread):
    """Saves one article again and again, and uploads pictures. Keeps account of what was acknowledged."""

    def __init__(self, site, article: int):
        super().__init__()
        self.site, self.article, self.over = site, article, Event()
        self.sent = self.acknowledged = self.saves = 0
        self.pictures: list[str] = []
        self.browser = Browser(site).log_in()

    def run(self) -> None:
        while not self.over.is_set():
            self.sent += 1
            text = f"<p>第 {self.sent} 稿。</p>" + f"<p>{self.sent}</p>" * 2000
            if self.browser.save(self.article, title=f"第 {self.sent} 稿", body=text).saved:
                self.acknowledged = self.sent
                self.saves += 1
            if self.sent % 3 == 0 and (url := self.browser.upload(a_picture()).url):
                self.pictures.append(url)


def run() -> list[str]:
    with house() as site:
        found = site.database.query("SELECT id FROM articles_article ORDER BY id LIMIT %s", EDITORS)
        editors = [Editor(site, key) for (key,) in found]
        logged = site.database.query("SELECT count(*) FROM django_admin_log")[0][0]
        for editor in editors:
            editor.start()
        kills, seen, begun = 0, 0, monotonic()
        while kills < KILLS and monotonic() < begun + AT_MOST:
            with suppress(TimeoutError):  # not so often that nothing is ever saved
                wait_until(lambda seen=seen: sum(editor.saves for editor in editors) > seen, 4)
            seen = sum(editor.saves for editor in editors)
            sleep(random.uniform(0, 0.5))  # noqa: S311
            if workers := site.workers:
                with suppress(ProcessLookupError):
                    os.kill(random.choice(workers), SIGKILL)  # noqa: S311
                    kills += 1
        seconds = monotonic() - begun
        for editor in editors:
            editor.over.set()
        for editor in editors:
            editor.join()
        complaints = [complaint for editor in editors for complaint in _lost(site, editor)]
        saves, pictures = (
            sum(editor.saves for editor in editors),
            [url for one in editors for url in one.pictures],
        )
        complaints += [f"{url} is not whole" for url in pictures if not _is_whole(site.data, url)]
        files = [path for path in (site.data / "media").rglob("*") if path.is_file()]
        parts = [path for path in files if path.suffix == ".part"]
        complaints += [
            f"{path.name} is half-written"
            for path in files
            if path not in parts and not _is_picture(path)
        ]
        if site.database.query("SELECT count(*) FROM django_admin_log")[0][0] - logged < saves:
            complaints.append("the record of saves is shorter than what was acknowledged")
    print(
        f"{kills} kills in {seconds:.0f} s; {sum(editor.sent for editor in editors)} saves sent, {saves} acknowledged"
    )
    print(
        f"{len(pictures)} uploads acknowledged; {len(files)} files; {len(parts)} parts without a name left over"
    )
    return complaints + ([f"only {kills} kills"] if kills < KILLS else [])


def _lost(site, editor: Editor) -> list[str]:
    [(title, body)] = site.database.query(
        "SELECT title, body FROM articles_article WHERE id = %s", editor.article
    )
    number = int(title.split()[1])
    complaints = []
    if not editor.acknowledged <= number <= editor.sent:
        complaints.append(f"draft {editor.acknowledged} was acknowledged, {number} stands there")
    if body.count(f"<p>{number}</p>") != 2000:
        complaints.append(f"draft {number} is half-written")
    return complaints


def _is_whole(data: Path, url: str) -> bool:
    name = data / url.lstrip("/")
    renditions = [
        Path(rendition_name(str(name), width)) for width in rendition_widths(*picture_size(url))
    ]
    return all(path.exists() and _is_picture(path) for path in [name, *renditions])


def _is_picture(path: Path) -> bool:
    try:
        with Image.open(path) as image:
            image.load()
    except OSError:
        return False
    return True
