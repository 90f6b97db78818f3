from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from notices.models import Notice

PER_PAGE = 20


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    pages = Paginator(Notice.objects.live().cards(), PER_PAGE)
    return render(request, "notices/notices.html", {"page": pages.get_page(request.GET.get("page"))})


@require_safe
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    notice = get_object_or_404(Notice.objects.live().prefetch_related("contacts"), pk=pk)
    return render(request, "notices/notice.html", {"notice": notice, "magazine": notice.magazine})
