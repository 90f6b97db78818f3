"""Kill PostgreSQL and start it again: readers notice nothing, editors work again within 3 s."""

import random
from time import monotonic, sleep
from typing import NamedTuple

from bench.faults.site import Browser, Readers, Site
from bench.servers import wait_until

CHANGELIST = "/admin/articles/article/"


class Numbers(NamedTuple):
    outage_seconds: int
    max_recovery_seconds: int


LONG = Numbers(outage_seconds=10, max_recovery_seconds=3)
SHORT = Numbers(outage_seconds=4, max_recovery_seconds=15)


def run(site: Site, numbers: Numbers) -> list[str]:
    site.warm()  # only cached pages are available during the outage
    for page in site.pages:
        site.get(page)
    editor = Browser(site).log_in()
    master = site.gunicorn.pid
    direct = Readers(site, lambda: random.choice(site.pages), count=2, direct=True)  # noqa: S311
    with Readers(site, lambda: random.choice(site.pages)) as readers, direct:  # noqa: S311
        sleep(1)
        site.database.kill()
        sleep(numbers.outage_seconds / 2)
        error_page = editor.get(CHANGELIST)
        sleep(numbers.outage_seconds / 2)
        site.database.start()
        begun = monotonic()
        wait_until(lambda: editor.get(CHANGELIST).status == 200, 60)
        seconds = monotonic() - begun
        saved = editor.save(1, title="数据库回来之后").saved
        sleep(1)
    is_same = site.gunicorn.pid == master and site.gunicorn.poll() is None
    print(f"readers through nginx: {readers}")
    print(f"readers at gunicorn: {direct}")
    print(f"the editor gets {error_page.status}, works after {seconds:.1f} s, saved: {saved}")
    failures = []
    if readers.failures:
        failures.append(f"{len(readers.failures)} requests failed: {readers.failures[:5]}")
    # A random worker answers, and a worker cannot serve a page that it has never rendered.
    unexpected = direct.statuses.keys() - {200, 503}
    if unexpected or direct.statuses[503] > direct.statuses[200] / 20:
        failures.append(f"too many requests failed at gunicorn: {direct.failures[:5]}")
    if seconds > numbers.max_recovery_seconds or not saved:
        failures.append(f"editors could not work for {seconds:.1f} s")
    if "数据库" not in error_page.text:
        failures.append("the error page does not name the database")
    if not is_same:
        failures.append("gunicorn ended")
    return failures
