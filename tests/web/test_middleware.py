import gzip

import pytest

from tests.builders import a_picture, a_publication
from tests.test_public_pages import build_site

pytestmark = pytest.mark.django_db

ACCEPT_GZIP = {"accept-encoding": "gzip, deflate, br"}


def test_gzip_compresses_every_page_for_browsers_that_accept_it(client):
    for address in [*build_site().values(), "/feeds/", "/sitemap.xml"]:
        response = client.get(address, headers=ACCEPT_GZIP)
        assert (response["Content-Encoding"], response["Vary"]) == ("gzip", "Accept-Encoding"), (
            address
        )
        plain = client.get(address)
        assert "Content-Encoding" not in plain
        assert gzip.decompress(response.content) == plain.content
        assert int(response["Content-Length"]) == len(response.content) < len(plain.content)


def test_gzip_leaves_pictures_uncompressed(client):
    publication = a_publication(cover=a_picture(), cover_alt="图")
    response = client.get(publication.cover.url, headers=ACCEPT_GZIP)
    assert "Content-Encoding" not in response
    with publication.cover.open() as file:
        assert response.getvalue() == file.read()


def test_gzip_keeps_the_304_of_a_feed(client):
    a_publication()
    known = client.get("/feeds/", headers=ACCEPT_GZIP)
    assert (
        client.get("/feeds/", headers=ACCEPT_GZIP | {"if-none-match": known["ETag"]}).status_code
        == 304
    )
