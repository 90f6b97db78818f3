from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from search.models import Entry
from search.results import ResultPage, SearchRequest
from search.suggestions import suggestions
from web.page_cache import cacheable_with


# Some sixty characters; the pages of longer questions are not kept.
@cacheable_with(
    "(q=[^&]{1,540}(&(magazine|column|year|issue|author|order|page)=[^&]{1,200}){0,7})?",
    unbounded_keys=True,
)
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What a question finds. Every string is a question; what cannot be looked up gets a sentence."""
    asked = SearchRequest(request.GET)
    results = ResultPage(asked) if asked.question else None
    return render(
        request,
        "search/search.html",
        {"asked": asked, "question": asked.question, "results": results},
    )


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """What a reader may be about to type, for static/search.js."""
    found = suggestions(Entry.objects.live(), request.GET.get("q", ""))
    return JsonResponse({"suggestions": [one._asdict() for one in found]})
