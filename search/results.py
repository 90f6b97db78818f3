"""One page of search results: hits with snippets, facets with counts, and alternative searches.

See docs/decisions/0032-200-matches-are-ranked-and-counted.md.
"""

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from magazine.site import site
from search import tokens
from search.models import Entry, EntryText
from search.parser import Query, parse_query
from search.ranking import Row, search
from search.snippets import highlight_title, snippet
from search.suggestions import near_spellings, shorter_queries
from search.tokens import HAN_CHARACTER, fold_case
from web.object_cache import object_cache

PER_PAGE = 10  # as in other search engines
MAX_CHOICES = 8  # of each facet
MAX_AUTHOR_LENGTH = 200
MAX_DIGITS = 18  # of a key or a year in the address

FACET_PREFIXES = {
    "magazine": tokens.MAGAZINE,
    "column": tokens.COLUMN,
    "year": tokens.YEAR,
    "issue": tokens.ISSUE,
}
FACETS = {
    "magazine": _("Magazine"),
    "column": _("Column"),
    "year": _("Year"),
    "issue": _("Issue"),
    "author": _("Author"),
}
KINDS = {
    "magazine": _("Magazine"),
    "issue": _("Issue"),
    "column": _("Column"),
    "page": _("About the house"),
    "notice": _("Notice"),
}
DATED_KINDS = {"publication", "notice"}  # the dates of other kinds mean nothing to readers


class Hit(NamedTuple):
    """One result. templates/search/search.html unpacks the fields in this order."""

    address: str
    title: SafeString
    snippet: SafeString
    source: str
    authors: str
    day: str  # ISO 8601


class Choice(NamedTuple):
    """A link to another search. templates/search/_filters.html unpacks it in this order."""

    label: str
    address: str
    total: str  # matches with this value; it ends with + if there may be more


class Facet(NamedTuple):
    """The values of one field. If one is chosen, the only choice is to remove it."""

    title: str
    is_chosen: bool
    choices: list[Choice]


class SearchRequest:
    """The query parameters of the search page. Invalid values are ignored."""

    def __init__(self, data: QueryDict) -> None:
        self.q = data.get("q", "")
        self.by_date = data.get("order") == "date"
        self.page = data.get("page", "1")
        self.chosen = {}
        for name in FACETS:
            value = _valid_value(name, data.get(name, ""))
            if value:
                self.chosen[name] = value

    @cached_property
    def query(self) -> Query:
        filters = []
        for name, value in self.chosen.items():
            if name == "author":
                filters.append(tokens.author_token(value))
            else:
                filters.append(f"{FACET_PREFIXES[name]}{value}")
        return parse_query(self.q, filters, site().magazines)

    @property
    def by_fit_address(self) -> str:
        return self.address(order="")

    @property
    def by_date_address(self) -> str:
        return self.address(order="date")

    @property
    def unfiltered_address(self) -> str:
        return self.address(**dict.fromkeys(FACETS, ""))

    @property
    def page_prefix(self) -> str:
        return f"{self.address()}&"

    def address(self, **changes: str) -> str:
        """Return the address of the first page of this search, with some parameters changed."""
        parameters = {"q": self.query.text, **self.chosen}
        parameters["order"] = "date" if self.by_date else ""
        parameters.update(changes)
        given = {name: value for name, value in parameters.items() if value}
        return "?" + urlencode(given)


def _valid_value(name: str, value: str) -> str:
    """Return the value of a facet, or an empty string if it is invalid."""
    if name == "author":
        if len(value) > MAX_AUTHOR_LENGTH or tokens.author_token(value) == tokens.AUTHOR:
            return ""
        return value
    is_number = value.isascii() and value.isdigit()
    return value if is_number and len(value) <= MAX_DIGITS else ""


def _with_language(html: SafeString) -> SafeString:
    """Declare HTML without Chinese characters as English, for screen readers."""
    if not html or HAN_CHARACTER.search(html):
        return html
    return format_html('<span lang="en">{}</span>', html)


