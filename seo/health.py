"""Health check and gauge of the notification of search engines."""

from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.checks import CheckResult, Level, checks
from operations.metrics import gauge
from seo.models import PushCursor
from seo.push import configured_services

MAX_FAILURES = 5  # in a row


@checks.register("pushes", gettext_lazy("notification of search engines"))
def pushes() -> CheckResult:
    names = configured_services()
    failing = PushCursor.objects.filter(service__in=names, failures__gte=MAX_FAILURES)
    if failing:
        services = ", ".join(sorted(cursor.service for cursor in failing))
        message = _("Not notified for a long time: %(names)s") % {"names": services}
        fix = _("See the answers of the services in the log of push_addresses, and check the keys.")
        return CheckResult(Level.WARNING, message, fix)
    if not names:
        return CheckResult(Level.GOOD, _("None is configured."))
    return CheckResult(Level.GOOD, _("New content is reported to them."))


@gauge(
    "magazine_push_age_seconds",
    "Seconds since the last change that was reported to a search engine.",
    "service",
)
def push_ages() -> Iterator[tuple[str, float]]:
    for cursor in PushCursor.objects.filter(service__in=configured_services()):
        yield cursor.service, (timezone.now() - cursor.until).total_seconds()
