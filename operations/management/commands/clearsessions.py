from typing import Any

from django.contrib.sessions.management.commands import clearsessions
from django.core.management import call_command

from operations.timers import timed

LOGIN_RETENTION_DAYS = 190  # as for nginx's log: the law requires six months


@timed
class Command(clearsessions.Command):
    """Django's command, which also deletes old records of logins."""

    def handle(self, **options: Any) -> None:
        super().handle(**options)
        call_command("axes_reset_logs", age=LOGIN_RETENTION_DAYS, stdout=self.stdout)
