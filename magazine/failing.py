"""What is told when something fails that is not the program's fault: what it was, and what to do."""

import errno
import sys
from collections.abc import Iterator

from django.db import Error, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

NO_ROOM = _("There is no room left on the server's disk. Nothing was saved; tell those who run the site.")
NO_STORE = _("The store of uploads cannot be reached. Nothing was saved; tell those who run the site.")
TOO_LONG = _("The database took too long, because much else is going on or somebody is saving the same.")
NO_DATABASE = _("The database cannot be reached at the moment.")

# What PostgreSQL says, by the class of its code or the code itself.
BY_STATE = {"53100": NO_ROOM, "57014": TOO_LONG, "55P03": TOO_LONG, "40P01": TOO_LONG, "25P03": TOO_LONG}
BY_CODE = {"SQLITE_FULL": NO_ROOM, "SQLITE_BUSY": TOO_LONG}


def sentence(error: BaseException | None) -> str | None:
    """What to say of an error; nothing, if it is our own."""
    for one in _chain(error):
        if isinstance(one, OSError) and one.errno in {errno.ENOSPC, errno.EDQUOT}:
            return NO_ROOM
        if isinstance(one, OSError) and one.errno == errno.EREMOTEIO:
            return NO_STORE
        if isinstance(one, Error):
            state = getattr(one.__cause__, "sqlstate", None)
            code = getattr(one.__cause__, "sqlite_errorname", None)
            if said := BY_STATE.get(state) or BY_CODE.get(code):
                return said
            if isinstance(one, OperationalError | InterfaceError):
                return NO_DATABASE
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ or error.__context__


def failed(request: HttpRequest) -> HttpResponse:
    """The handler of what nobody caught: Django calls it while it handles the error."""
    said = sentence(sys.exc_info()[1])
    status = 503 if said else 500
    return render(request, "500.html", {"said": said, "wrote": request.method == "POST"}, status=status)
