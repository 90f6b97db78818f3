import gzip

import pytest

from tests.builders import a_picture, a_publication
from tests.test_public_pages import a_house

pytestmark = pytest.mark.django_db

PACKED = {"accept-encoding": "gzip, deflate, br"}


def test_every_page_comes_compressed_to_whoever_can_read_that(client):
    for address in [*a_house().values(), "/feeds/", "/sitemap.xml"]:
        response = client.get(address, headers=PACKED)
        assert (response["Content-Encoding"], response["Vary"]) == ("gzip", "Accept-Encoding"), (
            address
        )
        plain = client.get(address)
        assert "Content-Encoding" not in plain
        assert gzip.decompress(response.content) == plain.content
        assert int(response["Content-Length"]) == len(response.content) < len(plain.content)


def test_a_picture_comes_as_it_is(client):
    publication = a_publication(cover=a_picture(), cover_alt="图")
    response = client.get(publication.cover.url, headers=PACKED)
    assert "Content-Encoding" not in response
    with publication.cover.open() as file:
        assert response.getvalue() == file.read()


def test_a_reader_of_compressed_feeds_is_told_that_nothing_has_changed(client):
    a_publication()
    known = client.get("/feeds/", headers=PACKED)
    assert (
        client.get("/feeds/", headers=PACKED | {"if-none-match": known["ETag"]}).status_code == 304
    )
