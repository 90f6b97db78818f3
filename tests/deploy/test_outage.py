"""nginx while gunicorn is down."""

from time import sleep

from bench.servers import wait_until
from tests.builders import a_publication


def test_nginx_sends_stale_pages_without_gunicorn(machine, transactional_db):
    read, unread = (
        a_publication(title="还在的文章").get_absolute_url(),
        a_publication().get_absolute_url(),
    )
    with machine.gunicorn():
        wait_until(lambda: machine.ask(read).status == 200)
    sleep(2)  # until the cached page is stale
    answer = machine.ask(read)
    assert (answer.status, machine.cache_status(answer)) == (200, "STALE")
    assert "还在的文章" in answer.text
    answer = machine.ask(unread)
    assert (answer.status, answer.headers["retry-after"]) == (503, "10")
    assert "网站暂时无法访问" in answer.text
    assert machine.ask("/admin/").status == 503
