"""The search page, and the suggestions of its search box."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from search.models import Entry
from search.results import ResultPage, SearchRequest
from search.suggestions import suggestions
from web.page_cache import cacheable_with


# 540 encoded characters are 60 Chinese ones. Pages of longer queries are not cached.
@cacheable_with(
    "(q=[^&]{1,540}(&(magazine|column|year|issue|author|order|page)=[^&]{1,200}){0,7})?",
    unbounded_keys=True,
)
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show the results of a search. A query without any word gets an explanation instead."""
    search_request = SearchRequest(request.GET)
    query = search_request.query
    results = ResultPage(search_request) if query else None
    context = {"search_request": search_request, "query": query, "results": results}
    return render(request, "search/search.html", context)


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """Return suggestions for the text in the search box, for static/search.js."""
    texts = suggestions(Entry.objects.live(), request.GET.get("q", ""))
    return JsonResponse({"suggestions": [suggestion._asdict() for suggestion in texts]})
