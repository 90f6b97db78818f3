from itertools import groupby

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from magazine.models import Issue, Magazine, Page
from web.object_cache import object_cache
from web.page_cache import cacheable

RECENT_ISSUES = 12


@cacheable
@require_safe
def magazine(request: HttpRequest, slug: str) -> HttpResponse:
    magazine = get_object_or_404(Magazine, slug=slug)
    issues = object_cache.get_or_compute(
        ("issues", slug), lambda: list(_released_issues(magazine)[:RECENT_ISSUES])
    )
    return render(request, "magazine/magazine.html", {"magazine": magazine, "issues": issues})


@cacheable
@require_safe
def issues(request: HttpRequest, slug: str) -> HttpResponse:
    """List all released issues of a magazine by year."""
    magazine = get_object_or_404(Magazine, slug=slug)
    newest_first = _released_issues(magazine).order_by("-year", "-number")
    years = []
    for year, issues_of_year in groupby(newest_first, lambda issue: issue.year):
        years.append((year, list(issues_of_year)))
    oldest = years[-1][1][-1] if years else None
    context = {"magazine": magazine, "years": years, "oldest": oldest}
    return render(request, "magazine/issues.html", context)


@cacheable
@require_safe
def issue(request: HttpRequest, slug: str, year: int, number: int) -> HttpResponse:
    released = Issue.objects.released().select_related("magazine")
    issue = get_object_or_404(released, magazine__slug=slug, year=year, number=number)
    context = {"magazine": issue.magazine, "issue": issue}
    return render(request, "magazine/issue.html", context)


@require_safe
def icon(request: HttpRequest, name: str) -> HttpResponse:
    """Redirect from the address at which browsers look for an icon by themselves."""
    response = redirect(static(name))
    response["Cache-Control"] = "public, max-age=86400"
    return response


@cacheable
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    page = get_object_or_404(Page, slug=slug)
    return render(request, "magazine/page.html", {"page": page})


def _released_issues(magazine: Magazine) -> QuerySet:
    return magazine.issues.released().select_related("magazine")
