"""Log lines and error e-mails."""

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


def logged_lines(logger, function) -> list[str]:
    """Call a function and return the lines that it logs."""
    lines = []

    class ListHandler(logging.Handler):
        def emit(self, record) -> None:
            lines.append(self.format(record))

    handler = ListHandler()
    handler.setFormatter(JsonFormatter())
    logger.addHandler(handler)
    function()
    return lines


def fail(logger, number: int = 0) -> None:
    try:
        raise [ValueError, KeyError, OSError, TypeError][number % 4]("坏了")
    except Exception:
        logger.exception("It failed.")


def test_gunicorn_log_keeps_a_chinese_path_percent_encoded():
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
    [line] = logged_lines(log.access_log, lambda: log.access(answer, None, environ, timedelta(0)))
    assert json.loads(line)["path"] == path


class TestJsonFormatter:
    def test_line_is_json_with_time_logger_and_facts(self, logger):
        [line] = logged_lines(
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

    def test_line_has_the_request_id(self, logger):
        token = current_trace.set(Trace("id-1"))
        try:
            [line] = logged_lines(logger, lambda: logger.warning("x"))
        finally:
            current_trace.reset(token)
        assert json.loads(line)["request"] == "id-1"

    def test_line_has_the_traceback(self, logger):
        [line] = logged_lines(logger, lambda: fail(logger))
        assert "ValueError: 坏了" in json.loads(line)["exception"]

    @pytest.mark.parametrize(
        "text", ["a\r\nb", "\x1b[2J", "\x9b31m", "a\u2028b\u2029", '"}\n{"level": "x']
    )
    def test_line_cannot_be_forged(self, logger, text):
        [line] = logged_lines(logger, lambda: logger.warning("%s", text))
        assert json.loads(line)["message"] == text
        assert line.isprintable()
        line.encode()

    def test_line_escapes_surrogates(self):
        line = JsonFormatter().format(logging.makeLogRecord({"msg": chr(0xD800)}))
        assert line.encode().isascii()


@pytest.fixture
def emails(logger, settings):
    settings.ADMINS = [("", "ops@example.cn")]
    handler = ThrottledAdminEmailHandler()
    logger.addHandler(handler)

    def wait() -> list:
        if handler.thread:
            handler.thread.join()
        return mail.outbox

    return wait


class TestErrorEmails:
    def test_email_has_the_message_and_the_code_location(self, logger, emails):
        fail(logger)
        [email] = emails()
        assert email.subject == "http://testserver ERROR ValueError"
        assert "It failed." in email.body
        assert "test_logs.py" in email.body
        assert email.to == ["ops@example.cn"]

    def test_email_is_not_sent_for_warnings(self, logger, emails):
        logger.warning("x")
        assert emails() == []

    def test_email_is_not_sent_for_invalid_hosts(self, client, settings):
        settings.ADMINS = [("", "ops@example.cn")]
        handler = ThrottledAdminEmailHandler()
        logging.getLogger().addHandler(handler)
        try:
            assert client.get("/", headers={"host": "scanned.example"}).status_code == 400
        finally:
            logging.getLogger().removeHandler(handler)
        assert handler.thread is None

    def test_email_of_one_kind_is_sent_once_an_hour(self, logger, emails, clock):
        for _ in range(1000):
            fail(logger)
        assert len(emails()) == 1
        clock.move(minutes=61)
        fail(logger)
        assert len(emails()) == 2
        assert "errors not e-mailed since the last e-mail: 999" in mail.outbox[1].body

    def test_email_of_another_kind_is_sent(self, logger, emails, clock):
        for number in range(4):
            fail(logger, number)
            emails()
        logger.error("Another.")
        assert len(emails()) == 5

    def test_emails_of_all_kinds_are_limited(self, logger, emails, clock):
        for number in range(100):
            logger.error(f"Of kind {number}.")
            emails()
        assert len(mail.outbox) == MAX_EMAILS
        clock.move(hours=1)
        clock.move(seconds=1)
        logger.error("Later.")
        emails()
        assert len(mail.outbox) == MAX_EMAILS + 1

    def test_email_that_cannot_be_sent_is_logged(self, logger, emails, settings, caplog):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        fail(logger)
        emails()
        assert "could not be sent" in caplog.text

    def test_email_is_sent_for_an_error_without_traceback(self, logger, emails):
        logger.error("x", exc_info=ValueError("nowhere"))
        assert len(emails()) == 1
