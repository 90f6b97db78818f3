"""Tests of the notification of search engines, with local servers in place of theirs."""

import json
import socket
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import call_command
from django.utils import timezone

from seo import push
from seo.models import LEASE, MAX_PAUSE, PushCursor
from tests.builders import a_column, a_notice, a_publication, a_user, an_article

pytestmark = pytest.mark.django_db

KEY = "0123456789abcdef"


class Notification(NamedTuple):
    """A request that a search engine received."""

    path: str
    type: str
    body: str

    @property
    def query(self) -> dict:
        return parse_qs(urlsplit(self.path).query)

    @property
    def addresses(self) -> list[str]:
        if self.type.startswith("application/json"):
            addresses = json.loads(self.body)["urlList"]
        else:
            addresses = self.body.split("\n")
        return [address.removeprefix("http://testserver") for address in addresses]


class SearchEngine(ThreadingHTTPServer):
    """Give the answers in `answers` one by one, and then accept everything."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.notifications: list[Notification] = []
        self.answers: list = []
        self.may_answer = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/push"

    def take_addresses(self) -> list[str]:
        """Return the addresses received since the last call."""
        addresses = []
        for notification in self.notifications:
            addresses += notification.addresses
        self.notifications.clear()
        return addresses


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        notification = Notification(self.path, self.headers["Content-Type"], body)
        self.server.notifications.append(notification)
        answer = self.server.answers.pop(0) if self.server.answers else 200
        if answer == "silence":
            self.server.may_answer.wait(10)
        elif answer == "garbage":
            self.wfile.write(b"\0\0\0\r\n\r\n")
        elif isinstance(answer, tuple):
            self.send_answer(*answer)
        elif answer != "hang up":
            self.send_answer(answer, {"success": len(notification.addresses)})

    def send_answer(self, status: int, content: object) -> None:
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(content if isinstance(content, bytes) else json.dumps(content).encode())

    def log_message(self, *args) -> None:
        pass


@pytest.fixture
def engine(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    engine = SearchEngine()
    thread = threading.Thread(target=engine.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield engine
    engine.may_answer.set()
    engine.shutdown()
    thread.join()
    engine.server_close()


@pytest.fixture
def indexnow(engine, settings) -> SearchEngine:
    settings.INDEXNOW_KEY = KEY
    settings.INDEXNOW_URL = engine.url
    return engine


@pytest.fixture
def baidu(engine, settings) -> SearchEngine:
    settings.BAIDU_PUSH_TOKEN = "token"
    settings.BAIDU_PUSH_URL = engine.url
    return engine


def run() -> str:
    output = StringIO()
    call_command("push_addresses", stdout=output)
    return output.getvalue()


def published(**values) -> str:
    return a_publication(**values).get_absolute_url()


class TestServices:
    def test_push_notifies_no_service_without_a_key(self):
        published()
        assert run() == ""
        assert not PushCursor.objects.exists()

    def test_push_sends_the_format_of_indexnow(self, indexnow):
        address = published()
        assert run() == "indexnow: 1 addresses\n"
        [notification] = indexnow.notifications
        assert notification.type == "application/json; charset=utf-8"
        assert json.loads(notification.body) == {
            "host": "testserver",
            "key": KEY,
            "keyLocation": f"http://testserver/{KEY}.txt",
            "urlList": [f"http://testserver{address}"],
        }

    def test_push_sends_the_format_of_baidu(self, baidu):
        addresses = [published(), published()]
        assert run() == "baidu: 2 addresses\n"
        [notification] = baidu.notifications
        assert notification.type == "text/plain"
        assert notification.query == {"site": ["http://testserver"], "token": ["token"]}
        assert sorted(notification.body.split("\n")) == sorted(
            f"http://testserver{address}" for address in addresses
        )

    def test_push_has_a_cursor_for_each_service(self, indexnow, baidu, caplog):
        address = published()
        indexnow.answers = [503]
        run()
        assert baidu.take_addresses() == [address] * 2
        assert PushCursor.objects.get(service="indexnow").failures == 1
        assert PushCursor.objects.get(service="baidu").failures == 0


class TestChanges:
    def test_push_reports_each_change_once(self, indexnow, clock):
        address = published(starts_at=clock.now)
        run()
        assert indexnow.take_addresses() == [address]
        for _ in range(3):
            clock.move(minutes=1)
            assert run() == ""
        assert indexnow.notifications == []

    def test_push_reports_scheduled_content_when_it_goes_live(self, indexnow, clock):
        article = an_article()
        article.publish(by=a_user(), at=clock.in_(hours=5))
        run()
        clock.move(hours=4, minutes=59)
        run()
        assert indexnow.take_addresses() == []
        clock.move(minutes=1)
        run()
        assert indexnow.take_addresses() == [article.get_absolute_url()]

    def test_push_reports_withdrawals_to_indexnow_only(self, indexnow, baidu, clock):
        article, editor = an_article(), a_user()
        for act, content in [(article.publish, 2), (article.publish, 2), (article.withdraw, 1)]:
            act(by=editor, **({"reason": "误"} if act == article.withdraw else {}))
            run()
            assert indexnow.take_addresses() == [article.get_absolute_url()] * content
            clock.move(hours=1)

    def test_push_reports_notices(self, indexnow):
        notice = a_notice()
        run()
        assert indexnow.take_addresses() == [notice.get_absolute_url()]

    def test_push_reports_no_draft_and_nothing_that_was_never_live(self, indexnow, clock):
        an_article()
        a_notice(starts_at=None)
        published(starts_at=clock.now, ends_at=clock.now)
        run()
        assert indexnow.notifications == []

    def test_push_reports_a_late_commit(self, indexnow, clock):
        first = published(starts_at=clock.in_(minutes=-1))
        run()
        late = published(starts_at=clock.in_(minutes=-3))
        run()
        assert indexnow.take_addresses() == [first, late]

    def test_push_begins_with_the_changes_of_one_day(self, indexnow, clock):
        published(starts_at=clock.in_(days=-2))
        recent = published(starts_at=clock.in_(hours=-20))
        run()
        assert indexnow.take_addresses() == [recent]

    @pytest.mark.parametrize("same_instant", [True, False])
    def test_push_sends_batches(self, indexnow, clock, monkeypatch, same_instant):
        monkeypatch.setattr(push.IndexNow, "max_addresses", 2)
        column = a_column()
        addresses = [
            published(
                column=column, starts_at=clock.in_(minutes=-5 + (0 if same_instant else number))
            )
            for number in range(5)
        ]
        indexnow.answers = [202, 500]
        run()
        assert [len(notification.addresses) for notification in indexnow.notifications] == [2, 2]
        content = indexnow.notifications[0].addresses
        indexnow.take_addresses()
        clock.move(hours=1)
        run()
        assert [len(notification.addresses) for notification in indexnow.notifications] == [2, 1]
        assert sorted(content + indexnow.take_addresses()) == sorted(addresses)

    def test_batches_have_the_maximum_of_each_service(self):
        assert (push.IndexNow.max_addresses, push.Baidu.max_addresses) == (10_000, 2_000)


class TestFailure:
    @pytest.mark.parametrize(
        "answer", [302, 400, 403, 422, 429, 500, 503, "silence", "hang up", "garbage"]
    )
    def test_push_repeats_changes_after_a_failure_and_logs_it(
        self, indexnow, clock, caplog, monkeypatch, answer
    ):
        monkeypatch.setattr(push, "TIMEOUT_SECONDS", 0.2)
        address = published()
        indexnow.answers = [answer]
        assert run() == ""
        [record] = caplog.records
        assert record.getMessage().startswith("indexnow was not notified of 1 changes: ")
        assert KEY not in record.getMessage()
        indexnow.notifications.clear()
        clock.move(minutes=2)
        run()
        assert indexnow.take_addresses() == [address]
        assert PushCursor.objects.get().failures == 0

    def test_push_logs_a_refused_connection(self, settings, caplog, monkeypatch):
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        settings.INDEXNOW_KEY, settings.INDEXNOW_URL = KEY, f"http://127.0.0.1:{port}/"
        published()
        assert run() == ""
        assert "refused" in caplog.text

    @pytest.mark.parametrize(
        "content",
        [
            {"error": 401, "message": "token is not valid"},
            {"success": 0, "remain": 0},
            {"success": 1, "remain": 0},
            {"success": "2"},
            [],
            b"<html>",
            b"",
        ],
    )
    def test_push_repeats_changes_that_baidu_rejects(self, baidu, clock, caplog, content):
        addresses = [published(), published()]
        baidu.answers = [(200, content)]
        assert run() == ""
        assert "token=" not in caplog.text
        baidu.take_addresses()
        clock.move(minutes=2)
        run()
        assert sorted(baidu.take_addresses()) == sorted(addresses)

    def test_push_does_not_repeat_addresses_that_baidu_never_accepts(self, baidu, clock, caplog):
        addresses = [published(), published()]
        content = {"success": 1, "remain": 9, "not_valid": [addresses[0]]}
        baidu.answers = [(200, content)]
        assert run() == "baidu: 2 addresses\n"
        assert f"baidu will never take 1 of 2 addresses, such as {addresses[0]}" in caplog.text
        clock.move(hours=1)
        assert run() == ""

    def test_push_backs_off_after_failures(self, indexnow, clock, caplog):
        published()
        indexnow.answers = [500] * 1000
        tries = []
        for minute in range(1000):
            run()
            if indexnow.take_addresses():
                tries.append(minute)
            clock.move(minutes=1)
        assert tries[:6] == [0, 1, 3, 7, 15, 31]
        assert tries[-1] - tries[-2] <= MAX_PAUSE / timedelta(minutes=1)

    def test_publish_does_not_depend_on_a_service(self, settings):
        settings.INDEXNOW_KEY, settings.INDEXNOW_URL = KEY, "http://127.0.0.1:1/"
        article = an_article()
        article.publish(by=a_user())
        assert not PushCursor.objects.exists()


class TestCursor:
    def test_acquire_gives_the_cursor_to_one_process(self, indexnow, clock):
        published()
        assert PushCursor.acquire("indexnow")
        assert PushCursor.acquire("indexnow") is None
        assert run() == ""
        assert indexnow.notifications == []

    def test_push_continues_after_the_lease_of_a_dead_process(self, indexnow, clock):
        address = published()
        PushCursor.acquire("indexnow")
        clock.move(minutes=LEASE / timedelta(minutes=1))
        run()
        assert indexnow.take_addresses() == [address]

    def test_cursor_str_is_its_service(self):
        assert str(PushCursor(service="baidu", until=timezone.now())) == "baidu"


class TestKeyFile:
    def test_key_file_is_served_once_a_key_is_set(self, client, settings):
        assert client.get(f"/{KEY}.txt").status_code == 404
        settings.INDEXNOW_KEY = KEY
        response = client.get(f"/{KEY}.txt")
        assert (response.text, response["Content-Type"]) == (KEY, "text/plain; charset=utf-8")
        assert not response.cookies
        assert client.get(f"/{KEY[::-1]}.txt").status_code == 404
        assert client.post(f"/{KEY}.txt").status_code == 405
