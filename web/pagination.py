"""Paginate public lists. A list ends at its newest rows, so a page costs the same at any size.

See docs/decisions/0007-lists-end-at-their-newest-1000-rows.md.
"""

from typing import Any

from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.functional import cached_property

from web.object_cache import object_cache
from web.page_cache import cacheable_with

PER_PAGE = 20
MAX_ROWS = 1000  # of a list; the archive by year and month has all older ones

# Decorate the view of a paginated list with this.
cacheable_list = cacheable_with("(page=[1-9][0-9]{0,2})?")


class NewestPaginator(Paginator):  # type: ignore[type-arg]  # it cannot be subscripted
    """Paginate the newest MAX_ROWS rows of a list, and read no other row."""

    def __init__(self, rows: QuerySet[Any]) -> None:
        super().__init__(rows, PER_PAGE)
        self.rows = rows

    @cached_property
    def bounded_count(self) -> int:
        return self.rows.order_by()[: MAX_ROWS + 1].count()

    @property
    def count(self) -> int:
        return min(self.bounded_count, MAX_ROWS)

    @property
    def is_cut(self) -> bool:
        """Return whether older rows are on no page of the list."""
        return self.bounded_count > MAX_ROWS

    def page(self, number: int | str) -> Page[Any]:
        page = super().page(number)
        # An index alone gives the keys; rows before them are never read.
        rows: Any = page.object_list
        cards = rows.model.objects.for_cards().filter(pk__in=rows.values("pk"))
        page.object_list = list(cards)
        return page


def requested_page(request: HttpRequest, rows: QuerySet[Any]) -> Page[Any]:
    """Return the page that `?page=` names, the first by default.

    Raises Http404 for a number beyond the last page.
    """
    number = request.GET.get("page", 1)
    key = ("list", request.path, number)
    page: Page[Any] = object_cache.get_or_compute(key, lambda: _page(number, rows))
    return page


def _page(number: int | str, rows: QuerySet[Any]) -> Page[Any]:
    paginator = NewestPaginator(rows)
    try:
        return paginator.page(number)
    except PageNotAnInteger:
        return paginator.page(1)
    except EmptyPage:
        raise Http404 from None
