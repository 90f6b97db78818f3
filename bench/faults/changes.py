"""Nothing breaks, but much is read: how soon every reader sees what is published, scheduled or withdrawn."""

import http.client
import random
import re
from datetime import datetime, timedelta
from threading import Event, Thread
from time import sleep, time
from zoneinfo import ZoneInfo

from bench.faults.house import UNVERIFIED, Browser, Readers, house
from tests.forms import filled_in

TURNS = 8
STRAIGHT, THROUGH_NGINX = 1.0, 2.0  # seconds, wanted at most
SCHEDULED_TOO = 2.0
CHINA = ZoneInfo("Asia/Shanghai")


class Watchers:
    """Who reads one page all the time. Each keeps account of what the page said, and when it was asked for."""

    def __init__(self, site, path: str):
        self.site, self.path, self.over = site, path, Event()
        self.seen: dict[bool, list[tuple[float, float, str]]] = {True: [], False: []}
        # Each from an address of the own, for nginx's limits.
        self.threads = [Thread(target=self._watch, args=[number < 3, f"127.0.2.{number + 1}"]) for number in range(6)]

    def __enter__(self) -> "Watchers":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()

    def _watch(self, straight: bool, address: str) -> None:
        options = {"timeout": 60, "source_address": (address, 0)}
        while not self.over.wait(0.05):
            asked_at = time()
            said = self._said(straight, options)
            self.seen[straight].append((asked_at, time(), said))

    def _said(self, straight: bool, options: dict) -> str:
        headers = {"Host": self.site.url.partition("://")[2], "X-Forwarded-Proto": "https"}
        if straight:
            connection = http.client.HTTPConnection("127.0.0.1", self.site.port, **options)
        else:
            connection = http.client.HTTPSConnection("127.0.0.1", self.site.https, context=UNVERIFIED, **options)
        try:
            connection.request("GET", self.path, headers=headers)
            answer = connection.getresponse()
            heading = re.search(r"<h1.*?</h1>", answer.read().decode(), re.DOTALL)
            return f"{answer.status} {re.sub('<.*?>', '', heading[0]) if heading else ''}"
        finally:
            connection.close()

    def delay(self, straight: bool, instant: float, new: str) -> float:
        """Seconds from an instant until the last time that anybody asked and did not get what is new."""
        old = [asked for asked, _told, said in self.seen[straight] if asked > instant and new not in said]
        return max(old, default=instant) - instant

    def early(self, instant: float, new: str) -> int:
        """How many were told what is new before its instant."""
        return sum(told < instant and new in said for seen in self.seen.values() for _asked, told, said in seen)


def act(editor: Browser, name: str, article: int, **fields) -> float:
    """Do something to an article; answers when it was done."""
    path = f"/admin/articles/article/{name}/?ids={article}"
    page = editor.get(path)
    editor.take_token(page)
    answer = editor.post(path, filled_in(page, **fields))
    if not answer.url.endswith("/change/"):
        raise RuntimeError(f"{name} was refused: {answer.status} {answer.url}")
    return time()


def run() -> list[str]:
    delays: dict[tuple[str, bool], list[float]] = {}
    early = 0
    with house() as site, Readers(site, lambda: random.choice(site.pages), count=8):  # noqa: S311
        editor = Browser(site).log_in()
        [(article,)] = site.database.query("SELECT article_id FROM articles_publication ORDER BY id LIMIT 1")
        for turn in range(TURNS):
            for what in ["published", "scheduled", "withdrawn"]:
                new = "410" if what == "withdrawn" else f"{what} {turn}"
                if what != "withdrawn" and not editor.save(article, title=new).saved:
                    raise RuntimeError("A save was refused.")
                with Watchers(site, f"/articles/{article}/") as watchers:
                    sleep(0.5)
                    match what:
                        case "published":
                            instant = act(editor, "publish", article)
                        case "withdrawn":
                            instant = act(editor, "withdraw", article, reason="试一试")
                        case "scheduled":
                            at = (datetime.now(CHINA) + timedelta(seconds=3)).replace(microsecond=0)
                            act(editor, "publish", article, at_0=f"{at:%Y-%m-%d}", at_1=f"{at:%H:%M:%S}")
                            instant = at.timestamp()
                    sleep(max(0, instant - time()) + 3)
                for straight in (True, False):
                    delays.setdefault((what, straight), []).append(watchers.delay(straight, instant, new))
                early += watchers.early(instant, new) if what == "scheduled" else 0
    complaints = [f"{early} readers got something before its time"] if early else []
    for (what, straight), seconds in delays.items():
        where = "gunicorn" if straight else "nginx"
        median = sorted(seconds)[len(seconds) // 2]
        print(f"{what}, at {where}: old for {median:.2f} s (median), {max(seconds):.2f} s at most")
        limit = SCHEDULED_TOO if what == "scheduled" else STRAIGHT if straight else THROUGH_NGINX
        if max(seconds) > limit:
            complaints.append(f"{what}, at {where}: old for {max(seconds):.2f} s")
    return complaints
