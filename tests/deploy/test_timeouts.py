"""Timeouts of PostgreSQL. SQLite needs none: its readers are never blocked."""

import runpy

import pytest
from django.db import connection, transaction

from bench.servers import DEPLOY
from tests.builders import a_publication
from tests.deploy.conftest import database_url
from tests.test_structure import run

LIMITS = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"]
SHOW = f"""
from django.db import connection
with connection.cursor() as cursor:
    for limit in {LIMITS} if connection.vendor == "postgresql" else []:
        cursor.execute("SHOW " + limit)
        print(*cursor.fetchone())
"""


@pytest.mark.parametrize(("given", "statement"), [({}, "0"), ({"STATEMENT_TIMEOUT": "20s"}, "20s")])
def test_timeouts_are_set_on_connections(transactional_db, tmp_path, given, statement):
    shown = run(
        "shell",
        "--no-imports",
        "-c",
        SHOW,
        DATABASE_URL=database_url(),
        DATA_DIR=str(tmp_path),
        **given,
    )
    expected = [statement, "5s", "1min"] if connection.vendor == "postgresql" else []
    assert shown.stdout.split() == expected


def test_timeout_of_statements_is_shorter_than_gunicorns(monkeypatch):
    monkeypatch.setenv("STATEMENT_TIMEOUT", "")  # so that monkeypatch restores the present value
    monkeypatch.delenv("STATEMENT_TIMEOUT")
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "/nowhere")
    configuration = runpy.run_path(str(DEPLOY / "gunicorn.conf.py"))
    assert configuration["os"].environ["STATEMENT_TIMEOUT"] == "20s"
    assert configuration["timeout"] > 20


def test_timeout_of_a_lock_gives_an_error_page(site):
    address = a_publication().get_absolute_url()
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("LOCK TABLE articles_publication IN ACCESS EXCLUSIVE MODE")
        answer = site.ask(f"{address}?unkept")
    if connection.vendor == "postgresql":
        assert answer.status == 503
        assert "数据库响应过慢" in answer.text
    else:
        assert answer.status == 200
