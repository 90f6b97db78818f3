from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from notices.models import Notice
from web.page_cache import cacheable
from web.pagination import cacheable_list, requested_page


@cacheable_list
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    return render(
        request, "notices/notices.html", {"page": requested_page(request, Notice.objects.live())}
    )


@cacheable
@require_safe
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    notice = get_object_or_404(Notice.objects.live().prefetch_related("contacts"), pk=pk)
    return render(request, "notices/notice.html", {"notice": notice, "magazine": notice.magazine})
