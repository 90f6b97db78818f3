"""nginx while there is no gunicorn behind it."""

from time import sleep

from bench.servers import wait_until
from tests.builders import a_publication


def test_readers_keep_reading_what_there_was(machine, transactional_db):
    read, unread = (
        a_publication(title="还在的文章").get_absolute_url(),
        a_publication().get_absolute_url(),
    )
    with machine.gunicorn():
        wait_until(lambda: machine.ask(read).status == 200)
    sleep(2)  # until it is no longer fresh
    answer = machine.ask(read)
    assert (answer.status, machine.cache_status(answer)) == (200, "STALE")
    assert "还在的文章" in answer.text
    answer = machine.ask(unread)
    assert (answer.status, answer.headers["retry-after"]) == (503, "10")
    assert "网站暂时无法访问" in answer.text
    assert machine.ask("/admin/").status == 503
