"""Who reads the replica, who the primary, and what happens while the replica is away."""

import copy

import pytest
from django.db import OperationalError, connection, connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles.models import Publication
from operations import circuit_breaker as breaking
from operations import routing
from operations.routing import reading_from_replica, breaker
from tests.builders import a_browser, a_publication, an_admin, an_article
from tests.forms import submit
from web.object_cache import object_cache
from web.site_version import version_tracker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def replica(settings, monkeypatch):
    """A second way to the same database, on which nothing can be written."""
    monkeypatch.setattr(breaking, "PAUSE_SECONDS", 1000)  # longer than any test
    config = copy.deepcopy(connections["default"].settings_dict)
    if connections["default"].vendor == "sqlite":
        config["OPTIONS"]["init_command"] = "PRAGMA query_only=1"
    else:
        config["OPTIONS"]["options"] = "-c default_transaction_read_only=on"
    connections.settings["replica"] = config
    settings.DATABASE_ROUTERS = ["operations.routing.ReplicaRouter"]
    settings.MIDDLEWARE = ["operations.routing.ReplicaMiddleware", *settings.MIDDLEWARE]
    breaker.reset()
    connections["replica"].connect()  # pytest-django's own guard knows one database
    yield connections["replica"]
    connections["replica"].close()
    del connections["replica"], connections.settings["replica"]
    breaker.reset()
    version_tracker.invalidate()
    object_cache.clear()


def asked(alias: str, act) -> list[str]:
    with CaptureQueriesContext(connections[alias]) as queries:
        act()
    # What SQLite's connection does as it opens is no question of ours.
    return [query["sql"] for query in queries if "PRAGMA" not in query["sql"]]


class TestReaders:
    @pytest.mark.parametrize(
        "address", ["/", "/archive/", "/feeds/", "/sitemap.xml", "/articles/{}/"]
    )
    def test_read_the_replica_alone(self, replica, client, address):
        address = address.format(a_publication().article_id)
        assert asked("default", lambda: client.get(address)) == []
        assert asked("replica", lambda: client.get(address))

    def test_who_write_reach_the_primary(self, replica, client):
        link = f"/articles/{a_publication().article_id}/read/"
        assert (
            asked("replica", lambda: client.post(link, headers={"origin": "http://testserver"}))
            == []
        )

    def test_sign_in_on_the_primary(self, replica, client):
        an_admin(username="lin")
        sent = {"username": "lin", "password": "password"}
        assert asked("replica", lambda: client.post(reverse("admin:login"), sent)) == []
        assert asked("replica", lambda: client.get(reverse("admin:index"))) == []


class TestEditors:
    def test_read_the_primary_and_their_own_writes(self, replica):
        editor, article = a_browser(an_admin()), an_article(title="旧")
        change = f"/admin/articles/article/{article.pk}/change/"

        def edit() -> None:
            assert submit(editor, change, title="新").status_code == 302
            assert "新" in editor.get(change).text
            article.refresh_from_db()
            article.publish(by=None)
            assert "新" in editor.get(article.get_absolute_url()).text

        # It is asked how readers' pages stand, and nothing else.
        assert not any(
            '"title"' in sql or '"articles_article"' in sql for sql in asked("replica", edit)
        )

    def test_neither_get_what_is_kept_for_readers_nor_leave_them_theirs(self, replica, client):
        address, editor = a_publication().get_absolute_url(), a_browser(an_admin())

        def is_read(alias: str, browser) -> bool:
            return any('"title"' in sql for sql in asked(alias, lambda: browser.get(address)))

        assert [is_read("default", editor) for _ in range(2)] == [True, True]
        assert [is_read("replica", client) for _ in range(2)] == [True, False]
        assert is_read("default", editor)

    def test_write_to_what_was_read_from_the_replica(self, replica):
        a_publication()
        with reading_from_replica():
            publication = Publication.objects.get()
        assert publication._state.db == "replica"
        article = publication.article
        article.title = "新"
        article.save()
        assert article.publish(by=None).title == "新"

    def test_transactions_are_of_one_database(self, replica, transactional_db):
        a_publication()
        with reading_from_replica(), transaction.atomic():
            assert asked("replica", Publication.objects.count) == []


class TestReplicaThatIsAway:
    def away(self, monkeypatch) -> list[str]:
        """As when nothing listens there any more."""
        tries, ensure = [], BaseDatabaseWrapper.ensure_connection

        def refused(connection):
            if connection.alias == "replica":
                tries.append(connection.alias)
                raise OperationalError("connection refused")
            ensure(connection)

        monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", refused)
        return tries

    def test_gives_way_to_the_primary(self, replica, client, monkeypatch, caplog):
        publication = a_publication()
        replica.close()
        tries = self.away(monkeypatch)
        for _ in range(10):
            assert client.get(publication.get_absolute_url()).status_code == 200
        assert tries == ["replica"]
        assert "The database replica is unavailable" in caplog.text

    def test_in_the_middle_of_a_page_does_so_too(self, replica, client):
        publication = a_publication()
        client.get("/notices/")

        def gone(execute, sql, *arguments):
            if "articles_publication" in sql:
                raise OperationalError("server closed the connection unexpectedly")
            return execute(sql, *arguments)

        with replica.execute_wrapper(gone):
            assert client.get(publication.get_absolute_url()).status_code == 200
        assert breaker.is_open

    def test_hangs_and_nobody_waits_for_long(self, replica, client, monkeypatch):
        if replica.vendor != "postgresql":
            return  # no server that could hang
        publication = a_publication()
        monkeypatch.setattr(routing, "WAIT_SECONDS", 0.2)
        replica.close()
        replica.connect()

        def hangs(execute, sql, *arguments):
            return execute("SELECT pg_sleep(1)", None, *arguments[1:])

        with replica.execute_wrapper(hangs):
            assert client.get(publication.get_absolute_url()).status_code == 200
        assert breaker.is_open

    def test_nor_does_a_page_wait_for_ever_for_the_primary(self, client, settings, monkeypatch):
        if connection.vendor != "postgresql":
            return
        settings.STATEMENT_SECONDS = 0.1
        monkeypatch.setattr(routing, "WAIT_SECONDS", 0.1)
        client.raise_request_exception = False
        connection.close()
        connection.connect()

        def hangs(execute, sql, *arguments):
            return execute("SELECT pg_sleep(1)", None, *arguments[1:])

        with connection.execute_wrapper(hangs):
            assert client.get("/archive/").status_code == 503
        connection.close()
        assert client.get("/archive/").status_code == 200

    def test_of_the_primary_no_error_is_hidden(self, replica, client, monkeypatch):
        def gone(execute, sql, *arguments):
            raise OperationalError("server closed the connection unexpectedly")

        client.raise_request_exception = False
        with replica.execute_wrapper(gone), connections["default"].execute_wrapper(gone):
            assert client.get("/archive/").status_code == 503

    def test_is_asked_again_after_a_while(self, replica, client, caplog):
        breaker.retry_at = 0.001  # its pause is over
        assert asked("replica", lambda: client.get("/archive/"))
        assert "The database replica is available again." in caplog.text


def test_nothing_is_migrated_on_the_replica(replica):
    assert router.allow_migrate("default", "articles")
    assert not router.allow_migrate("replica", "articles")


def test_operators_see_whether_it_answers(replica):
    from operations.health import replica as check  # registered where there is one

    assert check().level == "good"
