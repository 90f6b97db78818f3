from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address a login comes from. The header is believed only when our own proxy is known to write it."""
    if settings.BEHIND_PROXY:
        return request.headers.get("X-Real-IP", "")
    return request.META.get("REMOTE_ADDR", "")
