"""Search engines are told over real connections, by servers that stand in for theirs."""

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

from seo import push as pushing
from seo.models import LEASE, MAX_PAUSE, PushCursor
from tests.builders import a_column, a_notice, a_publication, a_user, an_article

pytestmark = pytest.mark.django_db

KEY = "0123456789abcdef"


class Asked(NamedTuple):
    path: str
    type: str
    body: str

    @property
    def query(self) -> dict:
        return parse_qs(urlsplit(self.path).query)

    @property
    def addresses(self) -> list[str]:
        found = (
            json.loads(self.body)["urlList"]
            if self.type.startswith("application/json")
            else self.body.split("\n")
        )
        return [address.removeprefix("http://testserver") for address in found]


class Engine(ThreadingHTTPServer):
    """Answers as it is told to; where the list of answers has ended, that it took everything."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[Asked] = []
        self.answers: list = []
        self.release = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/door"

    def take(self) -> list[str]:
        """What it has been told since it was last asked, by address."""
        told = [address for asked in self.asked for address in asked.addresses]
        self.asked.clear()
        return told


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        asked = Asked(self.path, self.headers["Content-Type"], body)
        self.server.asked.append(asked)
        answer = self.server.answers.pop(0) if self.server.answers else 200
        if answer == "silence":
            self.server.release.wait(10)
        elif answer == "garbage":
            self.wfile.write(b"\0\0\0\r\n\r\n")
        elif answer != "hang up":
            self.say(
                *(
                    answer
                    if isinstance(answer, tuple)
                    else (answer, {"success": len(asked.addresses)})
                )
            )

    def say(self, status: int, told: object) -> None:
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(told if isinstance(told, bytes) else json.dumps(told).encode())

    def log_message(self, *arguments) -> None:
        pass


@pytest.fixture
def engine(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    engine = Engine()
    thread = threading.Thread(target=engine.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield engine
    engine.release.set()
    engine.shutdown()
    thread.join()
    engine.server_close()


@pytest.fixture
def indexnow(engine, settings) -> Engine:
    settings.INDEXNOW_KEY, settings.INDEXNOW_URL = KEY, engine.url
    return engine


@pytest.fixture
def baidu(engine, settings) -> Engine:
    settings.BAIDU_PUSH_TOKEN, settings.BAIDU_PUSH_URL = "token", engine.url
    return engine


def run() -> str:
    output = StringIO()
    call_command("push_addresses", stdout=output)
    return output.getvalue()


def published(**values) -> str:
    return a_publication(**values).get_absolute_url()


class TestWhoIsTold:
    def test_nobody_until_configured(self):
        published()
        assert run() == ""
        assert not PushCursor.objects.exists()

    def test_indexnow_in_its_own_form(self, indexnow):
        address = published()
        assert run() == "indexnow: 1 addresses\n"
        [asked] = indexnow.asked
        assert asked.type == "application/json; charset=utf-8"
        assert json.loads(asked.body) == {
            "host": "testserver",
            "key": KEY,
            "keyLocation": f"http://testserver/{KEY}.txt",
            "urlList": [f"http://testserver{address}"],
        }

    def test_baidu_in_its_own_form(self, baidu):
        addresses = [published(), published()]
        assert run() == "baidu: 2 addresses\n"
        [asked] = baidu.asked
        assert asked.type == "text/plain"
        assert asked.query == {"site": ["http://testserver"], "token": ["token"]}
        assert sorted(asked.body.split("\n")) == sorted(
            f"http://testserver{address}" for address in addresses
        )

    def test_each_has_a_mark_of_its_own(self, indexnow, baidu, caplog):
        address = published()
        indexnow.answers = [503]
        run()
        assert baidu.take() == [address] * 2
        assert PushCursor.objects.get(service="indexnow").failures == 1
        assert PushCursor.objects.get(service="baidu").failures == 0


class TestWhatIsTold:
    def test_each_change_once(self, indexnow, clock):
        address = published(starts_at=clock.now)
        run()
        assert indexnow.take() == [address]
        for _ in range(3):
            clock.move(minutes=1)
            assert run() == ""
        assert indexnow.asked == []

    def test_what_was_scheduled_when_its_time_has_come(self, indexnow, clock):
        article = an_article()
        article.publish(by=a_user(), at=clock.in_(hours=5))
        run()
        clock.move(hours=4, minutes=59)
        run()
        assert indexnow.take() == []
        clock.move(minutes=1)
        run()
        assert indexnow.take() == [article.get_absolute_url()]

    def test_a_correction_and_a_withdrawal_but_no_withdrawal_to_baidu(self, indexnow, baidu, clock):
        article, editor = an_article(), a_user()
        for act, told in [(article.publish, 2), (article.publish, 2), (article.withdraw, 1)]:
            act(by=editor, **({"reason": "误"} if act == article.withdraw else {}))
            run()
            assert indexnow.take() == [article.get_absolute_url()] * told
            clock.move(hours=1)

    def test_notices(self, indexnow):
        notice = a_notice()
        run()
        assert indexnow.take() == [notice.get_absolute_url()]

    def test_no_draft_and_nothing_that_nobody_saw(self, indexnow, clock):
        an_article()
        a_notice(starts_at=None)
        published(starts_at=clock.now, ends_at=clock.now)
        run()
        assert indexnow.asked == []

    def test_what_was_committed_late(self, indexnow, clock):
        first = published(starts_at=clock.in_(minutes=-1))
        run()
        late = published(starts_at=clock.in_(minutes=-3))
        run()
        assert indexnow.take() == [first, late]

    def test_of_the_time_before_it_was_configured_one_day(self, indexnow, clock):
        published(starts_at=clock.in_(days=-2))
        recent = published(starts_at=clock.in_(hours=-20))
        run()
        assert indexnow.take() == [recent]

    @pytest.mark.parametrize("same_instant", [True, False])
    def test_in_batches(self, indexnow, clock, monkeypatch, same_instant):
        monkeypatch.setattr(pushing.IndexNow, "max_addresses", 2)
        column = a_column()
        addresses = [
            published(
                column=column, starts_at=clock.in_(minutes=-5 + (0 if same_instant else number))
            )
            for number in range(5)
        ]
        indexnow.answers = [202, 500]
        run()
        assert [len(asked.addresses) for asked in indexnow.asked] == [2, 2]
        told = indexnow.asked[0].addresses
        indexnow.take()
        clock.move(hours=1)
        run()
        assert [len(asked.addresses) for asked in indexnow.asked] == [2, 1]
        assert sorted(told + indexnow.take()) == sorted(addresses)

    def test_as_many_at_once_as_they_take(self):
        assert (pushing.IndexNow.max_addresses, pushing.Baidu.max_addresses) == (10_000, 2_000)


class TestFailure:
    @pytest.mark.parametrize(
        "answer", [302, 400, 403, 422, 429, 500, 503, "silence", "hang up", "garbage"]
    )
    def test_keeps_the_news_and_is_logged(self, indexnow, clock, caplog, monkeypatch, answer):
        monkeypatch.setattr(pushing, "TIMEOUT_SECONDS", 0.2)
        address = published()
        indexnow.answers = [answer]
        assert run() == ""
        [record] = caplog.records
        assert record.getMessage().startswith("indexnow was not notified of 1 changes: ")
        assert KEY not in record.getMessage()
        indexnow.asked.clear()
        clock.move(minutes=2)
        run()
        assert indexnow.take() == [address]
        assert PushCursor.objects.get().failures == 0

    def test_of_a_door_that_is_shut(self, settings, caplog, monkeypatch):
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        settings.INDEXNOW_KEY, settings.INDEXNOW_URL = KEY, f"http://127.0.0.1:{port}/"
        published()
        assert run() == ""
        assert "refused" in caplog.text

    @pytest.mark.parametrize(
        "told",
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
    def test_is_read_out_of_what_baidu_says(self, baidu, clock, caplog, told):
        addresses = [published(), published()]
        baidu.answers = [(200, told)]
        assert run() == ""
        assert "token=" not in caplog.text
        baidu.take()
        clock.move(minutes=2)
        run()
        assert sorted(baidu.take()) == sorted(addresses)

    def test_is_not_repeated_for_what_baidu_never_takes(self, baidu, clock, caplog):
        addresses = [published(), published()]
        told = {"success": 1, "remain": 9, "not_valid": [addresses[0]]}
        baidu.answers = [(200, told)]
        assert run() == "baidu: 2 addresses\n"
        assert f"baidu will never take 1 of 2 addresses, such as {addresses[0]}" in caplog.text
        clock.move(hours=1)
        assert run() == ""

    def test_is_tried_again_after_longer_and_longer_pauses(self, indexnow, clock, caplog):
        published()
        indexnow.answers = [500] * 1000
        tries = []
        for minute in range(1000):
            run()
            if indexnow.take():
                tries.append(minute)
            clock.move(minutes=1)
        assert tries[:6] == [0, 1, 3, 7, 15, 31]
        assert tries[-1] - tries[-2] <= MAX_PAUSE / timedelta(minutes=1)

    def test_stops_nobody_from_publishing(self, settings):
        settings.INDEXNOW_KEY, settings.INDEXNOW_URL = KEY, "http://127.0.0.1:1/"
        article = an_article()
        article.publish(by=a_user())
        assert not PushCursor.objects.exists()


class TestSeveralMachines:
    def test_agree_on_who_tells(self, indexnow, clock):
        published()
        assert PushCursor.acquire("indexnow")
        assert PushCursor.acquire("indexnow") is None
        assert run() == ""
        assert indexnow.asked == []

    def test_go_on_after_one_that_died(self, indexnow, clock):
        address = published()
        PushCursor.acquire("indexnow")
        clock.move(minutes=LEASE / timedelta(minutes=1))
        run()
        assert indexnow.take() == [address]

    def test_know_the_mark_by_its_service(self):
        assert str(PushCursor(service="baidu", until=timezone.now())) == "baidu"


class TestKeyFile:
    def test_is_served_once_there_is_a_key(self, client, settings):
        assert client.get(f"/{KEY}.txt").status_code == 404
        settings.INDEXNOW_KEY = KEY
        response = client.get(f"/{KEY}.txt")
        assert (response.text, response["Content-Type"]) == (KEY, "text/plain; charset=utf-8")
        assert not response.cookies
        assert client.get(f"/{KEY[::-1]}.txt").status_code == 404
        assert client.post(f"/{KEY}.txt").status_code == 405
