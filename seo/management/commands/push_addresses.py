from django.core.management.base import BaseCommand

from operations.timers import timed
from seo.push import configured_services, push


@timed
class Command(BaseCommand):
    help = "Notify search engines of new changes. Run it every minute, on any machine."

    def handle(self, **options) -> None:
        for name, service in configured_services().items():
            count = push(name, service)
            if count:
                self.stdout.write(f"{name}: {count} addresses")
