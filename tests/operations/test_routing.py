"""Tests of the routing of requests to replica or primary, also while the replica fails."""

import copy
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from selectors import EVENT_READ, DefaultSelector
from threading import Thread
from time import monotonic

import pytest
from django.db import DatabaseError, OperationalError, connection, connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles.models import Publication
from operations import circuit_breaker, routing
from operations.routing import breaker, reading_from_replica
from tests.builders import a_browser, a_publication, an_admin, an_article
from tests.forms import submit
from web.object_cache import object_cache
from web.site_version import version_tracker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def replica(settings, monkeypatch):
    """A second, read-only connection to the same database."""
    monkeypatch.setattr(circuit_breaker, "PAUSE_SECONDS", 1000)  # longer than any test
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


def captured_queries(alias: str, function) -> list[str]:
    """Call a function and return the queries that a database executed."""
    with CaptureQueriesContext(connections[alias]) as queries:
        function()
    # SQLite executes PRAGMAs when a connection is opened.
    return [query["sql"] for query in queries if "PRAGMA" not in query["sql"]]


class TestRequestsWithoutSession:
    @pytest.mark.parametrize(
        "address", ["/", "/archive/", "/feeds/", "/sitemap.xml", "/articles/{}/"]
    )
    def test_reader_reads_the_replica_only(self, replica, client, address):
        address = address.format(a_publication().article_id)
        assert captured_queries("default", lambda: client.get(address)) == []
        assert captured_queries("replica", lambda: client.get(address))

    def test_post_request_uses_the_primary(self, replica, client):
        link = f"/articles/{a_publication().article_id}/read/"
        assert (
            captured_queries(
                "replica", lambda: client.post(link, headers={"origin": "http://testserver"})
            )
            == []
        )

    def test_login_uses_the_primary(self, replica, client):
        an_admin(username="lin")
        sent = {"username": "lin", "password": "password"}
        assert captured_queries("replica", lambda: client.post(reverse("admin:login"), sent)) == []
        assert captured_queries("replica", lambda: client.get(reverse("admin:index"))) == []


class TestRequestsWithSession:
    def test_editor_reads_the_primary_and_own_writes(self, replica):
        editor, article = a_browser(an_admin()), an_article(title="旧")
        change = f"/admin/articles/article/{article.pk}/change/"

        def edit() -> None:
            assert submit(editor, change, title="新").status_code == 302
            assert "新" in editor.get(change).text
            article.refresh_from_db()
            article.publish(by=None)
            assert "新" in editor.get(article.get_absolute_url()).text

        # The replica executes only the query for the site version.
        assert not any(
            '"title"' in sql or '"articles_article"' in sql
            for sql in captured_queries("replica", edit)
        )

    def test_editor_and_readers_share_no_cache_entries(self, replica, client):
        address, editor = a_publication().get_absolute_url(), a_browser(an_admin())

        def is_read(alias: str, browser) -> bool:
            return any(
                '"title"' in sql for sql in captured_queries(alias, lambda: browser.get(address))
            )

        assert [is_read("default", editor) for _ in range(2)] == [True, True]
        assert [is_read("replica", client) for _ in range(2)] == [True, False]
        assert is_read("default", editor)

    def test_row_from_the_replica_can_be_saved(self, replica):
        a_publication()
        with reading_from_replica():
            publication = Publication.objects.get()
        assert publication._state.db == "replica"
        article = publication.article
        article.title = "新"
        article.save()
        assert article.publish(by=None).title == "新"

    def test_transaction_reads_the_primary_only(self, replica, transactional_db):
        a_publication()
        with reading_from_replica(), transaction.atomic():
            assert captured_queries("replica", Publication.objects.count) == []


