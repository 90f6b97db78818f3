"""Tests of the read counts, which browsers report without identifying readers."""

import os
import signal
import subprocess
import sys
import time
import urllib.request

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import gettext

from articles import reads as counting
from articles.models import Publication, ReadCount
from articles.reads import read_counter
from tests.builders import a_column, a_publication, an_admin, an_article
from web.object_cache import object_cache
from web.site_version import version_tracker

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def nothing_counted():
    read_counter.forget()
    yield
    read_counter.forget()


def read(
    client,
    publication,
    times: int = 1,
    origin="http://testserver",
    agent=FIREFOX,
    address="192.0.2.1",
) -> int:
    headers = {"origin": origin, "user-agent": agent}
    for _ in range(times):
        link = f"/articles/{publication.article_id}/read/"
        response = client.post(
            link, headers={k: v for k, v in headers.items() if v is not None}, REMOTE_ADDR=address
        )
    return response.status_code


def counted() -> dict[int, int]:
    """Write all counts, and return the rows in the database."""
    read_counter.write()
    return {row.article_id: row.count for row in ReadCount.objects.all()}


def ranked(client) -> list[str]:
    cache.clear()
    version_tracker.invalidate()
    object_cache.clear()
    return [card.title for card in client.get("/").context["most_read"]]


class TestCounting:
    def test_a_reader_counts(self, client):
        publication = a_publication()
        assert read(client, publication) == 204
        assert counted() == {publication.article_id: 1}

    def test_no_cookie_is_set_and_nothing_is_kept(self, client):
        response = client.post(
            f"/articles/{a_publication().article_id}/read/", headers={"origin": "http://testserver"}
        )
        assert not response.cookies
        assert (response.content, response["Cache-Control"]) == (b"", "no-store")

    def test_no_view_touches_the_database_until_a_minute_is_over(self, client, clock):
        publication = a_publication()
        with CaptureQueriesContext(connection) as queries:
            read(client, publication, 5)
        assert len(queries) == 0
        assert not ReadCount.objects.exists()
        clock.move(seconds=61)
        read(client, publication)
        assert [(row.article_id, row.count) for row in ReadCount.objects.all()] == [
            (publication.article_id, 6)
        ]

    def test_writing_costs_the_same_for_one_article_and_for_many(self, client):
        column = a_column()
        costs = []
        for articles in [1, 5]:
            for publication in [a_publication(column=column) for _ in range(articles)]:
                read(client, publication)
            with CaptureQueriesContext(connection) as queries:
                read_counter.write()
            costs.append(sum("SAVEPOINT" not in query["sql"] for query in queries.captured_queries))
        assert costs[0] == costs[1] <= 4

    def test_full_memory_is_written_at_once(self, client, monkeypatch):
        monkeypatch.setattr(counting, "MAX_ARTICLES", 2)
        for _ in range(2):
            read(client, a_publication())
        assert ReadCount.objects.count() == 2

    def test_counts_of_several_processes_add_up(self, client):
        publication = a_publication()
        for _ in range(3):
            read(client, publication)
            read_counter.write()
        assert counted() == {publication.article_id: 3}

    def test_a_failing_database_harms_no_reader(self, client, clock, monkeypatch, caplog):
        def fail(counts):
            raise DatabaseError("away")

        publication = a_publication()
        read(client, publication)
        clock.move(minutes=2)
        monkeypatch.setattr(counting, "store", fail)
        assert read(client, publication) == 204
        assert "could not be written" in caplog.text


class TestWhoDoesNotCount:
    @pytest.mark.parametrize(
        "agent",
        [
            "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
            "Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)",
            "Mozilla/5.0 (compatible; Bytespider; spider-feedback@bytedance.com)",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/130.0.0.0",
            None,
        ],
    )
    def test_robots(self, client, agent):
        assert read(client, a_publication(), agent=agent) == 204
        assert counted() == {}

    @pytest.mark.parametrize(
        "origin",
        [
            None,
            "",
            "null",
            "http://evil.example",
            "http://testserver.evil.example",
            "http://[",
            "x://testserver",
        ],
    )
    def test_other_sites(self, client, origin):
        assert read(client, a_publication(), origin=origin) == 204
        assert counted() == {}

    def test_one_address_beyond_what_an_office_reads(self, client, monkeypatch):
        monkeypatch.setattr(counting, "MAX_READS_PER_ADDRESS", 3)
        publication, other = a_publication(), a_publication()
        read(client, publication, 9)
        read(client, publication, 2, address="192.0.2.2")
        read(client, other, 1)
        assert counted() == {publication.article_id: 5, other.article_id: 1}

    def test_readers_of_yesterday_are_forgotten(self, client, clock, monkeypatch):
        monkeypatch.setattr(counting, "MAX_READS_PER_ADDRESS", 1)
        publication = a_publication()
        read(client, publication, 3)
        clock.move(days=1)
        read(client, publication, 3)
        assert counted() == {publication.article_id: 2}

    def test_memory_for_addresses_is_bounded(self, client, monkeypatch):
        monkeypatch.setattr(counting, "MAX_READERS", 5)
        publication = a_publication()
        for host in range(20):
            read(client, publication, address=f"192.0.2.{host}")
        assert len(read_counter.readers) <= 5
        assert counted() == {publication.article_id: 20}

    def test_what_readers_may_not_see(self, client, clock):
        live = a_publication()
        hidden = [
            a_publication(starts_at=clock.in_(hours=1)),
            a_publication(starts_at=clock.in_(hours=-2), ends_at=clock.in_(hours=-1)),
            Publication(article_id=an_article().pk),
            Publication(article_id=999_999_999_999_999_999),
        ]
        for publication in [live, *hidden]:
            assert read(client, publication) == 204
        assert counted() == {live.article_id: 1}

    def test_reading_is_asked_by_post_alone(self, client):
        link = f"/articles/{a_publication().article_id}/read/"
        assert {
            client.get(link).status_code,
            client.head(link).status_code,
            client.put(link).status_code,
        } == {405}

    @pytest.mark.parametrize("number", ["0", "-1", "x", "01", "9" * 19, "9" * 3000, "%00"])
    def test_nonsense_is_not_found(self, client, number):
        assert client.post(f"/articles/{number}/read/").status_code == 404


