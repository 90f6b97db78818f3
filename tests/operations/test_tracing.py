"""Request ids in logs and queries, slow queries, and counters."""

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

GENERATED_ID = re.compile(r"[0-9a-f]{32}")


class TestRequestId:
    @pytest.mark.parametrize("sent", ["7f3a90c1d2", "a", "A-b_c.9", "x" * 64])
    def test_request_id_of_nginx_is_used(self, sent):
        assert send_request("/", x_request_id=sent).headers["X-Request-ID"] == sent

    @pytest.mark.parametrize(
        "sent", ["", " ", "x" * 65, "a b", "a\r\nSet-Cookie: b", "*/", "'", "财", "%s", "a\n"]
    )
    def test_request_id_that_is_unsafe_is_replaced(self, sent):
        ids = {send_request("/", x_request_id=sent).headers["X-Request-ID"] for _ in range(2)}
        assert len(ids) == 2
        assert all(GENERATED_ID.fullmatch(one) for one in ids)

    def test_request_id_is_in_every_response(self):
        for path in ["/", "/nowhere/", "/admin/", "/static/nothing.css"]:
            assert send_request(path, x_request_id="id-1").headers["X-Request-ID"] == "id-1"

    def test_request_id_is_in_log_lines(self, caplog):
        caplog.handler.setFormatter(JsonFormatter())
        send_request("/nowhere/", x_request_id="id-2")
        lines = {
            line["message"]: line["request"] for line in map(json.loads, caplog.text.splitlines())
        }
        assert lines["Not Found: /nowhere/"] == "id-2"

    def test_request_id_is_a_comment_of_queries(self):
        with CaptureQueriesContext(connection) as queries:
            send_request("/notices/", x_request_id="id-3")
        queries_sql = [query["sql"] for query in queries if not query["sql"].startswith("PRAGMA")]
        assert queries_sql
        # SQLite reuses prepared statements by their text.
        assert {" /* id-3 */ " in sql for sql in queries_sql} == {connection.vendor == "postgresql"}


class TestSlowQueries:
    def test_slow_query_is_logged_without_parameters(self, settings, caplog):
        settings.SLOW_QUERY_MS = 0
        publication = a_publication()
        caplog.clear()
        send_request(publication.get_absolute_url())
        slow = [record for record in caplog.records if record.name == "operations.tracing"]
        assert slow
        assert all(record.levelno == logging.WARNING for record in slow)
        queries_sql = [
            record.facts["sql"] for record in slow if record.facts["database"] == "default"
        ]
        assert any("%s" in sql for sql in queries_sql)
        assert max(map(len, queries_sql)) <= 2000

    def test_slow_query_of_a_command_is_logged(self, settings, caplog):
        settings.SLOW_QUERY_MS = 0
        a_publication()
        assert "A query took" in caplog.text

    def test_fast_query_is_not_logged(self, caplog):
        send_request("/")
        assert "A query took" not in caplog.text


class TestCounters:
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
    def test_counter_counts_requests_by_view_and_status(self, path, view, status):
        before = self.value("magazine_requests_total", view=view, status=status)
        timed = self.value("magazine_request_seconds_count", view=view)
        send_request(path)
        assert self.value("magazine_requests_total", view=view, status=status) == before + 1
        assert self.value("magazine_request_seconds_count", view=view) == timed + 1

    def test_counter_counts_queries(self):
        before = self.value("magazine_queries_total"), self.value("magazine_query_seconds_total")
        send_request("/notices/")
        after = self.value("magazine_queries_total"), self.value("magazine_query_seconds_total")
        assert after[0] - before[0] >= 3
        assert after[1] > before[1]

    def test_counter_counts_an_application_that_raises(self):
        def broken(environ, start_response):
            raise RuntimeError("broken")

        before = self.value("magazine_requests_total", view="cached", status="500")
        with pytest.raises(RuntimeError):
            send_request("/", application=RequestObserver(broken))
        assert self.value("magazine_requests_total", view="cached", status="500") == before + 1
