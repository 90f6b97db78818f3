"""Pagination of public lists. A list ends at its newest rows: a page costs the same at any size."""

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


class NewestPaginator(Paginator):
    """Paginate the newest MAX_ROWS rows of a list, and read no other row."""

    def __init__(self, rows: QuerySet):
        super().__init__(rows, PER_PAGE)

    @cached_property
    def bounded_count(self) -> int:
        return self.object_list.order_by()[: MAX_ROWS + 1].count()

    @property
    def count(self) -> int:
        return min(self.bounded_count, MAX_ROWS)

    @property
    def is_cut(self) -> bool:
        """Return whether older rows are on no page of the list."""
        return self.bounded_count > MAX_ROWS

    def _get_page(self, rows: QuerySet, *args) -> Page:
        # An index alone gives the keys; rows before them are never read.
        cards = rows.model.objects.for_cards().filter(pk__in=rows.values("pk"))
        return super()._get_page(list(cards), *args)


def requested_page(request: HttpRequest, rows: QuerySet) -> Page:
    """Return the page that `?page=` names, the first by default.

    Raises Http404 for a number beyond the last page.
    """
    number = request.GET.get("page", 1)
    key = ("list", request.path, number)
    return object_cache.get_or_compute(key, lambda: _page(number, rows))


def _page(number: int | str, rows: QuerySet) -> Page:
    paginator = NewestPaginator(rows)
    try:
        return paginator.page(number)
    except PageNotAnInteger:
        return paginator.page(1)
    except EmptyPage:
        raise Http404 from None
