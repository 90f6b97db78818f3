from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from magazine.pagecache import shared
from magazine.paging import asked_page, shared_list
from notices.models import Notice


@shared_list
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    return render(request, "notices/notices.html", {"page": asked_page(request, Notice.objects.live())})


@shared
@require_safe
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    notice = get_object_or_404(Notice.objects.live().prefetch_related("contacts"), pk=pk)
    return render(request, "notices/notice.html", {"notice": notice, "magazine": notice.magazine})
