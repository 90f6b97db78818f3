"""Send queued changes of the index to OpenSearch.

See docs/decisions/0036-opensearch-returns-only-keys.md.
"""

import json
from typing import Any
from urllib.error import HTTPError

from search.models import Delivery, Entry
from search.opensearch import send
from search.tokens import fold, tokenize
from web.models import ContentChange

BATCH_SIZE = 500  # changes in one request
# The field `place` has the key of the entry; another name would require a new index.
MAPPING = {"mappings": {"properties": {"tokens": {"type": "keyword"}, "place": {"type": "long"}}}}

# 404: a deleted entry was never in the index. 409: a later change was sent before.
ACCEPTED_STATUSES = {200, 201, 404, 409}

RowKey = tuple[str, int]  # kind and primary key of a row


class NotDeliveredError(Exception):
    """OpenSearch refused a change."""


def deliver() -> int:
    """Send all queued changes in their order, and return their number.

    Raises NotDeliveredError or OSError; changes that were not accepted stay queued.
    """
    count = 0
    while queued := list(Delivery.objects.order_by("pk")[:BATCH_SIZE]):
        if count == 0:
            _create_index()
        _send(queued)
        Delivery.objects.filter(pk__in=[delivery.pk for delivery in queued]).delete()
        # Pages that were rendered before may lack results.
        ContentChange.record(Delivery.objects.db)
        count += len(queued)
    return count


def _send(queued: list[Delivery]) -> None:
    # Only the last change of a row counts: it has the current state of the entry.
    versions: dict[RowKey, int] = {}
    for delivery in queued:
        versions[delivery.kind, delivery.key] = delivery.pk
    entries: dict[RowKey, Entry] = {}
    for entry in Entry.objects.filter(key__in={key for _kind, key in versions}):
        entries[entry.kind, entry.key] = entry
    lines: list[str] = []
    for row_key, version in versions.items():
        lines += _bulk_lines(row_key, version, entries.get(row_key))
    response = send("POST", "_bulk", "\n".join([*lines, ""]))
    for item in response["items"]:
        for result in item.values():
            if result["status"] not in ACCEPTED_STATUSES:
                raise NotDeliveredError(str(result)[:300])


def _bulk_lines(row_key: RowKey, version: int, entry: Entry | None) -> list[str]:
    """Return the lines of the bulk request that index one entry, or delete it."""
    kind, key = row_key
    metadata: dict[str, Any] = {
        "_id": f"{kind}-{key}",
        "version": version,
        "version_type": "external",
    }
    if entry is None:
        return [json.dumps({"delete": metadata})]
    tokens = {*entry.tokens.split(), *tokenize(fold(entry.text))}
    document = {"place": entry.pk, "tokens": sorted(tokens)}
    return [json.dumps({"index": metadata}), json.dumps(document)]


def _create_index() -> None:
    """Create the index unless it exists."""
    try:
        send("PUT", "", json.dumps(MAPPING))
    except HTTPError as error:
        if error.code != 400:  # it exists already
            raise
