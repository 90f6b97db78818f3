"""OpenSearch, for who outgrows one machine: told of every change in order, it says which entries have which tokens.

It holds tokens alone. What is live, what may be seen and what it says is asked of the database, so that nothing
withdrawn is found while a change is on its way; and the database answers by its own index when OpenSearch does not.
"""

import json
from http.client import HTTPException
from urllib.request import Request, urlopen

from django.conf import settings

from operations.circuit_breaker import CircuitBreaker
from search.query_tree import And, AndNot, Or, Token, Tree

breaker = CircuitBreaker("OpenSearch")

MOST = 2000  # entries that one look answers, the newest
TIMEOUT = 2  # seconds that one reader waits; who asks soon after does not


def query(tree: Tree) -> dict:
    """The tree in OpenSearch's words; nothing is scored."""
    match tree:
        case Token(text, begins):
            return {"prefix" if begins else "term": {"tokens": text}}
        case And(parts):
            return {"bool": {"filter": [query(part) for part in parts]}}
        case Or(parts):
            return {"bool": {"should": [query(part) for part in parts], "minimum_should_match": 1}}
        case AndNot(wanted, unwanted):
            return {"bool": {"filter": [query(wanted)], "must_not": [query(unwanted)]}}


def matching_ids(tree: Tree) -> list[int] | None:
    """The keys of the newest entries that have these tokens; None if OpenSearch does not answer."""
    if not breaker.allows_request():
        return None
    asked = {"size": MOST, "query": query(tree), "sort": [{"place": "desc"}], "_source": False}
    try:
        answer = ask("POST", "_search", json.dumps(asked))
        matching_ids = [hit["sort"][0] for hit in answer["hits"]["hits"]]
    except (OSError, HTTPException, ValueError, KeyError) as error:
        breaker.record_failure(error)
        return None
    breaker.record_success()
    return matching_ids


def ask(method: str, path: str, body: str) -> dict:
    address = f"{settings.SEARCH_URL}/{path}".rstrip("/")
    request = Request(
        address, body.encode(), {"Content-Type": "application/x-ndjson"}, method=method
    )
    if path != "_bulk":
        request.add_header("Content-Type", "application/json")
    with urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - the operator's own
        return json.load(answer)
