"""Health check of the network-publishing licence."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from magazine.models import Publisher
from operations.checks import CheckResult, Level, checks

# Days before the licence ends at which operators are reminded: renewing it takes months.
FIRST_REMINDER = 90
SECOND_REMINDER = 30
LAST_REMINDER = 7


@checks.register("licence", gettext_lazy("network-publishing licence"))
def licence() -> CheckResult:
    publisher = Publisher.objects.first()
    expires_on = publisher.licence_expires_on if publisher else None
    if not expires_on:
        message = _("The date on which the licence expires is not filled in.")
        fix = _("Fill in the date on the page of the publisher, under “Licences”.")
        return CheckResult(Level.WARNING, message, fix)
    days_left = (expires_on - timezone.localdate()).days
    values = {"day": expires_on, "left": days_left}
    if days_left < 0:
        message = _("The licence expired on %(day)s.") % values
        fix = _("Renew it with the authority and fill in the new date.")
        return CheckResult(Level.BAD, message, fix)
    message = _("The licence expires on %(day)s, in %(left)d days.") % values
    if days_left <= LAST_REMINDER:
        fix = _("Only days are left: call the authority today.")
        return CheckResult(Level.WARNING, message, fix)
    if days_left <= SECOND_REMINDER:
        fix = _("Less than a month is left: ask the authority about the renewal.")
        return CheckResult(Level.WARNING, message, fix)
    if days_left <= FIRST_REMINDER:
        return CheckResult(Level.WARNING, message, _("Apply for its renewal now."))
    return CheckResult(Level.GOOD, message)
