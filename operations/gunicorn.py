"""gunicorn's own log as lines of JSON, too."""

import re

from gunicorn.glogging import Logger

from operations.logs import JsonFormatter


class JsonLogger(Logger):
    """What was asked and how it went. Who asked, and what was searched for, nginx keeps as long as the law wants."""

    def setup(self, cfg) -> None:
        super().setup(cfg)
        for handler in [*self.error_log.handlers, *self.access_log.handlers]:
            handler.setFormatter(JsonFormatter())

    def warning(self, msg, *args, **kwargs) -> None:
        # Of a request that cannot be read it would quote the line, with what was searched for.
        super().warning(re.sub(r"(?s)(request line).*", r"\1", msg), *args, **kwargs)

    def access(self, resp, req, environ, request_time) -> None:
        if not self.access_log_enabled:
            return
        facts = {
            "request": next((value for name, value in resp.headers if name == "X-Request-ID"), ""),
            "method": environ["REQUEST_METHOD"],
            # As it was asked for, still quoted. Django writes PATH_INFO anew, in characters that no server puts there.
            "path": environ["RAW_URI"].partition("?")[0],
            "status": int(resp.status_code),
            "bytes": resp.sent,
            "ms": round(request_time.total_seconds() * 1000),
        }
        self.access_log.info("%(method)s %(path)s %(status)s", facts, extra={"facts": facts})
