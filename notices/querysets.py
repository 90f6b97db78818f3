from typing import Self

from magazine.liveness import TimedQuerySet


class NoticeQuerySet(TimedQuerySet):
    def cards(self) -> Self:
        """What lists show: everything but the text, newest first."""
        return self.defer("body").order_by("-date", "-pk")

    def shown_on_pages(self) -> Self:
        """Those that stand over or above pages, with their contacts, in the order in which they stand."""
        return self.exclude(placement="list").prefetch_related("contacts").order_by("order", "-starts_at", "-pk")
