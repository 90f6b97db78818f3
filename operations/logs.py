"""Log formatter that writes one line of JSON for each event, and e-mails about errors.

See docs/decisions/0047-error-emails-are-throttled.md.
"""

import json
import logging
import re
from collections.abc import Hashable
from datetime import datetime, timedelta
from threading import Lock, Thread
from traceback import walk_tb
from typing import Any

from django.conf import settings
from django.core.mail import mail_admins
from django.utils import timezone

from operations.tracing import current_trace

# Control characters, line separators, and surrogates, which UTF-8 cannot encode.
UNSAFE = re.compile(r"[\x7f-\x9f\u2028\u2029\ud800-\udfff]")

EMAIL_PERIOD = timedelta(hours=1)
MAX_EMAILS = 10  # in EMAIL_PERIOD, from each process


class JsonFormatter(logging.Formatter):
    """Format an event as one line of JSON, so that no content can forge a second event."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created).astimezone()
        line: dict[str, Any] = {
            "at": at.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        trace = current_trace.get()
        if trace:
            line["request"] = trace.id
        line.update(getattr(record, "facts", {}))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        text = json.dumps(line, ensure_ascii=False, default=str)
        return UNSAFE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


class ThrottledAdminEmailHandler(logging.Handler):
    """E-mail errors to ADMINS: each kind once in EMAIL_PERIOD, MAX_EMAILS in all.

    An e-mail names the code location and the request id, and contains nothing that the user
    sent, since a form may contain a password. A thread sends it, so that no request waits.
    """

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.setFormatter(JsonFormatter())
        self.sent_at: dict[Hashable, datetime] = {}
        self.suppressed = 0  # errors since the last e-mail
        self.throttle_lock = Lock()
        self.thread: Thread | None = None

    def emit(self, record: logging.LogRecord) -> None:
        kind = _kind(record)
        with self.throttle_lock:
            if not self._may_send(kind):
                self.suppressed += 1
                return
            suppressed = self.suppressed
            self.suppressed = 0
        text = self._text(record, suppressed)
        self.thread = Thread(target=_send, args=[_subject(record), text], daemon=True)
        self.thread.start()

    def _may_send(self, kind: Hashable) -> bool:
        now = timezone.now()
        self.sent_at = {key: at for key, at in self.sent_at.items() if at > now - EMAIL_PERIOD}
        if kind in self.sent_at or len(self.sent_at) >= MAX_EMAILS:
            return False
        self.sent_at[kind] = now
        return True

    def _text(self, record: logging.LogRecord, suppressed: int) -> str:
        event = json.loads(self.format(record))
        parts = [f"{name}: {value}" for name, value in event.items()]
        if suppressed:
            parts.append(f"errors not e-mailed since the last e-mail: {suppressed}")
        return "\n\n".join(parts)


def _subject(record: logging.LogRecord) -> str:
    error_type = record.exc_info[0] if record.exc_info else None
    name = error_type.__name__ if error_type else record.name
    return f"{record.levelname} {name}"


def _kind(record: logging.LogRecord) -> Hashable:
    """Return a value that is equal for errors of one type from one line of code."""
    if not record.exc_info:
        return record.name, record.msg
    error_type, _error, traceback = record.exc_info
    location = None
    for frame, line in walk_tb(traceback):
        location = (frame.f_code.co_filename, line)
    return error_type, location or record.msg


def _send(subject: str, text: str) -> None:
    try:
        mail_admins(f"{settings.SITE_URL} {subject}", text)
    except OSError as error:  # the base class of smtplib's errors
        # A warning: an error would be e-mailed in turn.
        logger = logging.getLogger(__name__)
        logger.warning("An e-mail to ADMINS could not be sent: %s", error)