class ResultPage:
    """The results of a search request, as the template shows them."""

    def __init__(self, search_request: SearchRequest) -> None:
        self.search_request = search_request
        self.query = search_request.query
        self.live = Entry.objects.live()
        self.result = search(self.live, self.query, by_date=search_request.by_date)
        self.page = Paginator(self.result.rows, PER_PAGE).get_page(search_request.page)

    @property
    def total(self) -> int:
        return len(self.result.rows)

    @property
    def bound(self) -> int | None:
        """The number of listed matches if there are more, else None."""
        return None if self.result.is_all else self.total

    @cached_property
    def hits(self) -> list[Hit]:
        texts = Entry.snippet_texts([row.id for row in self.page])
        return [self._hit(row, texts[row.id]) for row in self.page if row.id in texts]

    def _hit(self, row: Row, entry: EntryText) -> Hit:
        folded = entry.folded or fold_case(entry.text)
        return Hit(
            address=entry.address,
            title=_with_language(highlight_title(self.query, row.title)),
            snippet=_with_language(snippet(self.query, entry.text, folded)),
            source=self.source(row),
            authors="、".join(row.authors.split("\n")),
            day=row.day.isoformat() if row.kind in DATED_KINDS else "",
        )

    def source(self, row: Row) -> str:
        """Return the kind of a page, or the issue or magazine of an article."""
        if row.kind in KINDS:
            return str(KINDS[row.kind])
        issue = self._label("issue", row.issue)
        return issue or self._label("magazine", row.magazine)

    @cached_property
    def labels(self) -> dict[str, dict[int, str]]:
        """The titles of magazines, columns and issues that readers may see, by their keys."""
        labels: dict[str, dict[int, str]] = object_cache.get_or_compute(
            "search labels", self._labels
        )
        return labels

    def _labels(self) -> dict[str, dict[int, str]]:
        labels: dict[str, dict[int, str]] = {"magazine": {}, "column": {}, "issue": {}}
        entries = self.live.filter(kind__in=labels)
        for kind, key, title in entries.values_list("kind", "key", "title"):
            labels[kind][key] = title
        return labels

    @cached_property
    def facets(self) -> list[Facet]:
        facets = [self._facet(name) for name in FACETS]
        return [facet for facet in facets if facet.choices]

    def _facet(self, name: str) -> Facet:
        chosen = self.search_request.chosen.get(name)
        if chosen:
            return Facet(str(FACETS[name]), True, [self._remove_choice(name, chosen)])
        choices = self._choices(name)
        return Facet(str(FACETS[name]), False, choices if len(choices) > 1 else [])

    def _remove_choice(self, name: str, chosen: str) -> Choice:
        """Return the link that removes the chosen value of a facet."""
        value = chosen if name == "author" else int(chosen)
        label = self._label(name, value) or str(FACETS[name])
        return Choice(label, self.search_request.address(**{name: ""}), "")

    def _choices(self, name: str) -> list[Choice]:
        """Return the most frequent values of a facet, or the newest years."""
        counts = self.result.counts(name).most_common()
        if name == "year":
            counts.sort(reverse=True)
        more = "" if self.result.is_all else "+"
        prefix = self.search_request.address(**{name: ""})
        choices = []
        for value, count in counts:
            label = self._label(name, value)
            if label:
                address = f"{prefix}&{urlencode({name: value})}"
                choices.append(Choice(label, address, f"{count}{more}"))
            if len(choices) == MAX_CHOICES:
                break
        return choices

    def _label(self, name: str, value: Any) -> str:
        """Return the title of a value, or an empty string if readers may not see it."""
        if name in self.labels:
            return self.labels[name].get(value, "")
        return str(value)

    @cached_property
    def alternatives(self) -> list[Choice]:
        """Similar searches, for a search without results."""
        near = near_spellings(self.live, self.query)
        shorter = shorter_queries(self.live, self.query)
        texts = dict.fromkeys(near + shorter)
        return [Choice(text, f"?{urlencode({'q': text})}", "") for text in texts]
