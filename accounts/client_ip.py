from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """The address a login comes from. The header is believed only when our own proxy is known to write it."""
    if settings.BEHIND_PROXY:
        return request.headers.get("X-Real-IP", "")
    return request.META.get("REMOTE_ADDR", "")


def client_network(request: HttpRequest) -> str:
    """The address of one household: of an IPv6 address, the half that its provider gave it."""
    address = client_ip(request)
    try:
        return ip_address(address).exploded[:19] if ":" in address else address
    except ValueError:
        return address
