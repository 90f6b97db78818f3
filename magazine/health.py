"""What the house itself must see to, for operators."""

from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from magazine.changes import PushMark
from magazine.models import Publisher
from magazine.pushing import services
from operations.checks import Level, Verdict, checks
from operations.metrics import gauge

# How many days before a licence ends one is reminded. Renewing one takes the authority months.
REMINDERS = (90, 30, 7)
MANY_FAILURES = 5


@checks.register("licence", gettext_lazy("network-publishing licence"))
def licence() -> Verdict:
    publisher = Publisher.objects.first()
    ends = publisher and publisher.licence_expires_on
    if not ends:
        says = _("Nobody has said when the licence expires.")
        return Verdict(Level.WARNING, says, _("Fill in the date at the publisher's page, under “Licences”."))
    left = (ends - timezone.localdate()).days
    words = {"day": ends, "left": left}
    if left < 0:
        says = _("The licence expired on %(day)s.") % words
        return Verdict(Level.BAD, says, _("Renew it with the authority, and fill in the new date."))
    says = _("The licence expires on %(day)s, in %(left)d days.") % words
    if left <= REMINDERS[2]:
        return Verdict(Level.WARNING, says, _("Only days are left: call the authority today."))
    if left <= REMINDERS[1]:
        return Verdict(Level.WARNING, says, _("Less than a month is left: press for the renewal."))
    if left <= REMINDERS[0]:
        return Verdict(Level.WARNING, says, _("Apply for its renewal now."))
    return Verdict(Level.GOOD, says)


@checks.register("pushes", gettext_lazy("telling search engines"))
def pushes() -> Verdict:
    names = services()
    failing = PushMark.objects.filter(service__in=names, failures__gte=MANY_FAILURES)
    if failing:
        says = _("Not told for long: %(names)s") % {"names": ", ".join(sorted(mark.service for mark in failing))}
        return Verdict(Level.WARNING, says, _("The log of push_addresses says what they answer; see the keys."))
    if not names:
        return Verdict(Level.GOOD, _("None is configured."))
    return Verdict(Level.GOOD, _("They are told what goes live."))


@gauge("magazine_push_age_seconds", "How long ago a search engine was told last of a change.", "service")
def push_ages() -> Iterator[tuple[str, float]]:
    for mark in PushMark.objects.filter(service__in=services()):
        yield mark.service, (timezone.now() - mark.until).total_seconds()
