"""Deliver waiting changes to OpenSearch, in their order."""

import json
from urllib.error import HTTPError

from search.models import Delivery, Entry
from search.opensearch import ask
from search.tokens import fold, tokens_of
from web.models import ContentChange

BATCH = 500  # changes that are told at once
MAPPING = {"mappings": {"properties": {"tokens": {"type": "keyword"}, "place": {"type": "long"}}}}


class NotDeliveredError(Exception):
    """OpenSearch did not take what it was told."""


def deliver() -> int:
    """Tell of all changes that wait, in their order; answers of how many. What failed waits on."""
    count = 0
    while waiting := list(Delivery.objects.order_by("pk")[:BATCH]):
        if not count:
            _create()
        # The last change of a row counts: it is what the entry says now.
        changes = {(one.kind, one.key): one.pk for one in waiting}
        found = Entry.objects.filter(key__in={key for _kind, key in changes})
        entries = {(entry.kind, entry.key): entry for entry in found}
        lines = [
            line
            for row, version in changes.items()
            for line in _lines(row, version, entries.get(row))
        ]
        answer = ask("POST", "_bulk", "\n".join([*lines, ""]))
        # 404: it was never told of what is gone. 409: somebody has told of a later change.
        done = [result for item in answer["items"] for result in item.values()]
        refused = [one for one in done if one["status"] not in {200, 201, 404, 409}]
        if refused:
            raise NotDeliveredError(str(refused[0])[:300])
        Delivery.objects.filter(pk__in=[one.pk for one in waiting]).delete()
        ContentChange.record(Delivery.objects.db)  # for pages that searched meanwhile
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
        ask("PUT", "", json.dumps(MAPPING))
    except HTTPError as error:
        if error.code != 400:  # "already exists"
            raise
