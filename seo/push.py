"""Notify search engines: IndexNow and Baidu get the addresses that went live or are gone.

Publishing queues nothing. The changes since an instant are a query to the sitemap's sections,
which also finds scheduled publications.

See docs/decisions/0040-search-engines-are-notified-by-a-command.md.
"""

import json
import logging
from http.client import HTTPException
from itertools import islice
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings
from django.utils import timezone

from seo.models import AddressChange, PushCursor
from seo.sections import sections

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10
MAX_RESPONSE_BYTES = 65_536


class RejectedError(Exception):
    """A service did not accept a notification."""


class Service:
    """The API of a search engine."""

    max_addresses: int  # of one request
    accepts_gone = True

    def request(self, addresses: list[str]) -> Request:
        """Return the request that reports these addresses."""
        raise NotImplementedError

    def check(self, response: bytes, count: int) -> None:
        """Raise RejectedError if some of `count` addresses must be sent again."""


class IndexNow(Service):
    max_addresses = 10_000

    def request(self, addresses: list[str]) -> Request:
        content = {
            "host": urlsplit(settings.SITE_URL).netloc,
            "key": settings.INDEXNOW_KEY,
            "keyLocation": f"{settings.SITE_URL}/{settings.INDEXNOW_KEY}.txt",
            "urlList": addresses,
        }
        headers = {"Content-Type": "application/json; charset=utf-8"}
        body = json.dumps(content).encode()
        return Request(settings.INDEXNOW_URL, body, headers)  # noqa: S310  set by the operator


class Baidu(Service):
    max_addresses = 2_000
    accepts_gone = False  # it takes dead links elsewhere, and counts each address of a quota

    def request(self, addresses: list[str]) -> Request:
        query = urlencode({"site": settings.SITE_URL, "token": settings.BAIDU_PUSH_TOKEN})
        headers = {"Content-Type": "text/plain"}
        body = "\n".join(addresses).encode()
        return Request(f"{settings.BAIDU_PUSH_URL}?{query}", body, headers)  # noqa: S310

    def check(self, response: bytes, count: int) -> None:
        result = json.loads(response)
        if not isinstance(result, dict) or not isinstance(result.get("success"), int):
            raise RejectedError(str(result)[:200])
        invalid = [*result.get("not_same_site", []), *result.get("not_valid", [])]
        if invalid:
            message = "baidu will never take %s of %s addresses, such as %s"
            logger.warning(message, len(invalid), count, invalid[0])
        if result["success"] + len(invalid) < count:
            raise RejectedError(f"{result['success']} of {count} addresses were taken")


def configured_services() -> dict[str, Service]:
    """Return the services whose keys are set, by name."""
    services: dict[str, Service] = {}
    if settings.INDEXNOW_KEY:
        services["indexnow"] = IndexNow()
    if settings.BAIDU_PUSH_TOKEN:
        services["baidu"] = Baidu()
    return services


def push(name: str, service: Service) -> int:
    """Report unreported changes to a service, and return the number of addresses.

    A failure is logged, and the same changes are sent again later.
    """
    cursor = PushCursor.acquire(name)
    if cursor is None:
        return 0
    count = 0
    changes = iter(_unreported_changes(cursor))
    while batch := list(islice(changes, service.max_addresses)):
        try:
            count += _report(service, batch)
        except (RejectedError, OSError, HTTPException, ValueError) as error:
            pause = cursor.back_off()
            message = "%s was not notified of %s changes: %s. Next try in %s."
            logger.warning(message, name, len(batch), ascii(str(error)), pause)
            return count
        cursor.advance(batch)
    cursor.release()
    return count


def _unreported_changes(cursor: PushCursor) -> list[AddressChange]:
    now = timezone.now()
    unreported = []
    for section in sections.values():
        for change in section.changes(cursor.since, now):
            if not cursor.has_reported(change):
                unreported.append(change)
    return sorted(unreported)


def _report(service: Service, changes: list[AddressChange]) -> int:
    paths: dict[str, None] = {}
    for change in changes:
        if change.is_live or service.accepts_gone:
            paths[change.path] = None
    if paths:
        request = service.request([f"{settings.SITE_URL}{path}" for path in paths])
        service.check(_send(request), len(paths))
    return len(paths)


class _NoRedirect(HTTPRedirectHandler):
    """Refuse redirects: the page behind one accepted nothing, though it answers 200."""

    def redirect_request(self, *args) -> None:
        return None


def _send(request: Request) -> bytes:
    try:
        with build_opener(_NoRedirect).open(request, timeout=TIMEOUT_SECONDS) as response:
            return response.read(MAX_RESPONSE_BYTES)
    except HTTPError as error:
        with error:
            content = error.read(200).decode(errors="replace")
            raise RejectedError(f"{error.code} {content}") from None
