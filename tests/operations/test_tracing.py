"""One request, found again in every log."""

import json
import logging
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from operations.logs import JsonFormatter
from operations.metrics import counters
from operations.wsgi import RequestObserver
from tests.builders import a_publication
from tests.wsgi import send_request

pytestmark = pytest.mark.django_db(transaction=True)

OWN = re.compile(r"[0-9a-f]{32}")


class TestId:
    @pytest.mark.parametrize("sent", ["7f3a90c1d2", "a", "A-b_c.9", "x" * 64])
    def test_of_nginx_is_kept(self, sent):
        assert send_request("/", x_request_id=sent).headers["X-Request-ID"] == sent

    @pytest.mark.parametrize(
        "sent", ["", " ", "x" * 65, "a b", "a\r\nSet-Cookie: b", "*/", "'", "财", "%s", "a\n"]
    )
    def test_that_is_unsafe_gives_way_to_one_of_our_own(self, sent):
        ids = {send_request("/", x_request_id=sent).headers["X-Request-ID"] for _ in range(2)}
        assert len(ids) == 2
        assert all(OWN.fullmatch(one) for one in ids)

    def test_is_on_every_answer(self):
        for path in ["/", "/nowhere/", "/admin/", "/static/nothing.css"]:
            assert send_request(path, x_request_id="id-1").headers["X-Request-ID"] == "id-1"

    def test_stands_in_the_lines_of_the_log(self, caplog):
        caplog.handler.setFormatter(JsonFormatter())
        send_request("/nowhere/", x_request_id="id-2")
        lines = {
            line["message"]: line["request"] for line in map(json.loads, caplog.text.splitlines())
        }
        assert lines["Not Found: /nowhere/"] == "id-2"

    def test_goes_to_the_database_in_a_comment(self):
        with CaptureQueriesContext(connection) as queries:
            send_request("/notices/", x_request_id="id-3")
        asked = [query["sql"] for query in queries if not query["sql"].startswith("PRAGMA")]
        assert asked
        # SQLite keeps what it has prepared by its words.
        assert {" /* id-3 */ " in sql for sql in asked} == {connection.vendor == "postgresql"}


class TestSlowQueries:
    def test_are_logged_without_what_was_asked_for(self, settings, caplog):
        settings.SLOW_QUERY_MS = 0
        publication = a_publication()
        caplog.clear()
        send_request(publication.get_absolute_url())
        slow = [record for record in caplog.records if record.name == "operations.tracing"]
        assert slow
        assert all(record.levelno == logging.WARNING for record in slow)
        asked = [record.facts["sql"] for record in slow if record.facts["database"] == "default"]
        assert any("%s" in sql for sql in asked)
        assert max(map(len, asked)) <= 2000

    def test_of_commands_are_logged_too(self, settings, caplog):
        settings.SLOW_QUERY_MS = 0
        a_publication()
        assert "A query took" in caplog.text

    def test_quick_ones_are_not(self, caplog):
        send_request("/")
        assert "A query took" not in caplog.text


class TestCounting:
    def value(self, name: str, **labels) -> float:
        return counters().get_sample_value(name, labels) or 0

    @pytest.mark.parametrize(
        ("path", "view", "status"),
        [
            ("/notices/", "notices:notices", "200"),
            ("/notices/9999/", "notices:notice", "404"),
            ("/nowhere/", "other", "404"),
            ("/admin/articles/article/", "admin", "302"),
            ("/admin/login/", "admin", "200"),
        ],
    )
    def test_of_requests_by_view_and_status(self, path, view, status):
        before = self.value("magazine_requests_total", view=view, status=status)
        timed = self.value("magazine_request_seconds_count", view=view)
        send_request(path)
        assert self.value("magazine_requests_total", view=view, status=status) == before + 1
        assert self.value("magazine_request_seconds_count", view=view) == timed + 1

    def test_of_queries(self):
        before = self.value("magazine_queries_total"), self.value("magazine_query_seconds_total")
        send_request("/notices/")
        after = self.value("magazine_queries_total"), self.value("magazine_query_seconds_total")
        assert after[0] - before[0] >= 3
        assert after[1] > before[1]

    def test_of_an_application_that_breaks_down(self):
        def broken(environ, start_response):
            raise RuntimeError("broken")

        before = self.value("magazine_requests_total", view="cached", status="500")
        with pytest.raises(RuntimeError):
            send_request("/", application=RequestObserver(broken))
        assert self.value("magazine_requests_total", view="cached", status="500") == before + 1
