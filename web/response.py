"""A response as it is sent to readers: compressed once, sent many times.

See docs/decisions/0003-page-cache-in-each-worker.md,
docs/decisions/0009-the-application-compresses-responses.md and
docs/decisions/0010-nginx-caches-a-page-for-one-second.md.
"""

import gzip
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import blake2b
from time import time
from typing import Any, NamedTuple

import brotli

# Readers wait for it: both take less than a millisecond for a page (docs/performance.md).
BROTLI_QUALITY = 5
GZIP_LEVEL = 6
MIN_COMPRESSED_BYTES = 300
ENTRY_OVERHEAD_BYTES = 2000  # Python's memory for a response beside its content

TEXT_TYPES = re.compile(r"text/|image/svg|application/([a-z]+\+)?(xml|json)")
PRIVATE = re.compile("private|no-store")
# Headers that belong to one request or one encoding.
OMITTED_HEADERS = {"x-request-id", "content-length", "content-encoding", "etag", "vary"}
NOT_MODIFIED_HEADERS = {"cache-control", "etag", "last-modified", "vary"}
# Browsers revalidate at every visit; our own proxy need not for one second.
CACHE_CONTROL = ("Cache-Control", "public, max-age=0, s-maxage=1")

Headers = list[tuple[str, str]]
Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


@lru_cache(256)
def negotiate_encoding(accept_encoding: str) -> str:
    """Return the smallest encoding that an Accept-Encoding header allows."""
    accepted = {}
    for item in accept_encoding.lower().split(","):
        name, _, quality = item.partition(";")
        is_refused = re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", quality)
        accepted[name.strip()] = not is_refused
    for name in ("br", "gzip"):
        if accepted.get(name):
            return name
    return "identity"


class EncodedBody(NamedTuple):
    """The content in one encoding, with the headers of a 200 and of a 304."""

    etag: str
    headers: Headers
    not_modified_headers: Headers
    content: bytes


class CachedResponse:
    """A complete response: status, headers, and content in the encodings used so far."""

    def __init__(self, status: str, headers: Headers, content: bytes) -> None:
        self.status = status
        self.content = content
        self.headers = []
        values = {}
        for name, value in headers:
            values[name.lower()] = value
            if name.lower() not in OMITTED_HEADERS:
                self.headers.append((name, value))
        is_text_type = bool(TEXT_TYPES.match(values.get("content-type", "")))
        self.last_modified = values.get("last-modified")
        self.is_compressible = is_text_type and len(content) >= MIN_COMPRESSED_BYTES
        self.is_public = (
            status.startswith("200")
            and "set-cookie" not in values
            and not PRIVATE.search(values.get("cache-control", ""))
            and values.get("vary", "Accept-Encoding") == "Accept-Encoding"
        )
        self.is_gone = status.startswith(("404", "410"))
        if self.is_public and "cache-control" not in values:
            self.headers.append(CACHE_CONTROL)
        self.bodies: dict[str, EncodedBody] = {}

    @classmethod
    def from_application(cls, application: Application, environ: Environ) -> "CachedResponse":
        """Call a WSGI application and read its response to the end."""
        started: list[tuple[str, Headers]] = []

        def start_response(status: str, headers: Headers, *exc_info: Any) -> None:
            started.append((status, headers))

        body: Any = application(environ, start_response)
        try:
            content = b"".join(body)
        finally:
            body.close()
        status, headers = started[-1]
        return cls(status, headers, content)

    def compress(self) -> None:
        """Store the encodings that browsers accept, and drop the uncompressed content."""
        for encoding in ("br", "gzip"):
            self._encoded(encoding)
        if self.is_compressible:
            self.content = b""

    @property
    def size(self) -> int:
        """Return the memory it uses, in bytes."""
        encoded = sum(len(body.content) for body in self.bodies.values())
        return len(self.content) + encoded + ENTRY_OVERHEAD_BYTES

    def send(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a WSGI request, with 304 where the browser has the same content."""
        encoding = negotiate_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        body = self._encoded(encoding)
        if self.is_public and self._is_unmodified(body.etag, environ):
            start_response("304 Not Modified", body.not_modified_headers)
            return []
        headers = body.headers
        if self.is_public or self.is_gone:
            # nginx counts whole seconds: s-maxage=1 would let it store a page for up to two.
            headers = [*headers, ("X-Accel-Expires", f"@{int(time())}")]
        start_response(self.status, headers)
        if environ["REQUEST_METHOD"] == "HEAD":
            return []
        return [body.content]

    def _is_unmodified(self, etag: str, environ: Environ) -> bool:
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known:
            etags = [item.strip().removeprefix("W/") for item in known.split(",")]
            return known == "*" or etag in etags
        if not self.last_modified:
            return False
        return environ.get("HTTP_IF_MODIFIED_SINCE") == self.last_modified

    def _encoded(self, encoding: str) -> EncodedBody:
        if not self.is_compressible:
            encoding = "identity"
        if encoding in self.bodies:
            return self.bodies[encoding]
        content = self._compressed(encoding)
        etag = f'"{blake2b(content, digest_size=10).hexdigest()}"'
        headers = [*self.headers, ("Content-Length", str(len(content)))]
        if self.is_compressible:
            headers.append(("Vary", "Accept-Encoding"))
        if encoding != "identity":
            headers.append(("Content-Encoding", encoding))
        if self.is_public:
            headers.append(("ETag", etag))
        not_modified = [item for item in headers if item[0].lower() in NOT_MODIFIED_HEADERS]
        body = EncodedBody(etag, headers, not_modified, content)
        # Few clients want uncompressed text: it is not worth the memory.
        if encoding != "identity" or not self.is_compressible:
            self.bodies[encoding] = body
        return body

    def _compressed(self, encoding: str) -> bytes:
        content = self._uncompressed()
        if encoding == "br":
            compressed: bytes = brotli.compress(content, brotli.MODE_TEXT, quality=BROTLI_QUALITY)
            return compressed
        if encoding == "gzip":
            return gzip.compress(content, GZIP_LEVEL, mtime=0)
        return content

    def _uncompressed(self) -> bytes:
        if self.is_compressible and not self.content:
            return gzip.decompress(self.bodies["gzip"].content)
        return self.content
