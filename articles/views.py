from io import BytesIO
from itertools import groupby

import segno
from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from articles.archive import days_of, live_months
from articles.cards import card_name
from articles.citing import FILES, citations, reference
from articles.home import home_page
from articles.mentions import MentionKind, address, is_addressable, normalized
from articles.models import Column, Publication
from articles.reads import is_reader, read_counter
from articles.sharing import share_links
from magazine.models import Issue
from magazine.site import site
from web.object_cache import object_cache
from web.page_cache import cacheable
from web.pagination import cacheable_list, requested_page


@cacheable
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    shown = object_cache.get_or_compute(
        "home", lambda: home_page()._asdict() | {"issues": list(Issue.objects.current())}
    )
    return render(request, "articles/home.html", shown | {"is_home": True})


@cacheable_list
@require_safe
def column(request: HttpRequest, slug: str) -> HttpResponse:
    column = get_object_or_404(Column.objects.select_related("magazine"), slug=slug)
    page = requested_page(request, column.publications.live())
    context = {"column": column, "magazine": column.magazine, "page": page}
    return render(request, "articles/column.html", context)


@cacheable
@require_safe
def article(request: HttpRequest, pk: int) -> HttpResponse:
    shown = object_cache.get_or_compute(("article", pk), lambda: _article_context(pk))
    if shown["publication"].is_live():
        return render(request, "articles/article.html", shown)
    return render(request, "articles/withdrawn.html", shown, status=410)


def _article_context(pk: int) -> dict[str, object]:
    """Return the context of the page of an article, live or withdrawn."""
    publication = Publication.objects.select_related("column", "issue").latest_public(pk)
    if publication is None:
        raise Http404
    # Taken from the cached site: two joins would take as long as the rest of the query.
    for magazine in site().magazines:
        if magazine.pk == publication.magazine_id:
            publication.magazine = magazine
            if publication.issue:
                publication.issue.magazine = magazine
    shown = {"publication": publication, "magazine": publication.magazine}
    if not publication.is_live():
        return shown
    ways = Publication.objects.live().prev_next_related(publication)
    return shown | {
        "previous": ways.previous,
        "next": ways.next,
        "related": ways.related,
        "share_links": share_links(publication),
        "citations": citations(publication),
    }


def preview(request: HttpRequest, publication: Publication) -> HttpResponse:
    """Render the page of any version, saved or not; the caller checks the permission."""
    context = {"publication": publication, "magazine": publication.magazine, "is_preview": True}
    return render(request, "articles/article.html", context)


@cacheable
@require_safe
def qr_code(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the article's address as a QR code, which WeChat scans to share a page."""
    publication = get_object_or_404(Publication.objects.live().only("article"), article=pk)
    picture = BytesIO()
    code = segno.make(
        f"{settings.SITE_URL}{publication.get_absolute_url()}", error="m", micro=False
    )
    code.save(picture, kind="svg", scale=4, border=4, light="#fff", xmldecl=False)
    response = HttpResponse(picture.getvalue(), content_type="image/svg+xml")
    response["Cache-Control"] = "public, max-age=86400"
    return response


@require_safe
def card(request: HttpRequest, pk: int) -> FileResponse:
    """Return the share card of an article; publishing has drawn it."""
    publication = get_object_or_404(
        Publication.objects.live().only("title", "magazine"), article=pk
    )
    try:
        picture = default_storage.open(card_name(publication.title, publication.magazine_id))
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(picture, headers={"Cache-Control": "public, max-age=600"})


@require_safe
def house_card(request: HttpRequest) -> HttpResponse:
    """Return the share card of the site, or redirect to its icon."""
    try:
        picture = default_storage.open(card_name(site().name, None))
    except FileNotFoundError:
        return redirect(static("icon.png"))
    return FileResponse(picture, headers={"Cache-Control": "public, max-age=600"})


@cacheable
@require_safe
def citation(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """Return the citation of an article as a file for reference managers."""
    live = Publication.objects.live().defer("body").select_related("issue__magazine")
    cited = reference(get_object_or_404(live, article=pk))
    write, content_type = FILES[form]
    response = HttpResponse(write(cited), content_type=f"{content_type}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="article-{pk}.{form}"'
    response["X-Robots-Tag"] = "noindex"
    return response


@cacheable_list
@require_safe
def mentioned(request: HttpRequest, kind: str, name: str) -> HttpResponse:
    """List the live articles of an author or keyword. Raises Http404 if there are none."""
    name = normalized(name)
    page = is_addressable(name) and requested_page(
        request, Publication.objects.live().naming(kind, name)
    )
    if not page:
        raise Http404
    entries, heading = {
        MentionKind.AUTHOR: (page[0].author_list, gettext("Author: %(name)s")),
        MentionKind.KEYWORD: (page[0].keyword_list, gettext("Keyword: %(name)s")),
    }[kind]
    written = next(entry for entry in entries if normalized(entry) == name)
    context = {
        "kind": kind,
        "heading": heading % {"name": written},
        "address": address(kind, name),
        "page": page,
    }
    return render(request, "articles/mentioned.html", context)


@cacheable
@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    years = [
        (year, list(months)) for year, months in groupby(live_months(), lambda month: month.year)
    ]
    context = {"years": years, "oldest": years[-1][0] if years else None}
    return render(request, "articles/archive.html", context)


@cacheable_list
@require_safe
def period(request: HttpRequest, year: int, month: int | None = None) -> HttpResponse:
    """List the articles dated in a year or a month."""
    page = requested_page(
        request, Publication.objects.live().filter(date__range=days_of(year, month))
    )
    if not page:
        raise Http404
    months = [first for first in live_months() if first.year == year]
    first, _ = days_of(year, month)
    name = (
        date_format(first, "YEAR_MONTH_FORMAT")
        if month
        else gettext("Year %(year)s") % {"year": year}
    )
    context = {"page": page, "months": months, "year": year, "month": month, "period": name}
    return render(request, "articles/period.html", context)


@csrf_exempt  # readers have no session, and all that this can do is count
@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of an article says that somebody has had it before the eyes for a while."""
    if is_reader(request):
        read_counter.count(pk, request)
    return HttpResponse(status=204, headers={"Cache-Control": "no-store"})
