from io import BytesIO

import segno
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.models import Article, Column, Publication
from articles.sharing import share_links
from magazine.models import Issue

LEADS = 5
LATEST = 6
RELATED = 6
PER_PAGE = 20


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    context = {
        "leads": Publication.objects.live().filter(lead=True).cards()[:LEADS],
        "columns": Column.objects.filter(on_home_page=True).with_latest(LATEST),
        "issues": Issue.objects.current(),
        "is_home": True,
    }
    return render(request, "articles/home.html", context)


@require_safe
def column(request: HttpRequest, slug: str) -> HttpResponse:
    column = get_object_or_404(Column.objects.select_related("magazine"), slug=slug)
    pages = Paginator(column.publications.live().cards(), PER_PAGE)
    context = {"column": column, "magazine": column.magazine, "page": pages.get_page(request.GET.get("page"))}
    return render(request, "articles/column.html", context)


@require_safe
def article(request: HttpRequest, pk: int) -> HttpResponse:
    live = Publication.objects.live()
    publication = get_object_or_404(live.select_related("column", "magazine", "issue__magazine"), article=pk)
    others = live.filter(column=publication.column_id).exclude(article=pk)
    context = {
        "publication": publication,
        "magazine": publication.magazine,
        "previous": live.cards().before(publication).first(),
        "next": live.cards().after(publication).first(),
        "related": others.cards()[:RELATED],
        "share_links": share_links(publication),
    }
    return render(request, "articles/article.html", context)


def preview(request: HttpRequest, article: Article) -> HttpResponse:
    """An article as readers would see it were it published now. Who may look, the admin says."""
    publication = article.version(timezone.now())
    context = {"publication": publication, "magazine": publication.magazine, "is_preview": True}
    return render(request, "articles/article.html", context)


@require_safe
def qr_code(request: HttpRequest, pk: int) -> HttpResponse:
    """The article's address as a QR code: WeChat shares a page by having it scanned."""
    publication = get_object_or_404(Publication.objects.live().only("article"), article=pk)
    picture = BytesIO()
    code = segno.make(f"{settings.SITE_URL}{publication.get_absolute_url()}", error="m", micro=False)
    code.save(picture, kind="svg", scale=4, border=4, light="#fff", xmldecl=False)
    response = HttpResponse(picture.getvalue(), content_type="image/svg+xml")
    response["Cache-Control"] = "public, max-age=86400"
    return response
