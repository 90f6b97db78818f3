"""Reload gunicorn with SIGHUP and restart it as systemd does: no request fails."""

import random
from itertools import count
from threading import Event, Thread
from time import sleep
from typing import NamedTuple

from bench.faults.site import Browser, Readers, Site


class Numbers(NamedTuple):
    reloads: int
    restarts: int


LONG = Numbers(reloads=10, restarts=3)
SHORT = Numbers(reloads=2, restarts=1)


def run(site: Site, numbers: Numbers) -> list[str]:
    editor = Browser(site).log_in()
    stopped = Event()
    saves = []

    def edit() -> None:
        while not stopped.is_set():
            saves.append(editor.save(1, title=f"第 {len(saves)} 稿"))

    serial = count()
    # No cache stores a page with an unknown parameter, so each request reaches Django.
    uncached = Readers(site, lambda: f"{random.choice(site.pages)}?x={next(serial)}")  # noqa: S311
    thread = Thread(target=edit)
    with Readers(site, lambda: random.choice(site.pages)) as readers, uncached:  # noqa: S311
        thread.start()
        try:
            for _ in range(numbers.reloads):
                site.reload()
                sleep(1)
            for _ in range(numbers.restarts):
                site.restart()
                sleep(2)
        finally:
            stopped.set()
            thread.join()
    failed_saves = [(save.status, save.text[:200]) for save in saves if not save.saved]
    print(f"readers of cached pages: {readers}")
    print(f"readers of uncached pages: {uncached}")
    print(f"saves: {len(saves)}, of which failed: {len(failed_saves)}")
    failures = readers.failures + uncached.failures + failed_saves
    if failures:
        return [f"{len(failures)} requests failed: {failures[:5]}"]
    return []
