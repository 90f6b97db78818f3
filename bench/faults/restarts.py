"""Ten rolling restarts by HUP, and three of the whole service as systemd restarts it: no request fails."""

import random
from itertools import count
from threading import Event, Thread
from time import sleep

from bench.faults.house import Browser, Readers, house

RELOADS, RESTARTS = 10, 3


def run() -> list[str]:
    with house() as site:
        editor, over, saves = Browser(site).log_in(), Event(), []

        def edit() -> None:
            while not over.is_set():
                saves.append(editor.save(1, title=f"第 {len(saves)} 稿"))

        numbers = count()
        # A question that nobody keeps the answer to: each reaches Django.
        unkept = Readers(site, lambda: f"{random.choice(site.pages)}?x={next(numbers)}")  # noqa: S311
        with Readers(site, lambda: random.choice(site.pages)) as readers, unkept:  # noqa: S311
            thread = Thread(target=edit)
            thread.start()
            for _ in range(RELOADS):
                site.reload()
                sleep(1)
            for _ in range(RESTARTS):
                site.restart()
                sleep(2)
            over.set()
            thread.join()
    failed = [save for save in saves if not save.saved]
    print(f"readers of kept pages: {readers}")
    print(f"readers of others: {unkept}")
    print(f"saves: {len(saves)}, of which failed: {len(failed)}")
    failures = (
        readers.failures + unkept.failures + [(save.status, save.text[:200]) for save in failed]
    )
    return [f"{len(failures)} requests failed: {failures[:5]}"] if failures else []
