from http.client import HTTPException
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from operations.timers import timed
from search.delivery import NotDeliveredError, deliver


@timed
class Command(BaseCommand):
    help = (
        "Send queued changes of the search index to OpenSearch, in their order. "
        "Run it every minute, on one machine or on all."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SEARCH_URL:
            raise CommandError("SEARCH_URL is not set: OpenSearch is not in use.")
        try:
            count = deliver()
        except (NotDeliveredError, OSError, HTTPException, ValueError) as error:
            raise CommandError(
                f"OpenSearch refused a change; the remaining changes stay queued: {str(error)!a}"
            ) from None
        self.stdout.write(f"{count} changes delivered")
