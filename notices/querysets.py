from typing import Self

from django.db.models import F, Q
from django.utils import timezone

from publishing.querysets import TimeBoundedQuerySet
from web.models import PublicQuerySet


class NoticeQuerySet(TimeBoundedQuerySet, PublicQuerySet):
    def over(self) -> Self:
        """Return the notices that have ended or were cancelled before they began."""
        return self.filter(Q(ends_at__lte=timezone.now()) | Q(ends_at=F("starts_at")))

    def for_cards(self) -> Self:
        """Return rows without their text, newest first."""
        return self.defer("body").order_by("-date", "-pk")

    def shown_on_pages(self) -> Self:
        """Return popups and banners with their contacts, in their order on the page."""
        return (
            self.exclude(placement="list")
            .prefetch_related("contacts")
            .order_by("order", "-starts_at", "-pk")
        )