class TestMostRead:
    def test_stands_on_the_home_page_the_most_read_first(self, client):
        column = a_column()
        a_publication(column=column, title="无")
        some = [a_publication(column=column, title=title) for title in ["少", "多", "中"]]
        for publication, times in zip(some, [1, 3, 2], strict=True):
            read(client, publication, times)
        read_counter.write()
        assert ranked(client) == ["多", "中", "少"]
        assert gettext("Most read this week") in client.get("/").text

    def test_is_left_out_where_nobody_has_read(self, client):
        a_publication()
        assert gettext("Most read this week") not in client.get("/").text

    def test_counts_seven_days_and_keeps_no_more(self, client, clock):
        old, new = a_publication(title="旧"), a_publication(title="新")
        read(client, old, 5)
        read_counter.write()
        clock.move(days=6)
        read(client, new)
        read_counter.write()
        assert ranked(client) == ["旧", "新"]
        clock.move(days=1)
        assert ranked(client) == ["新"]
        read(client, new)
        read_counter.write()
        assert not ReadCount.objects.filter(article=old.article_id).exists()

    def test_a_withdrawn_article_is_gone_at_once(self, client):
        publication, other = a_publication(title="撤"), a_publication(title="留")
        read(client, publication, 2)
        read(client, other)
        read_counter.write()
        assert ranked(client) == ["撤", "留"]
        publication.article.withdraw(by=None, reason="撤稿")
        assert [card.title for card in client.get("/").context["most_read"]] == ["留"]

    def test_is_asked_once_in_five_minutes(self, client):
        publication = a_publication(lead=True)
        read(client, publication)
        read_counter.write()
        client.get("/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        assert not any("readcount" in query["sql"] for query in queries.captured_queries)
        assert len(queries) <= 5

    def test_page_names_the_address_to_readers_alone(self, client):
        publication = a_publication()
        link = f'data-read="/articles/{publication.article_id}/read/"'
        assert link in client.get(publication.get_absolute_url()).text
        client.force_login(an_admin())
        assert (
            "data-read"
            not in client.get(f"/admin/articles/article/{publication.article_id}/preview/").text
        )


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_ends_writes_what_it_has_counted(tmp_path):
    """A real server, with its database and its processes."""
    port, database = 18261, f"sqlite:///{tmp_path / 'db.sqlite3'}"
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "x",
        "SITE_URL": f"http://127.0.0.1:{port}",
    }
    environment |= {
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": database,
        "PORT": str(port),
        "DEBUG": "true",
    }

    def manage(*arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        where = {"cwd": settings.BASE_DIR, "env": environment}
        return subprocess.run(command, **where, capture_output=True, text=True, check=True).stdout  # noqa: S603

    manage("migrate", "--verbosity=0")
    made = manage(
        "shell", "--no-imports", "-c",
        "from articles.models import Article, Column; column = Column.objects.create(title='栏', slug='lan');"
        "article = Article.objects.create(title='文', body='<p>文</p>', column=column); article.publish(by=None);"
        "print(article.pk)",
    )  # fmt: skip
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "magazine.wsgi"]
    server = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)  # noqa: S603
    try:
        address = f"http://127.0.0.1:{port}/articles/{int(made)}/read/"
        headers = {"Origin": f"http://127.0.0.1:{port}", "User-Agent": FIREFOX}
        deadline = time.monotonic() + 30
        answers = []
        while len(answers) < 6 and time.monotonic() < deadline:
            try:
                request = urllib.request.Request(address, b"", headers)
                answers.append(urllib.request.urlopen(request, timeout=5).status)  # noqa: S310
            except OSError:
                time.sleep(0.2)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
    assert answers == [204] * 6
    total = manage(
        "shell", "--no-imports", "-c",
        "from articles.reads import ReadCount; print(sum(row.count for row in ReadCount.objects.all()))",
    )  # fmt: skip
    assert int(total) == 6