class TestFailingReplica:
    def refuse_connections(self, monkeypatch) -> list[str]:
        """Let connections to the replica fail. Return a list that each attempt is added to."""
        tries = []
        ensure = BaseDatabaseWrapper.ensure_connection

        def refused(connection):
            if connection.alias == "replica":
                tries.append(connection.alias)
                raise OperationalError("connection refused")
            ensure(connection)

        monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", refused)
        return tries

    def test_replica_that_is_down_is_replaced_by_the_primary(
        self, replica, client, monkeypatch, caplog
    ):
        publication = a_publication()
        replica.close()
        tries = self.refuse_connections(monkeypatch)
        for _ in range(10):
            assert client.get(publication.get_absolute_url()).status_code == 200
        assert tries == ["replica"]
        assert "The database replica is unavailable" in caplog.text

    def test_replica_that_fails_during_a_page_is_replaced_by_the_primary(self, replica, client):
        publication = a_publication()
        client.get("/notices/")

        def gone(execute, sql, *arguments):
            if "articles_publication" in sql:
                raise OperationalError("server closed the connection unexpectedly")
            return execute(sql, *arguments)

        with replica.execute_wrapper(gone):
            assert client.get(publication.get_absolute_url()).status_code == 200
        assert breaker.is_open

    def test_replica_that_hangs_is_replaced_by_the_primary(self, replica, client, monkeypatch):
        if replica.vendor != "postgresql":
            return  # SQLite has no server that could hang
        publication = a_publication()
        monkeypatch.setattr(routing, "WAIT_SECONDS", 0.2)
        replica.close()
        replica.connect()

        def hangs(execute, sql, *arguments):
            return execute("SELECT pg_sleep(1)", None, *arguments[1:])

        with replica.execute_wrapper(hangs):
            assert client.get(publication.get_absolute_url()).status_code == 200
        assert breaker.is_open

    def test_primary_that_hangs_gives_an_error_page(self, client, settings, monkeypatch):
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

    def test_error_of_the_primary_is_not_hidden(self, replica, client, monkeypatch):
        def gone(execute, sql, *arguments):
            raise OperationalError("server closed the connection unexpectedly")

        client.raise_request_exception = False
        with replica.execute_wrapper(gone), connections["default"].execute_wrapper(gone):
            assert client.get("/archive/").status_code == 503

    def test_replica_is_tried_again_after_the_pause(self, replica, client, caplog):
        breaker.retry_at = 0.001  # its pause is over
        assert captured_queries("replica", lambda: client.get("/archive/"))
        assert "The database replica is available again." in caplog.text


class HangingServer:
    """A proxy to the PostgreSQL of the tests. Once it hangs, it reads but never answers.

    A PostgreSQL that was stopped by SIGSTOP looks the same to a client: its kernel acknowledges
    every packet.
    """

    def __init__(self) -> None:
        self.is_hanging = False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        connection.ensure_connection()
        self.server = connect_to_server(connection.connection.info)
        self.thread = Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        client, _address = self.listener.accept()
        with client, self.server, self.listener, DefaultSelector() as selector:
            selector.register(client, EVENT_READ, self.server)
            selector.register(self.server, EVENT_READ, client)
            while True:
                for key, _events in selector.select():
                    data = key.fileobj.recv(65536)
                    if not data:
                        return
                    if not self.is_hanging:
                        key.data.sendall(data)


def connect_to_server(info) -> socket.socket:
    """Open another connection to the server of a psycopg connection."""
    if info.host.startswith("/"):
        unix_socket = socket.socket(socket.AF_UNIX)
        unix_socket.connect(f"{info.host}/.s.PGSQL.{info.port}")
        return unix_socket
    return socket.create_connection((info.host, info.port))


@contextmanager
def connection_through(server: HangingServer, alias: str) -> Iterator[BaseDatabaseWrapper]:
    config = copy.deepcopy(connections["default"].settings_dict)
    connections.settings[alias] = config | {"HOST": "127.0.0.1", "PORT": server.port}
    try:
        connections[alias].connect()  # pytest-django refuses cursors of databases it does not know
        yield connections[alias]
    finally:
        connections[alias].close()
        del connections[alias], connections.settings[alias]
        server.thread.join(10)


@pytest.mark.parametrize(("alias", "limit"), [("replica", 0.5), ("primary", 0.9)])
def test_set_wait_timeout_ends_the_wait_for_a_hung_server(alias, limit, settings, monkeypatch):
    """`Connection.wait` is not part of psycopg's public API, so an update may change it."""
    if connection.vendor != "postgresql":
        return  # SQLite has no server that could hang
    monkeypatch.setattr(routing, "WAIT_SECONDS", 0.5)
    settings.STATEMENT_SECONDS = 0.4
    server = HangingServer()
    with connection_through(server, alias) as hung, hung.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
        server.is_hanging = True
        started_at = monotonic()
        with pytest.raises(DatabaseError):
            cursor.execute("SELECT 1")
        assert limit <= monotonic() - started_at < limit + 2


def test_migrations_do_not_run_on_the_replica(replica):
    assert router.allow_migrate("default", "articles")
    assert not router.allow_migrate("replica", "articles")


def test_health_check_of_the_replica_is_good(replica):
    from operations.health import replica as check  # registered only if there is a replica

    assert check().level == "good"
