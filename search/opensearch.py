"""OpenSearch, for who outgrows one machine: told of every change in order, it says which entries have which tokens.

It holds tokens alone. What is live, what may be seen and what it says is asked of the database, so that nothing
withdrawn is found while a change is on its way; and the database answers by its own index when OpenSearch does not.
"""

import json
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from django.conf import settings

from magazine.freshness import Alteration
from operations.breaker import Breaker
from search.tokens import fold, tokens_of
from search.trees import All, Some, Token, Tree, Without

breaker = Breaker("OpenSearch")

MOST = 2000  # entries that one look answers, the newest
BATCH = 500  # changes that are told at once
TIMEOUT = 2  # seconds that one reader waits; who asks soon after does not
MAPPING = {"mappings": {"properties": {"tokens": {"type": "keyword"}, "place": {"type": "long"}}}}


class NotDeliveredError(Exception):
    """OpenSearch did not take what it was told."""


def query(tree: Tree) -> dict:
    """The tree in OpenSearch's words; nothing is scored."""
    match tree:
        case Token(text, begins):
            return {"prefix" if begins else "term": {"tokens": text}}
        case All(parts):
            return {"bool": {"filter": [query(part) for part in parts]}}
        case Some(parts):
            return {"bool": {"should": [query(part) for part in parts], "minimum_should_match": 1}}
        case Without(wanted, unwanted):
            return {"bool": {"filter": [query(wanted)], "must_not": [query(unwanted)]}}


def places(tree: Tree) -> list[int] | None:
    """The keys of the newest entries that have these tokens; None if OpenSearch does not answer."""
    if not breaker.may_try():
        return None
    asked = {"size": MOST, "query": query(tree), "sort": [{"place": "desc"}], "_source": False}
    try:
        answer = _ask("POST", "_search", json.dumps(asked))
        places = [hit["sort"][0] for hit in answer["hits"]["hits"]]
    except (OSError, HTTPException, ValueError, KeyError) as error:
        breaker.failed(error)
        return None
    breaker.worked()
    return places


def deliver() -> int:
    """Tell of all changes that wait, in their order; answers of how many. What failed waits on."""
    from search.models import Delivery, Entry  # the models are built on this module

    count = 0
    while waiting := list(Delivery.objects.order_by("pk")[:BATCH]):
        if not count:
            _create()
        # The last change of a row counts: it is what the entry says now.
        changes = {(one.kind, one.key): one.pk for one in waiting}
        found = Entry.objects.filter(key__in={key for _kind, key in changes})
        entries = {(entry.kind, entry.key): entry for entry in found}
        lines = [line for row, version in changes.items() for line in _lines(row, version, entries.get(row))]
        answer = _ask("POST", "_bulk", "\n".join([*lines, ""]))
        # 404: it was never told of what is gone. 409: somebody has told of a later change.
        done = [result for item in answer["items"] for result in item.values()]
        refused = [one for one in done if one["status"] not in {200, 201, 404, 409}]
        if refused:
            raise NotDeliveredError(str(refused[0])[:300])
        Delivery.objects.filter(pk__in=[one.pk for one in waiting]).delete()
        Alteration.note(Delivery.objects.db)  # for pages that searched meanwhile
        count += len(waiting)
    return count


def _lines(row: tuple[str, int], version: int, entry) -> list[str]:
    about = {"_id": f"{row[0]}-{row[1]}", "version": version, "version_type": "external"}
    if entry is None:
        return [json.dumps({"delete": about})]
    tokens = sorted({*entry.tokens.split(), *tokens_of(fold(entry.text))})
    return [json.dumps({"index": about}), json.dumps({"place": entry.pk, "tokens": tokens})]


def _create() -> None:
    """The index, unless it is there."""
    try:
        _ask("PUT", "", json.dumps(MAPPING))
    except HTTPError as error:
        if error.code != 400:  # "already exists"
            raise


def _ask(method: str, path: str, body: str) -> dict:
    address = f"{settings.SEARCH_URL}/{path}".rstrip("/")
    request = Request(address, body.encode(), {"Content-Type": "application/x-ndjson"}, method=method)  # noqa: S310
    if path != "_bulk":
        request.add_header("Content-Type", "application/json")
    with urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - the operator's own
        return json.load(answer)
