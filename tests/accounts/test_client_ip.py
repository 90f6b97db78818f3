from django.test import RequestFactory

from accounts.client_ip import client_ip, client_network

HEADERS = {"X-Real-IP": "203.0.113.7", "X-Forwarded-For": "203.0.113.8"}


def test_client_ip_ignores_headers_without_a_proxy(settings):
    settings.BEHIND_PROXY = False
    assert client_ip(RequestFactory().get("/", headers=HEADERS)) == "127.0.0.1"


def test_client_ip_is_the_header_of_our_own_proxy(settings):
    settings.BEHIND_PROXY = True
    assert client_ip(RequestFactory().get("/", headers=HEADERS)) == "203.0.113.7"


def test_client_ip_is_empty_without_an_address(settings):
    request = RequestFactory().get("/")
    del request.META["REMOTE_ADDR"]
    assert client_ip(request) == ""
    settings.BEHIND_PROXY = True
    assert client_ip(request) == ""


def test_client_network_of_ipv6_is_the_first_half():
    def network(address: str) -> str:
        return client_network(RequestFactory().get("/", REMOTE_ADDR=address))

    assert network("2001:db8::1") == network("2001:db8:0:0:ffff::2") != network("2001:db8:0:1::1")
    assert network("192.0.2.1") != network("192.0.2.2")
    assert network("no:address") == "no:address"
