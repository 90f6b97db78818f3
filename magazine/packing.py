"""An answer of the site as it goes over the wire: compressed once, for all who read it."""

import gzip
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import blake2b
from time import time
from typing import Any, NamedTuple

import brotli

# Soon done, since readers wait for it: less than a millisecond for both of a page (docs/performance.md).
BROTLI_QUALITY, GZIP_LEVEL = 5, 6
WORTHWHILE = 300  # bytes
OVERHEAD = 2000  # bytes, of what Python needs for a page beside its content

TEXT = re.compile(r"text/|image/svg|application/([a-z]+\+)?(xml|json)")
# What speaks of one request, and what is said anew of each encoding.
LEFT_OUT = {"x-request-id", "content-length", "content-encoding", "etag", "vary"}
IN_SHORT = {"cache-control", "etag", "last-modified", "vary"}
FOR_ONE = re.compile("private|no-store")
# Browsers ask each time whether there is something new; a proxy of ours need not for a second.
FOR_EVERYBODY = ("Cache-Control", "public, max-age=0, s-maxage=1")

Headers = list[tuple[str, str]]


@lru_cache(256)
def preferred(accepted: str) -> str:
    """The shortest encoding that a browser takes, by its Accept-Encoding."""
    offers = {}
    for offer in accepted.lower().split(","):
        name, _, quality = offer.partition(";")
        offers[name.strip()] = not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", quality)
    return next((name for name in ("br", "gzip") if offers.get(name)), "identity")


class Variant(NamedTuple):
    etag: str
    headers: Headers
    headers_in_short: Headers  # of a 304
    content: bytes


class Answer:
    """A whole answer: status, headers and content, in the encodings in which it has been asked for."""

    def __init__(self, status: str, headers: Headers, content: bytes):
        self.status, self.content = status, content
        self.headers = [header for header in headers if header[0].lower() not in LEFT_OUT]
        named = {name.lower(): value for name, value in headers}
        self.last_modified = named.get("last-modified")
        self.is_text = len(content) >= WORTHWHILE and bool(TEXT.match(named.get("content-type", "")))
        self.is_for_everybody = (
            status.startswith("200")
            and "set-cookie" not in named
            and not FOR_ONE.search(named.get("cache-control", ""))
            and named.get("vary", "Accept-Encoding") == "Accept-Encoding"
        )
        self.is_gone = status.startswith(("404", "410"))
        if self.is_for_everybody and "cache-control" not in named:
            self.headers.append(FOR_EVERYBODY)
        self.variants: dict[str, Variant] = {}

    @classmethod
    def of(cls, application: Callable, environ: dict[str, Any]) -> "Answer":
        """What an application answers, read to its end."""
        answers = []
        response = application(environ, lambda status, headers, *_: answers.append((status, headers)))
        try:
            return cls(*answers[-1], b"".join(response))
        finally:
            response.close()

    def pack(self) -> None:
        """Keep what browsers ask for, and nothing else."""
        for encoding in ("br", "gzip"):
            self._variant(encoding)
        if self.is_text:
            self.content = b""

    @property
    def weight(self) -> int:
        """In bytes of memory."""
        return len(self.content) + sum(len(variant.content) for variant in self.variants.values()) + OVERHEAD

    def give(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        variant = self._variant(preferred(environ.get("HTTP_ACCEPT_ENCODING", "")))
        if self.is_for_everybody and self._is_known(variant.etag, environ):
            start_response("304 Not Modified", variant.headers_in_short)
            return []
        # nginx counts whole seconds: what may be kept for one, it keeps for up to two. This way only until it is over.
        until = [("X-Accel-Expires", f"@{int(time())}")] if self.is_for_everybody or self.is_gone else []
        start_response(self.status, variant.headers + until)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [variant.content]

    def _is_known(self, etag: str, environ: dict[str, Any]) -> bool:
        if known := environ.get("HTTP_IF_NONE_MATCH"):
            return known == "*" or etag in (one.strip().removeprefix("W/") for one in known.split(","))
        return bool(self.last_modified) and environ.get("HTTP_IF_MODIFIED_SINCE") == self.last_modified

    def _variant(self, encoding: str) -> Variant:
        encoding = encoding if self.is_text else "identity"
        if variant := self.variants.get(encoding):
            return variant
        content = self._encoded(encoding)
        headers = [*self.headers, ("Content-Length", str(len(content)))]
        etag = f'"{blake2b(content, digest_size=10).hexdigest()}"'
        if self.is_text:
            headers.append(("Vary", "Accept-Encoding"))
        if encoding != "identity":
            headers.append(("Content-Encoding", encoding))
        if self.is_for_everybody:
            headers.append(("ETag", etag))
        in_short = [header for header in headers if header[0].lower() in IN_SHORT]
        variant = Variant(etag, headers, in_short, content)
        # The few who take nothing compressed do not take the others' room.
        if encoding != "identity" or not self.is_text:
            self.variants[encoding] = variant
        return variant

    def _encoded(self, encoding: str) -> bytes:
        content = self._plain()
        match encoding:
            case "br":
                return brotli.compress(content, brotli.MODE_TEXT, quality=BROTLI_QUALITY)
            case "gzip":
                return gzip.compress(content, GZIP_LEVEL, mtime=0)
        return content

    def _plain(self) -> bytes:
        if self.is_text and not self.content:  # packed
            return gzip.decompress(self.variants["gzip"].content)
        return self.content
