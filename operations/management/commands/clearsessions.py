from django.contrib.sessions.management.commands import clearsessions

from operations.timers import timed


@timed
class Command(clearsessions.Command):
    """Django's own; how it went is remembered."""
