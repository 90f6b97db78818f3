"""What a page cache holds, and how it does when many ask at once, or while the database is away."""

from threading import Barrier, Event, Thread
from time import sleep

import pytest
from django.db import connections

from tests.builders import a_page, a_publication
from tests.wsgi import Site
from web import object_cache, page_cache, poller, site_version

pytestmark = pytest.mark.django_db(transaction=True)


class TestMemory:
    def test_is_bounded_and_holds_what_was_read_last(self):
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

    def test_holds_searches_apart_so_that_no_number_of_them_drives_a_page_out(self, site):
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
    def test_holds_no_search_of_another_form(self, site, query):
        assert not site.is_cached(f"/search/?{query}")

    def test_gives_no_page_an_eighth_of_it(self, site):
        assert not Site(size=20_000).is_cached("/")


class TestManyAtOnce:
    def test_one_rendering_serves_them(self, site):
        site_version.version_tracker.refresh()  # eight threads may take longer to learn it than one may wait
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

    def test_nobody_waits_for_what_cannot_be_kept(self, site):
        for _ in range(2):
            assert site.get("/?utm=1").status == 200
        assert not site.application.rendering


@pytest.fixture
def away(monkeypatch):
    """A switch that takes the database away: nothing answers where it is said to be."""
    there = connections["default"].settings_dict
    nowhere = {"NAME": "/nowhere/at/all.sqlite3", "HOST": "127.0.0.1", "PORT": "1"}
    before = {name: there[name] for name in nowhere}

    def gone() -> None:
        if thread := poller.version_poller.thread:
            thread.join()  # its connection with it
        connections.close_all()
        there.update(
            nowhere if connections["default"].vendor == "postgresql" else {"NAME": nowhere["NAME"]}
        )

    yield gone
    there.update(before)
    connections.close_all()


class TestWithoutDatabase:
    def test_readers_go_on_reading(self, site, away, monkeypatch):
        address = a_publication().get_absolute_url()
        before = [site.get(path) for path in ["/", address]]
        monkeypatch.setattr(poller, "TRUST_SECONDS", 0)
        away()
        assert [site.get(path) for path in ["/", address]] == before
        assert site.rendered == ["/", address]

    def test_what_was_read_stands_in_for_what_cannot_be_rendered(self, site, away, monkeypatch):
        before = site.get("/")
        monkeypatch.setattr(page_cache, "MAX_AGE_SECONDS", 0)
        monkeypatch.setattr(site_version, "POLL_SECONDS", 1000)
        away()
        assert site.get("/") == before
        assert site.rendered == ["/", "/"]
        assert site.get("/notices/").status == 503

    def test_not_for_longer_than_a_day(self, site, away, monkeypatch):
        address = a_publication().get_absolute_url()
        site.get(address)
        monkeypatch.setattr(page_cache, "STALE_IF_ERROR_SECONDS", 0)
        monkeypatch.setattr(poller, "TRUST_SECONDS", 0)
        monkeypatch.setattr(object_cache, "MAX_AGE_SECONDS", 0)  # of what Django itself keeps
        away()
        assert site.get(address).status == 503
