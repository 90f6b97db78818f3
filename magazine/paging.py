"""Lists, a page at a time. Of a long one the newest rows alone are shown: a page costs the same at any length."""

from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.http import Http404, HttpRequest
from django.utils.functional import cached_property

from magazine.freshness import freshness
from magazine.pagecache import shared_with

PER_PAGE = 20
MOST = 1000  # rows of a list; the archive by year and month holds all that are older

# Marks the view of a list.
shared_list = shared_with("(page=[1-9][0-9]{0,2})?")


class NewestPaginator(Paginator):
    """The newest rows of a list of cards, and no look at any other."""

    def __init__(self, rows):
        super().__init__(rows, PER_PAGE)

    @cached_property
    def found(self) -> int:
        return self.object_list.order_by()[: MOST + 1].count()

    @property
    def count(self) -> int:
        return min(self.found, MOST)

    @property
    def is_cut(self) -> bool:
        """There are older ones that stand on no page of it."""
        return self.found > MOST

    def _get_page(self, rows, *arguments) -> Page:
        # Their keys come out of an index alone; what lies before them is never read.
        cards = rows.model.objects.cards().filter(pk__in=rows.values("pk"))
        return super()._get_page(list(cards), *arguments)


def asked_page(request: HttpRequest, rows) -> Page:
    """The page of a list that an address asks for: the first, if it names none. Raises Http404 beyond the last."""
    number = request.GET.get("page", 1)
    return freshness.keep(("list", request.path, number), lambda: _page(number, rows))


def _page(number: int | str, rows) -> Page:
    pages = NewestPaginator(rows)
    try:
        return pages.page(number)
    except PageNotAnInteger:
        return pages.page(1)
    except EmptyPage:
        raise Http404 from None
