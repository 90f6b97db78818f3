"""OpenSearch, for archives that outgrow one PostgreSQL: it returns the keys of matching entries.

Its index has only the tokens and keys of entries; delivery.py sends every change in order. The
database decides which of the keys are live, so that no withdrawn article is shown while its
change is queued. If OpenSearch does not answer, the index of the database is used instead.
See docs/decisions/0036-opensearch-returns-only-keys.md.
"""

import json
from http.client import HTTPException
from typing import Any
from urllib.request import Request, urlopen

from django.conf import settings

from operations.circuit_breaker import CircuitBreaker
from search.query_tree import And, AndNot, Or, Token, Tree

breaker = CircuitBreaker("OpenSearch")

MAX_KEYS = 2000  # that one search returns, the newest
TIMEOUT_SECONDS = 2


def match_expression(tree: Tree) -> dict[str, Any]:
    """Translate `tree` into the query language of OpenSearch, without scores."""
    match tree:
        case Token(text, begins):
            return {"prefix" if begins else "term": {"tokens": text}}
        case And(parts):
            return {"bool": {"filter": [match_expression(part) for part in parts]}}
        case Or(parts):
            should = [match_expression(part) for part in parts]
            return {"bool": {"should": should, "minimum_should_match": 1}}
        case AndNot(wanted, unwanted):
            required = [match_expression(wanted)]
            excluded = [match_expression(unwanted)]
            return {"bool": {"filter": required, "must_not": excluded}}


def matching_ids(tree: Tree) -> list[int] | None:
    """Return the keys of the newest entries that match, or None if OpenSearch does not answer."""
    if not breaker.allows_request():
        return None
    body = {
        "size": MAX_KEYS,
        "query": match_expression(tree),
        "sort": [{"place": "desc"}],  # the field with the key of the entry
        "_source": False,
    }
    try:
        response = send("POST", "_search", json.dumps(body))
        ids = [hit["sort"][0] for hit in response["hits"]["hits"]]
    except (OSError, HTTPException, ValueError, KeyError) as error:
        breaker.record_failure(error)
        return None
    breaker.record_success()
    return ids


def send(method: str, path: str, body: str) -> Any:
    """Send a request to the index at SEARCH_URL, and return the decoded JSON response."""
    url = f"{settings.SEARCH_URL}/{path}".rstrip("/")
    is_bulk = path == "_bulk"
    content_type = "application/x-ndjson" if is_bulk else "application/json"
    headers = {"Content-Type": content_type}
    request = Request(url, body.encode(), headers, method=method)  # noqa: S310  set by operators
    with urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310  set by operators
        return json.load(response)
