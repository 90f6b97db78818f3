from http.client import HTTPException

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from operations.timers import timed
from search.delivery import NotDeliveredError, deliver


@timed
class Command(BaseCommand):
    help = "Tell OpenSearch of all changes that wait, in their order. Run it every minute, on one machine or on all."

    def handle(self, **options) -> None:
        if not settings.SEARCH_URL:
            raise CommandError("SEARCH_URL is not set: there is nobody to tell.")
        try:
            self.stdout.write(f"{deliver()} changes delivered")
        except (NotDeliveredError, OSError, HTTPException, ValueError) as error:
            raise CommandError(
                f"OpenSearch took no more, and what is left waits: {str(error)!a}"
            ) from None
