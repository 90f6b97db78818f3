"""What is logged, and who gets a letter."""

import json
import logging
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core import mail
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory
from gunicorn.config import Config

from operations.gunicorn import JsonLogger
from operations.logs import MAX_EMAILS, JsonFormatter, ThrottledAdminEmailHandler
from operations.tracing import Trace, current_trace


@pytest.fixture
def logger():
    logger = logging.getLogger("tests.operations")
    logger.propagate = False
    yield logger
    logger.handlers.clear()


def written(logger, act) -> list[str]:
    """The lines that an act writes into the log."""
    lines = []

    class Kept(logging.Handler):
        def emit(self, record) -> None:
            lines.append(self.format(record))

    handler = Kept()
    handler.setFormatter(JsonFormatter())
    logger.addHandler(handler)
    act()
    return lines


def fail(logger, number: int = 0) -> None:
    try:
        raise [ValueError, KeyError, OSError, TypeError][number % 4]("坏了")
    except Exception:
        logger.exception("It failed.")


def test_gunicorn_names_a_chinese_address_as_it_was_asked_for():
    path = "/authors/%E6%B2%88%E7%A0%9A%E7%A7%8B/"
    environ = RequestFactory()._base_environ(
        PATH_INFO="/authors/沈砚秋/".encode().decode("latin-1")
    )
    environ["RAW_URI"] = f"{path}?page=2"
    WSGIRequest(environ)
    config = Config()
    config.set("accesslog", "-")
    answer = SimpleNamespace(headers=[], status_code="404", sent=1)
    log = JsonLogger(config)
    [line] = written(log.access_log, lambda: log.access(answer, None, environ, timedelta(0)))
    assert json.loads(line)["path"] == path


class TestLines:
    def test_are_json_with_what_happened_when_and_where(self, logger):
        [line] = written(
            logger, lambda: logger.warning("财政 %s", "部", extra={"facts": {"ms": 7}})
        )
        event = json.loads(line)
        assert event.pop("at")[:2] == "20"
        assert event == {
            "level": "WARNING",
            "logger": "tests.operations",
            "message": "财政 部",
            "ms": 7,
        }
        assert "财政" in line

    def test_carry_the_request(self, logger):
        token = current_trace.set(Trace("id-1"))
        try:
            [line] = written(logger, lambda: logger.warning("x"))
        finally:
            current_trace.reset(token)
        assert json.loads(line)["request"] == "id-1"

    def test_hold_where_an_error_comes_from(self, logger):
        [line] = written(logger, lambda: fail(logger))
        assert "ValueError: 坏了" in json.loads(line)["exception"]

    @pytest.mark.parametrize(
        "text", ["a\r\nb", "\x1b[2J", "\x9b31m", "a\u2028b\u2029", '"}\n{"level": "x']
    )
    def test_cannot_be_forged(self, logger, text):
        [line] = written(logger, lambda: logger.warning("%s", text))
        assert json.loads(line)["message"] == text
        assert line.isprintable()
        line.encode()

    def test_hold_what_no_file_can(self):
        line = JsonFormatter().format(logging.makeLogRecord({"msg": chr(0xD800)}))
        assert line.encode().isascii()


@pytest.fixture
def letters(logger, settings):
    settings.ADMINS = [("", "ops@example.cn")]
    handler = ThrottledAdminEmailHandler()
    logger.addHandler(handler)

    def wait() -> list:
        if handler.thread:
            handler.thread.join()
        return mail.outbox

    return wait


class TestLetters:
    def test_say_what_happened_and_where(self, logger, letters):
        fail(logger)
        [letter] = letters()
        assert letter.subject == "http://testserver ERROR ValueError"
        assert "It failed." in letter.body
        assert "test_logs.py" in letter.body
        assert letter.to == ["ops@example.cn"]

    def test_warnings_make_none(self, logger, letters):
        logger.warning("x")
        assert letters() == []

    def test_foreign_hosts_make_none(self, client, settings):
        settings.ADMINS = [("", "ops@example.cn")]
        handler = ThrottledAdminEmailHandler()
        logging.getLogger().addHandler(handler)
        try:
            assert client.get("/", headers={"host": "scanned.example"}).status_code == 400
        finally:
            logging.getLogger().removeHandler(handler)
        assert handler.thread is None

    def test_of_one_kind_come_once_an_hour(self, logger, letters, clock):
        for _ in range(1000):
            fail(logger)
        assert len(letters()) == 1
        clock.move(minutes=61)
        fail(logger)
        assert len(letters()) == 2
        assert "errors not e-mailed since the last e-mail: 999" in mail.outbox[1].body

    def test_of_other_kinds_come_too(self, logger, letters, clock):
        for number in range(4):
            fail(logger, number)
            letters()
        logger.error("Another.")
        assert len(letters()) == 5

    def test_of_a_storm_are_few(self, logger, letters, clock):
        for number in range(100):
            logger.error(f"Of kind {number}.")
            letters()
        assert len(mail.outbox) == MAX_EMAILS
        clock.move(hours=1)
        clock.move(seconds=1)
        logger.error("Later.")
        letters()
        assert len(mail.outbox) == MAX_EMAILS + 1

    def test_that_cannot_be_sent_harm_nobody(self, logger, letters, settings, caplog):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        fail(logger)
        letters()
        assert "could not be sent" in caplog.text

    def test_errors_without_a_place_are_a_kind_of_their_own(self, logger, letters):
        logger.error("x", exc_info=ValueError("nowhere"))
        assert len(letters()) == 1
