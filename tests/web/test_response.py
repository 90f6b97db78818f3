import gzip

import brotli
import pytest

from tests.builders import a_notice, a_publication

pytestmark = pytest.mark.django_db(transaction=True)


class TestEncodings:
    @pytest.mark.parametrize(
        ("accepted", "encoding"),
        [
            ("gzip, deflate, br, zstd", "br"), ("gzip, br;q=0", "gzip"), ("br;q=0.0, gzip;q=0.5", "gzip"),
            ("GZIP", "gzip"), ("gzip;q=0", None), ("", None), ("zstd", None), ("br;q=0.1", "br"),
        ],
    )  # fmt: skip
    def test_response_uses_the_smallest_accepted_encoding(self, site, accepted, encoding):
        unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
        plain = site.get("/").content
        for _ in range(2):
            page = site.get("/", accept_encoding=accepted)
            assert page.headers.get("Content-Encoding") == encoding
            assert int(page.headers["Content-Length"]) == len(page.content)
            assert unpack(page.content) == plain
        assert site.rendered == ["/"]

    def test_response_of_a_few_bytes_is_not_compressed(self, site):
        answer = site.get("/robots.txt", accept_encoding="br")
        assert "Content-Encoding" not in answer.headers
        assert site.get("/robots.txt", accept_encoding="br") == answer


class TestConditionalRequests:
    @pytest.mark.parametrize("accepted", ["br", "gzip", ""])
    def test_response_is_304_for_a_known_etag(self, site, accepted):
        page = site.get("/", accept_encoding=accepted)
        etag = page.headers["ETag"]
        for known in [etag, f"W/{etag}", f'"other", {etag}', "*"]:
            answer = site.get("/", accept_encoding=accepted, if_none_match=known)
            assert (answer.status, answer.content, answer.headers["ETag"]) == (304, b"", etag)
            assert "Content-Length" not in answer.headers
        assert site.get("/", accept_encoding=accepted, if_none_match='"other"') == page

    def test_response_has_an_etag_for_each_encoding(self, site):
        tags = {
            site.get("/", accept_encoding=accepted).headers["ETag"]
            for accepted in ["br", "gzip", ""]
        }
        assert len(tags) == 3

    def test_response_of_a_feed_is_304_for_a_known_date(self, site):
        a_publication()
        known = site.get("/feeds/").headers["Last-Modified"]
        assert site.get("/feeds/", if_modified_since=known).status == 304
        assert site.get("/feeds/", if_modified_since="Thu, 01 Jan 1970 00:00:00 GMT").status == 200

    def test_response_has_another_etag_after_a_change(self, site):
        etag = site.get("/").headers["ETag"]
        a_notice()
        assert site.get("/", if_none_match=etag).status == 200
