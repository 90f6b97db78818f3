"""Nothing breaks, but much is read: how soon every reader sees what is published, scheduled or withdrawn."""

import random
import re
from datetime import datetime, timedelta
from time import sleep, time
from zoneinfo import ZoneInfo

from bench.faults.house import Browser, Readers, house
from tests.forms import filled_in

TURNS = 8
STRAIGHT, THROUGH_NGINX = 1.0, 2.0  # seconds, wanted at most
SCHEDULED_TOO = 2.0
CHINA = ZoneInfo("Asia/Shanghai")


class Watchers(Readers):
    """Who reads one page all the time, and keeps account of what it said, and when it was asked for and given."""

    net, accepted = "127.0.2", "identity"

    def __init__(self, site, path: str, *, straight: bool):
        super().__init__(site, lambda: path, count=3, straight=straight)
        self.seen: list[tuple[float, float, str]] = []

    def _status(self, address: str, path: str) -> int:
        asked_at = time()
        status, content = self.ask(address, path)
        heading = re.search(r"<h1.*?</h1>", content.decode(), re.DOTALL)
        said = f"{status} {re.sub('<.*?>', '', heading[0]) if heading else ''}"
        self.seen.append((asked_at, time(), said))
        return status

    def delay(self, instant: float, new: str) -> float:
        """Seconds from an instant until the last time that anybody asked and did not get what is new."""
        old = [asked for asked, _told, said in self.seen if asked > instant and new not in said]
        return max(old, default=instant) - instant

    def early(self, instant: float, new: str) -> int:
        """How many were told what is new before its instant."""
        return sum(told < instant and new in said for _asked, told, said in self.seen)


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
        [(article,)] = site.database.query(
            "SELECT article_id FROM articles_publication ORDER BY id LIMIT 1"
        )
        for turn in range(TURNS):
            for what in ["published", "scheduled", "withdrawn"]:
                new = "410" if what == "withdrawn" else f"{what} {turn}"
                if what != "withdrawn" and not editor.save(article, title=new).saved:
                    raise RuntimeError("A save was refused.")
                path = f"/articles/{article}/"
                straight, through_nginx = (
                    Watchers(site, path, straight=straight) for straight in (True, False)
                )
                with straight, through_nginx:
                    sleep(0.5)
                    match what:
                        case "published":
                            instant = act(editor, "publish", article)
                        case "withdrawn":
                            instant = act(editor, "withdraw", article, reason="试一试")
                        case "scheduled":
                            at = (datetime.now(CHINA) + timedelta(seconds=3)).replace(microsecond=0)
                            act(
                                editor,
                                "publish",
                                article,
                                at_0=f"{at:%Y-%m-%d}",
                                at_1=f"{at:%H:%M:%S}",
                            )
                            instant = at.timestamp()
                    sleep(max(0, instant - time()) + 3)
                for watchers in (straight, through_nginx):
                    delays.setdefault((what, watchers.straight), []).append(
                        watchers.delay(instant, new)
                    )
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
