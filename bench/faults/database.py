"""PostgreSQL is killed with -9, and started ten seconds later: readers notice nothing, editors work again in 3 s."""

import random
from time import monotonic, sleep

from bench.faults.house import Browser, Readers, house
from bench.servers import wait_until

AWAY = 10  # seconds
SOON = 3  # seconds


def run() -> list[str]:
    with house() as site:
        site.warm()  # what nobody has read yet cannot be kept
        for page in site.pages:
            site.asked(page)
        editor = Browser(site).log_in()
        master = site.gunicorn.pid
        straight = Readers(site, lambda: random.choice(site.pages), count=2, straight=True)  # noqa: S311
        with Readers(site, lambda: random.choice(site.pages)) as readers, straight:  # noqa: S311
            sleep(3)
            site.database.kill()
            sleep(AWAY / 2)
            meanwhile = editor.get("/admin/articles/article/")
            sleep(AWAY / 2)
            site.database.start()
            back = monotonic()
            wait_until(lambda: editor.get("/admin/articles/article/").status == 200, 60)
            seconds = monotonic() - back
            saved = editor.save(1, title="数据库回来之后")
            sleep(3)
        same = site.gunicorn.pid == master and site.gunicorn.poll() is None
    print(f"readers through nginx: {readers}")
    print(f"readers straight at gunicorn: {straight}")
    print(
        f"an editor meanwhile: {meanwhile.status}; again after {seconds:.1f} s, saving: {saved.saved}"
    )
    complaints = []
    if readers.failures:
        complaints.append(f"{len(readers.failures)} readers were refused: {readers.failures[:5]}")
    # Which worker answers is chance: what the one at hand has never rendered, it cannot give.
    if (
        straight.statuses.keys() - {200, 503}
        or straight.statuses[503] > straight.statuses[200] / 20
    ):
        complaints.append(f"gunicorn alone refused too many: {straight.failures[:5]}")
    if seconds > SOON or not saved.saved:
        complaints.append("editors had to wait for too long")
    if "数据库" not in meanwhile.text:
        complaints.append("the editor was not told what was wrong")
    if not same:
        complaints.append("gunicorn did not live through it")
    return complaints
