from hashlib import sha256

from django.core.cache import cache
from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.http import Http404, HttpRequest
from django.utils.functional import cached_property

from magazine.freshness import freshness
from magazine.pagecache import shared_with

# Marks the view of a list.
shared_list = shared_with("(page=[1-9][0-9]{0,5})?")

PER_PAGE = 20
COUNTED = 1000
FRESH_SECONDS = 60


class LongPaginator(Paginator):
    """Counts a short list at every request, and one of more than a thousand once a minute."""

    def __init__(self, rows, name: str):
        super().__init__(rows, PER_PAGE)
        self.name = name

    @cached_property
    def count(self) -> int:
        few = self.object_list.order_by()[: COUNTED + 1].count()
        return few if few <= COUNTED else cache.get_or_set(self.name, self.object_list.count, FRESH_SECONDS)


def asked_page(request: HttpRequest, rows) -> Page:
    """The page of a list that an address asks for: the first, if it names none. Raises Http404 beyond the last."""
    number = request.GET.get("page", 1)
    return freshness.keep(("list", request.path, number), lambda: _page(request.path, number, rows))


def _page(path: str, number: int | str, rows) -> Page:
    pages = LongPaginator(rows, f"count:{sha256(path.encode(errors='replace')).hexdigest()}")
    try:
        page = pages.page(number)
    except PageNotAnInteger:
        page = pages.page(1)
    except EmptyPage:
        raise Http404 from None
    page.object_list = list(page.object_list)
    return page
