"""OpenSearch as the index, against a fake server with the part of its REST interface in use."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.core.management import CommandError, call_command

from search.models import Delivery, Entry
from search.opensearch import breaker
from tests.builders import a_page, an_article
from tests.search.test_parser import says, titles
from web.models import ContentChange

pytestmark = pytest.mark.django_db


class FakeOpenSearch(ThreadingHTTPServer):
    """Store documents by their ids, with external versions."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), RequestHandler)
        self.documents: dict[str, tuple[int, dict | None]] = {}
        self.created = False
        self.fails = False
        self.requests = 0

    def bulk(self, lines: list[dict]) -> dict:
        items = []
        while lines:
            [(act, about)] = lines.pop(0).items()
            document = lines.pop(0) if act == "index" else None
            known = self.documents.get(about["_id"])
            if self.fails:
                status = 429
            elif known and known[0] >= about["version"]:
                status = 409
            else:
                status = 200 if document or known else 404
                self.documents[about["_id"]] = (about["version"], document)
            items.append({act: {"status": status}})
        return {"items": items}

    def search(self, body: dict) -> dict:
        self.requests += 1
        there = [document for _version, document in self.documents.values() if document]
        found = sorted(
            (one["place"] for one in there if fits(body["query"], one["tokens"])), reverse=True
        )
        return {"hits": {"hits": [{"sort": [place]} for place in found[: body["size"]]]}}


def fits(query: dict, tokens: list[str]) -> bool:
    [(kind, wanted)] = query.items()
    if kind == "term":
        return wanted["tokens"] in tokens
    if kind == "prefix":
        return any(token.startswith(wanted["tokens"]) for token in tokens)
    some = wanted.get("should")
    return (
        all(fits(one, tokens) for one in wanted.get("filter", []))
        and (some is None or any(fits(one, tokens) for one in some))
        and not any(fits(one, tokens) for one in wanted.get("must_not", []))
    )


class RequestHandler(BaseHTTPRequestHandler):
    def do_PUT(self) -> None:
        self.answer({}, 400 if self.server.created else 200)
        self.server.created = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path.endswith("/_bulk"):
            self.answer(self.server.bulk([json.loads(line) for line in body.splitlines()]))
        else:
            self.answer(self.server.search(json.loads(body)), 503 if self.server.fails else 200)

    def answer(self, body: dict, status: int = 200) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *args) -> None:
        pass


@pytest.fixture
def opensearch(settings) -> Iterator[FakeOpenSearch]:
    server = FakeOpenSearch()
    Thread(target=server.serve_forever, daemon=True).start()
    settings.SEARCH_URL = f"http://127.0.0.1:{server.server_port}/magazine"
    breaker.reset()
    yield server
    breaker.reset()
    server.shutdown()
    server.server_close()


def test_deliver_search_sends_changes_that_searches_then_match(client, opensearch):
    says("甲", "财政政策与ESG报告")
    says("乙", "财政")
    assert titles(client, "财政") == []
    changes = ContentChange.objects.count()
    call_command("deliver_search")
    assert ContentChange.objects.count() == changes + 1  # invalidates cached pages
    assert titles(client, "财政政策") == ["甲"]
    assert titles(client, "财") == ["乙", "甲"]
    assert titles(client, "财政 -ESG") == ["乙"]
    assert titles(client, "“政策与”") == ["甲"]
    assert opensearch.requests
    assert not Delivery.objects.exists()


def test_search_omits_a_withdrawn_article_before_delivery(client, opensearch, clock):
    article = an_article(title="财政")
    article.publish(by=None)
    call_command("deliver_search")
    assert titles(client, "财政") == ["财政"]
    clock.move(hours=1)
    article.withdraw(by=None, reason="误")
    assert titles(client, "财政") == []


def test_deliver_search_leaves_refused_changes_queued_in_order(client, opensearch):
    page = a_page(title="旧题")
    opensearch.fails = True
    with pytest.raises(CommandError, match="remaining changes stay queued"):
        call_command("deliver_search")
    page.title = "新题"
    page.save()
    opensearch.fails = False
    call_command("deliver_search")
    assert titles(client, "题") == ["新题"]
    page.delete()
    call_command("deliver_search")
    assert not Delivery.objects.exists()
    assert [document for _version, document in opensearch.documents.values() if document] == []


def test_rebuild_search_restores_lost_documents(client, opensearch):
    says("甲", "财政")
    call_command("deliver_search")
    opensearch.documents.clear()
    assert titles(client, "财政") == []
    call_command("rebuild_search")
    call_command("deliver_search")
    assert titles(client, "财政") == ["甲"]


def test_search_uses_the_database_if_opensearch_does_not_answer(client, opensearch, caplog):
    says("甲", "财政")
    opensearch.fails = True
    assert titles(client, "财政") == ["甲"]
    assert "OpenSearch is unavailable" in caplog.text
    opensearch.fails, requests = False, opensearch.requests
    assert titles(client, "财政") == ["甲"]
    assert opensearch.requests == requests  # the circuit breaker is open
    assert "财政" not in caplog.text


def test_deliver_search_fails_without_search_url():
    a_page()
    assert not Delivery.objects.exists()
    assert Entry.objects.exists()
    with pytest.raises(CommandError, match="SEARCH_URL"):
        call_command("deliver_search")
