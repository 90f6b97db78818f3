from datetime import datetime

from django.db.models import F, QuerySet
from django.db.models.functions import Greatest
from django.urls import reverse

from magazine.sitemaps import Addresses, TimedSection, register
from notices.models import Notice


class Notices(TimedSection):
    """A notice is edited in place: it stands as it does since its start, or since it was saved last."""

    view, fields = "notices:notice", ["id"]
    instants = [*TimedSection.instants, "updated_at"]

    def everything(self) -> QuerySet:
        return Notice.objects.all()

    def rows(self) -> QuerySet:
        return Notice.objects.live().annotate(changed=Greatest(F("starts_at"), F("updated_at")))


class NoticeList(Addresses):
    def addresses(self) -> list[tuple[str, datetime | None]]:
        return [(reverse("notices:notices"), None)]


register("notices", Notices())
register("noticelist", NoticeList())
