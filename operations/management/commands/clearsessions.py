from django.contrib.sessions.management.commands import clearsessions
from django.core.management import call_command

from operations.timers import timed

KEPT = 190  # days, as nginx keeps its log: the law asks for six months


@timed
class Command(clearsessions.Command):
    """Django's own, which also forgets logins of long ago; how it went is remembered."""

    def handle(self, **options) -> None:
        super().handle(**options)
        call_command("axes_reset_logs", age=KEPT, stdout=self.stdout)
