"""The network address of a login, by which django-axes locks out."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

IPV6_NETWORK_LENGTH = len("2001:0db8:0000:0000")  # 64 bits, in exploded notation


def client_ip(request: HttpRequest) -> str:
    """Return the client's IP address, or an empty string if it is unknown.

    X-Real-IP is used only with BEHIND_PROXY, where our own proxy sets it.
    """
    if settings.BEHIND_PROXY:
        return request.headers.get("X-Real-IP", "")
    address: str = request.META.get("REMOTE_ADDR", "")
    return address


def client_network(request: HttpRequest) -> str:
    """Return an IPv4 address, or the /64 network of an IPv6 address.

    Providers give each household a /64 network, in which clients choose addresses freely.
    """
    address = client_ip(request)
    if ":" not in address:
        return address
    try:
        return ip_address(address).exploded[:IPV6_NETWORK_LENGTH]
    except ValueError:
        return address
