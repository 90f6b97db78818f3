from django.core.management.base import BaseCommand

from magazine.pushing import push, services
from operations.timers import timed


@timed
class Command(BaseCommand):
    help = "Tell search engines what has gone live since they were told last. Run it every minute, on any machine."

    def handle(self, **options) -> None:
        for name, service in services().items():
            if count := push(name, service):
                self.stdout.write(f"{name}: {count} addresses")
