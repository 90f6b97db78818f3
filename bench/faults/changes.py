"""Publish, schedule and withdraw an article under load: all readers soon get the new version."""

import random
import re
from datetime import datetime, timedelta
from time import sleep, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bench.faults.site import Browser, Readers, Site
from tests.forms import form_data

CHINA = ZoneInfo("Asia/Shanghai")
ACTIONS = ["published", "scheduled", "withdrawn"]


class Numbers(NamedTuple):
    turns: int
    max_seconds_gunicorn: float
    max_seconds_nginx: float
    max_seconds_scheduled: float


LONG = Numbers(8, max_seconds_gunicorn=1, max_seconds_nginx=2, max_seconds_scheduled=2)
SHORT = Numbers(1, max_seconds_gunicorn=5, max_seconds_nginx=5, max_seconds_scheduled=5)


class Response(NamedTuple):
    """The times of a request and its response, and the status with the heading of the page."""

    requested_at: float
    received_at: float
    content: str


class Watchers(Readers):
    """Readers of one page that record every response."""

    network = "127.0.2"
    accepted_encodings = "identity"

    def __init__(self, site: Site, path: str, *, direct: bool) -> None:
        super().__init__(site, lambda: path, count=3, direct=direct)
        self.responses: list[Response] = []

    def _status(self, address: str, path: str) -> int:
        requested_at = time()
        status, content = self.fetch(address, path)
        match = re.search(r"<h1.*?</h1>", content.decode(), re.DOTALL)
        heading = re.sub("<.*?>", "", match[0]) if match else ""
        self.responses.append(Response(requested_at, time(), f"{status} {heading}"))
        return status

    def delay(self, instant: float, new: str) -> float:
        """Return the seconds from `instant` to the last request that got an old version."""
        old = [instant]
        for response in self.responses:
            if response.requested_at > instant and new not in response.content:
                old.append(response.requested_at)
        return max(old) - instant

    def count_early(self, instant: float, new: str) -> int:
        """Count the responses with the new version before `instant`."""
        early = 0
        for response in self.responses:
            if response.received_at < instant and new in response.content:
                early += 1
        return early


def run(site: Site, numbers: Numbers) -> list[str]:
    delays: dict[tuple[str, str], list[float]] = {}
    early = 0
    with Readers(site, lambda: random.choice(site.pages), count=8):  # noqa: S311
        editor = Browser(site).log_in()
        query = "SELECT article_id FROM articles_publication ORDER BY id LIMIT 1"
        [(article,)] = site.database.query(query)
        path = f"/articles/{article}/"
        for turn in range(numbers.turns):
            for action in ACTIONS:
                new = "410" if action == "withdrawn" else f"{action} {turn}"
                if action != "withdrawn" and not editor.save(article, title=new).saved:
                    raise RuntimeError("A save failed.")
                direct = Watchers(site, path, direct=True)
                through_nginx = Watchers(site, path, direct=False)
                with direct, through_nginx:
                    sleep(0.5)
                    instant = perform(editor, action, article)
                    sleep(max(0, instant - time()) + 3)
                for server, watchers in {"gunicorn": direct, "nginx": through_nginx}.items():
                    delays.setdefault((action, server), []).append(watchers.delay(instant, new))
                    if action == "scheduled":
                        early += watchers.count_early(instant, new)
    failures = [f"{early} responses came before the scheduled time"] if early else []
    for (action, server), seconds in delays.items():
        median = sorted(seconds)[len(seconds) // 2]
        print(f"{action}, at {server}: old for {median:.2f} s (median), {max(seconds):.2f} s (max)")
        if max(seconds) > max_seconds(numbers, action, server):
            failures.append(f"{action}, at {server}: old for {max(seconds):.2f} s")
    return failures


def max_seconds(numbers: Numbers, action: str, server: str) -> float:
    if action == "scheduled":
        return numbers.max_seconds_scheduled
    if server == "gunicorn":
        return numbers.max_seconds_gunicorn
    return numbers.max_seconds_nginx


def perform(editor: Browser, action: str, article: int) -> float:
    """Publish, schedule or withdraw an article, and return the instant of the change."""
    if action == "published":
        return submit(editor, "publish", article)
    if action == "withdrawn":
        return submit(editor, "withdraw", article, reason="试一试")
    at = (datetime.now(CHINA) + timedelta(seconds=3)).replace(microsecond=0)
    submit(editor, "publish", article, at_0=f"{at:%Y-%m-%d}", at_1=f"{at:%H:%M:%S}")
    return at.timestamp()


def submit(editor: Browser, name: str, article: int, **fields: str) -> float:
    """Submit the form of an admin action, and return the time of its response."""
    path = f"/admin/articles/article/{name}/?ids={article}"
    page = editor.get(path)
    editor.take_token(page)
    response = editor.post(path, form_data(page, **fields))
    if not response.url.endswith("/change/"):
        raise RuntimeError(f"{name} failed: {response.status} {response.url}")
    return time()
