"""Tests of the page cache: its size, concurrent requests, and a database that is down."""

from threading import Barrier, Event, Thread
from time import sleep

import pytest
from django.db import connections

from tests.builders import a_page, a_publication
from tests.wsgi import Site
from web import object_cache, page_cache, poller, site_version

pytestmark = pytest.mark.django_db(transaction=True)


class TestMemory:
    def test_page_cache_holds_the_pages_requested_last(self):
        site = Site(size=100_000)
        addresses = [a_page(body=f"<p>{number}</p>").get_absolute_url() for number in range(40)]
        first = addresses[0]
        for address in addresses:
            site.get(address)
            site.get(first)
        memory = site.application.bounded
        assert 80_000 < memory.size <= 100_000
        assert memory.size == sum(entry.response.size for entry in memory.entries.values())
        assert site.rendered.count(first) == 1
        assert site.is_cached(addresses[-1])
        site.get(addresses[1])
        assert site.rendered.count(addresses[1]) == 2

    def test_page_cache_evicts_no_page_for_searches(self, site):
        site = Site(size=400_000)
        address = a_publication(title="财政").get_absolute_url()
        assert site.is_cached(address)
        searches = [f"/search/?q={number}&page=1" for number in range(30)]
        for search in searches:
            site.get(search)
        assert 60_000 < site.application.unbounded.size <= 100_000
        assert site.is_cached(searches[-1])
        site.get(searches[0])
        assert site.rendered.count("/search/") == 31
        site.get(address)
        assert site.rendered.count(address) == 1

    @pytest.mark.parametrize(
        "query", ["q=1&utm=1", "q=1&q=2", "page=2", f"q={'1' * 541}", "q=1" + "&page=1" * 8]
    )
    def test_page_cache_holds_no_search_with_other_parameters(self, site, query):
        assert not site.is_cached(f"/search/?{query}")

    def test_page_cache_holds_no_page_larger_than_an_eighth_of_it(self, site):
        assert not Site(size=20_000).is_cached("/")


class TestConcurrentRequests:
    def test_page_cache_coalesces_concurrent_requests(self, site):
        site_version.version_tracker.refresh()  # eight threads may need longer
        waiting, go = Barrier(9), Event()
        site.before = go.wait
        answers = []

        def read() -> None:
            waiting.wait()
            answers.append(site.get("/", accept_encoding="br"))
            connections.close_all()

        readers = [Thread(target=read) for _ in range(8)]
        for reader in readers:
            reader.start()
        waiting.wait()
        while not site.rendered:
            sleep(0.01)
        go.set()
        for reader in readers:
            reader.join()
        assert site.rendered == ["/"]
        assert answers == [answers[0]] * 8

    def test_page_cache_does_not_coalesce_uncacheable_requests(self, site):
        for _ in range(2):
            assert site.get("/?utm=1").status == 200
        assert not site.application.rendering


@pytest.fixture
def stop_database(monkeypatch):
    """A function that changes the settings of the database to an address where nothing answers."""
    settings = connections["default"].settings_dict
    unreachable = {"NAME": "/nowhere/at/all.sqlite3"}
    if connections["default"].vendor == "postgresql":
        unreachable |= {"HOST": "127.0.0.1", "PORT": "1"}
    before = {name: settings[name] for name in unreachable}

    def stop() -> None:
        thread = poller.version_poller.thread
        if thread:
            thread.join()  # it closes its connection
        connections.close_all()
        settings.update(unreachable)

    yield stop
    settings.update(before)
    connections.close_all()


class TestWithoutDatabase:
    def test_page_cache_serves_pages_without_the_database(self, site, stop_database, monkeypatch):
        address = a_publication().get_absolute_url()
        before = [site.get(path) for path in ["/", address]]
        monkeypatch.setattr(poller, "TRUST_SECONDS", 0)
        stop_database()
        assert [site.get(path) for path in ["/", address]] == before
        assert site.rendered == ["/", address]

    def test_page_cache_serves_a_stale_page_instead_of_an_error(
        self, site, stop_database, monkeypatch
    ):
        before = site.get("/")
        monkeypatch.setattr(page_cache, "MAX_AGE_SECONDS", 0)
        monkeypatch.setattr(site_version, "POLL_SECONDS", 1000)
        stop_database()
        assert site.get("/") == before
        assert site.rendered == ["/", "/"]
        assert site.get("/notices/").status == 503

    def test_page_cache_serves_no_stale_page_for_ever(self, site, stop_database, monkeypatch):
        address = a_publication().get_absolute_url()
        site.get(address)
        monkeypatch.setattr(page_cache, "STALE_IF_ERROR_SECONDS", 0)
        monkeypatch.setattr(poller, "TRUST_SECONDS", 0)
        monkeypatch.setattr(object_cache, "MAX_AGE_SECONDS", 0)  # of Django's own cache
        stop_database()
        assert site.get(address).status == 503
