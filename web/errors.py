"""Error pages for failures of the infrastructure: database, disk, media storage.

See docs/decisions/0051-infrastructure-errors-have-their-own-page.md.
"""

import errno
import sys
from collections.abc import Iterator

from django.db import Error, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DISK_FULL = _("The disk of the server is full. Nothing was saved. Tell the operators of the site.")
STORAGE_DOWN = _(
    "The storage of uploads cannot be reached. Nothing was saved. Tell the operators of the site."
)
DATABASE_SLOW = _(
    "The database took too long: many requests are running, or somebody is saving the same content."
)
DATABASE_DOWN = _("The database cannot be reached at the moment.")

# SQLSTATE of PostgreSQL and error names of SQLite.
MESSAGES = {
    "53100": DISK_FULL,
    "57014": DATABASE_SLOW,
    "55P03": DATABASE_SLOW,
    "40P01": DATABASE_SLOW,
    "25P03": DATABASE_SLOW,
    "SQLITE_FULL": DISK_FULL,
    "SQLITE_BUSY": DATABASE_SLOW,
}


def infrastructure_message(error: BaseException | None) -> str | None:
    """Return a message about the failure behind `error`, or None if it is a bug of ours."""
    for cause in _causes(error):
        message = _message(cause)
        if message:
            return str(message)
    return None


def _message(error: BaseException) -> Promise | None:
    if isinstance(error, OSError):
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return DISK_FULL
        if error.errno == errno.EREMOTEIO:
            return STORAGE_DOWN
    if not isinstance(error, Error):
        return None
    driver_error = error.__cause__
    for attribute in ("sqlstate", "sqlite_errorname"):
        code = getattr(driver_error, attribute, None)
        if code in MESSAGES:
            return MESSAGES[code]
    if isinstance(error, OperationalError | InterfaceError):
        return DATABASE_DOWN
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ or error.__context__


def server_error(request: HttpRequest) -> HttpResponse:
    """Render the page for an uncaught exception: 503 for the infrastructure, else 500."""
    message = infrastructure_message(sys.exc_info()[1])
    context = {"message": message, "is_post": request.method == "POST"}
    return render(request, "500.html", context, status=503 if message else 500)
