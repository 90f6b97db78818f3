"""Logger class of gunicorn that writes lines of JSON."""

import re
from collections.abc import MutableMapping
from datetime import timedelta
from typing import Any

from gunicorn.config import Config
from gunicorn.glogging import Logger

from operations.logs import JsonFormatter


class JsonLogger(Logger):
    """Log each request without the client's address and the query string.

    Personal data are in nginx's log only, which logrotate deletes after the time that the law
    requires.
    """

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonFormatter())
        for handler in self.access_log.handlers:
            handler.setFormatter(JsonFormatter())

    def warning(self, msg: object, *args: object, **kwargs: Any) -> None:
        # gunicorn quotes an invalid request line, with the words of a search.
        text = re.sub(r"(?s)(request line).*", r"\1", str(msg))
        super().warning(text, *args, **kwargs)

    def access(
        self, resp: Any, req: Any, environ: MutableMapping[str, Any], request_time: timedelta
    ) -> None:
        if not self.access_log_enabled:
            return
        headers = dict(resp.headers)
        facts = {
            "request": headers.get("X-Request-ID", ""),
            "method": environ["REQUEST_METHOD"],
            # Percent-encoded, as the client sent it: Django changes PATH_INFO in place.
            "path": environ["RAW_URI"].partition("?")[0],
            "status": int(resp.status_code),
            "bytes": resp.sent,
            "ms": round(request_time.total_seconds() * 1000),
        }
        self.access_log.info("%(method)s %(path)s %(status)s", facts, extra={"facts": facts})
