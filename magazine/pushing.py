"""Search engines that want to be told: IndexNow and Baidu get the addresses that went live, and those that are gone.

Nothing is noted when something is published: what went live since an instant is asked of the sitemap's sections, which
also finds what was scheduled. So nobody waits for a search engine, and none is forgotten while it does not answer.
"""

import json
import logging
from http.client import HTTPException
from itertools import islice
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from magazine.changes import Change, PushMark
from magazine.sitemaps import sections

logger = logging.getLogger(__name__)

TIMEOUT = 10  # seconds
ANSWER = 65_536  # bytes of an answer that are read


class NotTakenError(Exception):
    """A service did not take what it was told."""


class Service:
    """A search engine's door: how many addresses it takes at once, and how they are handed over."""

    batch: int
    takes_gone = True

    def request(self, addresses: list[str]) -> Request:
        """What is sent to tell it of these."""

    def check(self, answer: bytes, count: int) -> None:
        """Raises NotTakenError if the answer says that something was not taken which may be taken later."""


class IndexNow(Service):
    batch = 10_000

    def request(self, addresses: list[str]) -> Request:
        told = {
            "host": urlsplit(settings.SITE_URL).netloc,
            "key": settings.INDEXNOW_KEY,
            "keyLocation": f"{settings.SITE_URL}/{settings.INDEXNOW_KEY}.txt",
            "urlList": addresses,
        }
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return Request(settings.INDEXNOW_URL, json.dumps(told).encode(), headers)  # noqa: S310 - the operator's own


class Baidu(Service):
    batch = 2_000
    takes_gone = False  # it wants dead links by another way, and counts every address against a quota

    def request(self, addresses: list[str]) -> Request:
        query = urlencode({"site": settings.SITE_URL, "token": settings.BAIDU_PUSH_TOKEN})
        headers = {"Content-Type": "text/plain"}
        return Request(f"{settings.BAIDU_PUSH_URL}?{query}", "\n".join(addresses).encode(), headers)  # noqa: S310

    def check(self, answer: bytes, count: int) -> None:
        told = json.loads(answer)
        if not isinstance(told, dict) or not isinstance(told.get("success"), int):
            raise NotTakenError(str(told)[:200])
        never = [*told.get("not_same_site", []), *told.get("not_valid", [])]
        if never:
            logger.warning("baidu will never take %s of %s addresses, such as %s", len(never), count, never[0])
        if told["success"] + len(never) < count:
            raise NotTakenError(f"{told['success']} of {count} addresses were taken")


def services() -> dict[str, Service]:
    """Those that are configured."""
    configured = {"indexnow": (settings.INDEXNOW_KEY, IndexNow), "baidu": (settings.BAIDU_PUSH_TOKEN, Baidu)}
    return {name: service() for name, (secret, service) in configured.items() if secret}


def push(name: str, service: Service) -> int:
    """Tell a service what is new; answers of how many addresses. What fails is logged, and tried again later."""
    mark = PushMark.take(name)
    if mark is None:
        return 0
    now, count = timezone.now(), 0
    found = (change for section in sections.values() for change in section.changes(mark.since, now))
    news = iter(sorted(change for change in found if not mark.has_told(change)))
    while batch := list(islice(news, service.batch)):
        try:
            count += _tell(service, batch)
        except (NotTakenError, OSError, HTTPException, ValueError) as error:
            reason, pause = ascii(str(error)), mark.pause()
            logger.warning("%s was not told of %s changes: %s. Next try in %s.", name, len(batch), reason, pause)
            return count
        mark.move(batch)
    mark.release()
    return count


def _tell(service: Service, changes: list[Change]) -> int:
    paths = dict.fromkeys(change.path for change in changes if change.is_live or service.takes_gone)
    if paths:
        answer = _ask(service.request([f"{settings.SITE_URL}{path}" for path in paths]))
        service.check(answer, len(paths))
    return len(paths)


class _NoRedirect(HTTPRedirectHandler):
    """A page that one is sent to took nothing, though it answers 200."""

    def redirect_request(self, *arguments) -> None:
        return None


def _ask(request: Request) -> bytes:
    try:
        with build_opener(_NoRedirect).open(request, timeout=TIMEOUT) as answer:
            return answer.read(ANSWER)
    except HTTPError as error:
        with error:
            raise NotTakenError(f"{error.code} {error.read(200).decode(errors='replace')}") from None


@require_safe
def indexnow_key(request: HttpRequest, key: str) -> HttpResponse:
    """Shows the engines that whoever knows the key may speak for this site."""
    if key != settings.INDEXNOW_KEY:
        raise Http404
    return HttpResponse(key, content_type="text/plain; charset=utf-8")
