"""Kill workers with SIGKILL during saves: no confirmed save is lost, nothing is half-written."""

import os
import random
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL
from threading import Event, Thread
from time import monotonic, sleep
from typing import NamedTuple

from PIL import Image

from bench.faults.site import Browser, Site, random_picture
from bench.servers import wait_until
from media.renditions import picture_size, rendition_name, rendition_widths

PARAGRAPHS = 2000


class Numbers(NamedTuple):
    kills: int
    editors: int
    max_seconds: int


LONG = Numbers(kills=100, editors=3, max_seconds=500)
SHORT = Numbers(kills=5, editors=2, max_seconds=60)


class Editor(Thread):
    """Save one article again and again, upload pictures, and record the confirmed ones."""

    def __init__(self, site: Site, article: int) -> None:
        super().__init__()
        self.article = article
        self.stopped = Event()
        self.sent = 0
        self.last_confirmed = 0
        self.saves = 0
        self.pictures: list[str] = []
        self.browser = Browser(site).log_in()

    def run(self) -> None:
        while not self.stopped.is_set():
            self.sent += 1
            text = f"<p>第 {self.sent} 稿。</p>" + f"<p>{self.sent}</p>" * PARAGRAPHS
            if self.browser.save(self.article, title=f"第 {self.sent} 稿", body=text).saved:
                self.last_confirmed = self.sent
                self.saves += 1
            if self.sent % 3 == 0:
                url = self.browser.upload(random_picture()).url
                if url:
                    self.pictures.append(url)


def run(site: Site, numbers: Numbers) -> list[str]:
    query = "SELECT id FROM articles_article ORDER BY id LIMIT %s"
    editors = [Editor(site, key) for (key,) in site.database.query(query, numbers.editors)]
    logged_before = count_log_entries(site)
    for editor in editors:
        editor.start()
    begun = monotonic()
    try:
        kills = kill_workers(site, editors, numbers)
    finally:
        for editor in editors:
            editor.stopped.set()
        for editor in editors:
            editor.join()
    seconds = monotonic() - begun
    failures = []
    pictures = []
    for editor in editors:
        failures += check_article(site, editor)
        pictures += editor.pictures
    for url in pictures:
        if not is_complete(site.data, url):
            failures.append(f"{url} is incomplete")
    files = [path for path in (site.data / "media").rglob("*") if path.is_file()]
    parts = [path for path in files if path.suffix == ".part"]
    for path in files:
        if path not in parts and not is_picture(path):
            failures.append(f"{path.name} is half-written")
    saves = sum(editor.saves for editor in editors)
    sent = sum(editor.sent for editor in editors)
    if count_log_entries(site) - logged_before < saves:
        failures.append("the admin log has fewer entries than saves were confirmed")
    if kills < numbers.kills:
        failures.append(f"only {kills} kills")
    print(f"{kills} kills in {seconds:.0f} s; {sent} saves sent, {saves} confirmed")
    print(f"{len(pictures)} uploads confirmed; {len(files)} files; {len(parts)} .part files left")
    return failures


def kill_workers(site: Site, editors: list[Editor], numbers: Numbers) -> int:
    """Kill one random worker after each confirmed save, and return the number of kills."""
    kills = 0
    seen = 0
    begun = monotonic()
    while kills < numbers.kills and monotonic() < begun + numbers.max_seconds:
        with suppress(TimeoutError):  # more frequent kills would let no save succeed
            wait_until(lambda seen=seen: sum(editor.saves for editor in editors) > seen, 4)
        seen = sum(editor.saves for editor in editors)
        sleep(random.uniform(0, 0.5))  # noqa: S311
        workers = site.workers
        if workers:
            with suppress(ProcessLookupError):
                os.kill(random.choice(workers), SIGKILL)  # noqa: S311
                kills += 1
    return kills


def count_log_entries(site: Site) -> int:
    return site.database.query("SELECT count(*) FROM django_admin_log")[0][0]


def check_article(site: Site, editor: Editor) -> list[str]:
    query = "SELECT title, body FROM articles_article WHERE id = %s"
    [(title, body)] = site.database.query(query, editor.article)
    failures = []
    if not editor.last_confirmed and not title.startswith("第 "):
        return ["no save was confirmed"]
    number = int(title.split()[1])
    if not editor.last_confirmed <= number <= editor.sent:
        failures.append(f"draft {editor.last_confirmed} was confirmed, {number} is stored")
    if body.count(f"<p>{number}</p>") != PARAGRAPHS:
        failures.append(f"draft {number} is half-written")
    return failures


def is_complete(data: Path, url: str) -> bool:
    """Return whether an uploaded picture and all its renditions are readable."""
    original = data / url.lstrip("/")
    paths = [original]
    for width in rendition_widths(*picture_size(url)):
        paths.append(Path(rendition_name(str(original), width)))
    return all(path.exists() and is_picture(path) for path in paths)


def is_picture(path: Path) -> bool:
    try:
        with Image.open(path) as image:
            image.load()
    except OSError:
        return False
    return True
