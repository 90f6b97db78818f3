"""Compress responses of installations without nginx.

See docs/decisions/0009-the-application-compresses-responses.md.
"""

from django.http import HttpRequest, HttpResponseBase
from django.middleware import gzip


class GZipMiddleware(gzip.GZipMiddleware):
    """Compress pages and feeds where no nginx does it.

    Pictures and PDF files are streamed, and compressed already.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if response.streaming:
            return response
        return super().process_response(request, response)
