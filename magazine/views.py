from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from magazine.freshness import freshness
from magazine.models import Issue, Magazine, Page
from magazine.pagecache import shared

RECENT_ISSUES = 12


@shared
@require_safe
def magazine(request: HttpRequest, slug: str) -> HttpResponse:
    magazine = get_object_or_404(Magazine, slug=slug)
    issues = freshness.keep(("issues", slug), lambda: list(_issues(magazine)[:RECENT_ISSUES]))
    return render(request, "magazine/magazine.html", {"magazine": magazine, "issues": issues})


@shared
@require_safe
def issues(request: HttpRequest, slug: str) -> HttpResponse:
    """Every issue of a magazine that has been published, by year."""
    magazine = get_object_or_404(Magazine, slug=slug)
    newest_first = _issues(magazine).order_by("-year", "-number")
    years = [(year, list(issues)) for year, issues in groupby(newest_first, lambda issue: issue.year)]
    context = {"magazine": magazine, "years": years, "oldest": years[-1][1][-1] if years else None}
    return render(request, "magazine/issues.html", context)


@shared
@require_safe
def issue(request: HttpRequest, slug: str, year: int, number: int) -> HttpResponse:
    released = Issue.objects.released().select_related("magazine")
    issue = get_object_or_404(released, magazine__slug=slug, year=year, number=number)
    return render(request, "magazine/issue.html", {"magazine": issue.magazine, "issue": issue})


@require_safe
def icon(request: HttpRequest, name: str) -> HttpResponse:
    """Where browsers look for a mark that no page has named to them."""
    response = redirect(static(name))
    response["Cache-Control"] = "public, max-age=86400"
    return response


@shared
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "magazine/page.html", {"page": get_object_or_404(Page, slug=slug)})


def _issues(magazine: Magazine):
    return magazine.issues.released().select_related("magazine")
