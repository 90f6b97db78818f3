"""The page cache of nginx, in front of gunicorn with our configuration."""

from time import sleep

import pytest

from bench.servers import wait_until
from tests.builders import a_column, a_notice, a_publication, an_admin


class TestPageCacheOfNginx:
    def is_cached(self, site, path: str, *options: str) -> bool:
        """Return whether one of ten successive requests is a cache hit."""
        before = len(site.logged(path))
        site.ask(
            path,
            *options,
            *[argument for _ in range(9) for argument in ["-o", "/dev/null", site.url + path]],
        )
        return "HIT" in [line["cache"] for line in site.logged(path, times=before + 10)]

    @pytest.mark.parametrize(
        "accepted", ["gzip, deflate, br, zstd", "gzip;q=1.0, deflate", "identity"]
    )
    def test_page_is_answered_by_nginx(self, site, accepted):
        address = a_publication().get_absolute_url()
        options = ["-H", f"Accept-Encoding: {accepted}"]
        assert site.cache_status(site.ask(address, *options)) == "MISS"
        wait_until(lambda: self.is_cached(site, address, *options))

    def test_page_is_cached_once_for_each_encoding(self, site):
        address = a_publication().get_absolute_url()
        spellings = ["gzip", "gzip, deflate", "deflate;q=0.5, gzip", "gzip, br;q=0", "GZIP"]
        answers = [
            site.ask(address, "-H", f"Accept-Encoding: {accepted}") for accepted in spellings
        ]
        assert {answer.headers["content-encoding"] for answer in answers} == {"gzip"}
        assert [site.cache_status(answer) for answer in answers].count("MISS") == 1

    @pytest.mark.parametrize("accepted", ["gzip;q=0", "br;q=0.0", "*", "deflate", ""])
    def test_page_is_not_compressed_for_clients_without_gzip(self, site, accepted):
        answer = site.ask(a_publication().get_absolute_url(), "-H", f"Accept-Encoding: {accepted}")
        assert "content-encoding" not in answer.headers
        assert "</html>" in answer.text

    def test_page_is_fetched_once_for_concurrent_requests(self, site):
        address = a_publication().get_absolute_url()
        crowd = [
            argument for _ in range(40) for argument in ["-o", "/dev/null", site.url + address]
        ]
        site.ask(
            address + "qr.svg", *crowd, "--parallel", "--parallel-immediate", "--parallel-max", "41"
        )
        lines = site.logged(address, times=40)
        assert [line["status"] for line in lines] == ["200"] * 40
        assert [line["cache"] for line in lines].count("MISS") == 1

    def test_page_changes_after_a_publication(self, site):
        publication = a_publication(title="原来的标题")
        address = publication.get_absolute_url()
        assert "原来的标题" in site.ask(address).text
        article = publication.article
        article.title = "后来的标题"
        article.save()
        article.publish(by=an_admin())
        wait_until(lambda: "后来的标题" in site.ask(address).text, seconds=10)

    def test_page_that_is_withdrawn_is_sent_to_no_concurrent_request(self, site):
        publication = a_publication()
        address = publication.get_absolute_url()
        assert site.ask(address).status == 200
        wait_until(lambda: self.is_cached(site, address))
        publication.article.withdraw(by=an_admin(), reason="有误")
        wait_until(lambda: site.ask(address).status == 410, seconds=10)
        count = len(site.logged(address, times=3))
        crowd = [
            argument for _ in range(40) for argument in ["-o", "/dev/null", site.url + address]
        ]
        cache_statuses: set[str] = set()
        requests = 0
        # Rounds without a request during an update prove nothing: go on until there was one.
        while requests < 120 or ("UPDATING" not in cache_statuses and requests < 1200):
            sleep(1)
            site.ask(
                address + "qr.svg",
                *crowd,
                "--parallel",
                "--parallel-immediate",
                "--parallel-max",
                "41",
            )
            requests += 40
            lines = site.logged(address, times=count + requests)[-requests:]
            assert {line["status"] for line in lines} == {"410"}
            cache_statuses |= {line["cache"] for line in lines}
        assert "UPDATING" in cache_statuses

    @pytest.mark.parametrize(
        "query", ["?utm_source=wechat", "?page=2&x=1", "?page=0", "?page=99999", "?"]
    )
    def test_page_with_unknown_query_is_not_cached(self, site, query):
        answer = site.ask(f"{a_publication().get_absolute_url()}{query}")
        assert site.cache_status(answer) in ({"MISS"} if query == "?" else {"BYPASS"})

    def test_page_of_a_list_is_cached_by_its_number(self, site):
        column = a_column()
        for _ in range(25):
            a_publication(column=column)
        assert site.cache_status(site.ask(f"{column.get_absolute_url()}?page=2")) == "MISS"
        wait_until(lambda: self.is_cached(site, f"{column.get_absolute_url()}?page=2"))

    def test_page_cache_ignores_requests_with_a_session(self, site):
        address = a_publication().get_absolute_url()
        assert site.cache_status(site.ask(address, *site.session)) == "BYPASS"
        assert site.cache_status(site.ask(address)) == "MISS"
        assert site.cache_status(site.ask(address, *site.session)) == "BYPASS"

    @pytest.mark.parametrize("path", ["/admin/", "/admin/login/", "/admin/articles/article/"])
    def test_page_cache_excludes_the_admin(self, site, path):
        for _ in range(2):
            site.ask(path)
        assert {line["cache"] for line in site.logged(path, times=2)} == {""}

    def test_page_cache_excludes_missing_pages(self, site):
        for _ in range(2):
            assert site.ask("/articles/987654/").status == 404
        assert {line["cache"] for line in site.logged("/articles/987654/", times=2)} == {"MISS"}

    def test_page_has_a_request_id_for_each_request(self, site):
        address = a_notice().get_absolute_url()
        assert len({site.ask(address).headers["x-request-id"] for _ in range(3)}) == 3
