from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """Return the IP address of the client. Only our own proxy is trusted to set the header."""
    if settings.BEHIND_PROXY:
        return request.headers.get("X-Real-IP", "")
    return request.META.get("REMOTE_ADDR", "")


def client_network(request: HttpRequest) -> str:
    """Return the network of the client: the first half of an IPv6 address, or an IPv4 address."""
    address = client_ip(request)
    try:
        return ip_address(address).exploded[:19] if ":" in address else address
    except ValueError:
        return address
