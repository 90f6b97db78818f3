"""State of the request that this thread answers.

See docs/decisions/0002-editors-see-their-changes-at-once.md.
"""

from threading import local
from typing import Any

from django.core.signals import request_started

from operations.routing import has_session_cookie


class RequestState(local):
    """Facts about the current request that caches need.

    `checks_version`: the next cache lookup may first read the site version again.

    `is_signed_in`: the user may just have saved something and expects to see it. Management
    commands start no request, so both stay False in them.
    """

    checks_version = False
    is_signed_in = False


request_state = RequestState()


def _start(environ: dict[str, Any], **signal: Any) -> None:
    request_state.checks_version = True
    request_state.is_signed_in = has_session_cookie(environ)


request_started.connect(_start)
