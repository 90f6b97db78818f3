"""What is logged, and who is told: a line of JSON for each event, and a letter for what has gone wrong."""

import json
import logging
import re
from collections import Counter
from datetime import datetime, timedelta
from threading import Lock, Thread
from traceback import walk_tb

from django.conf import settings
from django.core.mail import mail_admins
from django.utils import timezone

from operations.tracing import current

# What a terminal obeys, what some readers of lines take for the end of one, and what UTF-8 cannot say.
UNSAFE = re.compile(r"[\x7f-\x9f\u2028\u2029\ud800-\udfff]")

PERIOD = timedelta(hours=1)
MOST_LETTERS = 10  # in a period, from each process; of one kind of error, one


class JsonFormatter(logging.Formatter):
    """One event, one line, whatever stands in it: nobody can forge a second one."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created).astimezone()
        line = {
            "at": at.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if trace := current.get():
            line["request"] = trace.id
        line |= getattr(record, "facts", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        text = json.dumps(line, ensure_ascii=False, default=str)
        return UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class ThrottledAdminEmailHandler(logging.Handler):
    """Writes to ADMINS of what went wrong: of each kind of error once an hour, and of a storm a few times.

    A letter says where and in which request it happened, and holds nothing that was sent: a form may hold a password.
    It is sent by a thread of its own, so that no request waits for the post.
    """

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.setFormatter(JsonFormatter())
        self.written: dict[object, datetime] = {}
        self.held_back: Counter[object] = Counter()
        self.counting = Lock()
        self.thread: Thread | None = None

    def emit(self, record: logging.LogRecord) -> None:
        kind = _kind(record)
        with self.counting:
            if not self._may_write(kind):
                self.held_back[kind] += 1
                return
            held_back, self.held_back = self.held_back.total(), Counter()
        line = json.loads(self.format(record))
        text = "\n\n".join(f"{name}: {value}" for name, value in line.items())
        if held_back:
            text += f"\n\nheld back since the last letter: {held_back}"
        subject = f"{record.levelname} {type(record.exc_info[1]).__name__ if record.exc_info else record.name}"
        self.thread = Thread(target=_send, args=[subject, text], daemon=True)
        self.thread.start()

    def _may_write(self, kind: object) -> bool:
        now = timezone.now()
        self.written = {kind: at for kind, at in self.written.items() if at > now - PERIOD}
        if kind in self.written or len(self.written) >= MOST_LETTERS:
            return False
        self.written[kind] = now
        return True


def _kind(record: logging.LogRecord) -> object:
    """The same for errors of one type that are raised at one place."""
    if not record.exc_info:
        return record.name, record.msg
    places = [(frame.f_code.co_filename, line) for frame, line in walk_tb(record.exc_info[2])]
    return record.exc_info[0], places[-1] if places else record.msg


def _send(subject: str, text: str) -> None:
    try:
        mail_admins(f"{settings.SITE_URL} {subject}", text)
    except OSError as error:  # smtplib's are, too
        # Not as an error: that would be written of in its turn.
        logging.getLogger(__name__).warning("A letter to ADMINS could not be sent: %s", error)
