from django.db.models import F, QuerySet
from django.db.models.functions import Greatest
from django.urls import reverse

from notices.models import Notice
from seo.sections import Entry, ListedSection, TimeBoundedSection, register


class Notices(TimeBoundedSection):
    """Notices are edited in place: the last change is the start or the last save."""

    url_name = "notices:notice"

    fields = ["id"]
    instants = [*TimeBoundedSection.instants, "updated_at"]

    def all_rows(self) -> QuerySet:
        return Notice.objects.all()

    def rows(self) -> QuerySet:
        return Notice.objects.live().annotate(changed=Greatest(F("starts_at"), F("updated_at")))


class NoticeList(ListedSection):
    def addresses(self) -> list[Entry]:
        return [(reverse("notices:notices"), None)]


register("notices", Notices())
register("noticelist", NoticeList())
