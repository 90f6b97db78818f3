"""One page of what a question finds: hits with their passages, filters with counts, and what else to try."""

from itertools import islice
from typing import NamedTuple
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
from search.snippets import marked_title, passage
from search.suggestions import near_spellings, shorter
from search.tokens import HAN_INSIDE, small
from web.object_cache import object_cache

PER_PAGE = 10  # as readers know it from search engines
OFFERED = 8  # values of each filter

MARKS = {
    "magazine": tokens.MAGAZINE,
    "column": tokens.COLUMN,
    "year": tokens.YEAR,
    "issue": tokens.ISSUE,
}
FILTERS = {
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
DATED = {"publication", "notice"}  # the dates of other pages tell readers nothing


class Hit(NamedTuple):
    """In the order in which templates/search/search.html takes it apart."""

    address: str
    title: SafeString
    passage: SafeString
    source: str
    authors: str
    day: str  # as ISO 8601 writes it


class Choice(NamedTuple):
    """In the order in which templates/search/_filters.html takes it apart, as with filters."""

    label: str
    address: str
    count: str


class Filter(NamedTuple):
    title: str
    is_chosen: bool  # its only choice is then to be without it
    choices: list[Choice]


class SearchRequest:
    """What an address asks for. What makes no sense in it is as if it were not there."""

    def __init__(self, data: QueryDict):
        self.q = data.get("q", "")
        self.by_date = data.get("order") == "date"
        self.page = data.get("page", "1")
        self.chosen = {
            name: value for name in FILTERS if (value := _value(name, data.get(name, "")))
        }

    @cached_property
    def question(self) -> Query:
        filters = [
            tokens.author_token(value) if name == "author" else f"{MARKS[name]}{value}"
            for name, value in self.chosen.items()
        ]
        return parse_query(self.q, filters, site().magazines)

    @property
    def by_fit_address(self) -> str:
        return self.address(order="")

    @property
    def by_date_address(self) -> str:
        return self.address(order="date")

    @property
    def unfiltered_address(self) -> str:
        return self.address(**dict.fromkeys(FILTERS, ""))

    @property
    def page_prefix(self) -> str:
        return f"{self.address()}&"

    def address(self, **changed) -> str:
        """Of the same search, but for what is changed; its first page."""
        asked = {
            "q": self.question.text,
            **self.chosen,
            "order": "date" if self.by_date else "",
            **changed,
        }
        return "?" + urlencode({name: value for name, value in asked.items() if value})


def _value(name: str, value: str) -> str:
    if name == "author":
        return (
            value if tokens.author_token(value[:200]) != tokens.AUTHOR and len(value) <= 200 else ""
        )
    return value if len(value) <= 18 and value.isascii() and value.isdigit() else ""


def _spoken(marked: SafeString) -> SafeString:
    """As it is to be read out: what has no Chinese in it is English."""
    return (
        marked
        if not marked or HAN_INSIDE.search(marked)
        else format_html('<span lang="en">{}</span>', marked)
    )


class ResultPage:
    def __init__(self, asked: SearchRequest):
        self.asked, self.question = asked, asked.question
        self.live = Entry.objects.live()
        self.found = search(self.live, self.question, by_date=asked.by_date)
        self.page = Paginator(self.found.rows, PER_PAGE).get_page(asked.page)

    @property
    def total(self) -> int:
        return len(self.found.rows)

    @property
    def bound(self) -> int | None:
        """More than so many were found."""
        return None if self.found.is_all else self.total

    @cached_property
    def hits(self) -> list[Hit]:
        shown = Entry.shown_of([row.id for row in self.page])
        return [self._hit(row, shown[row.id]) for row in self.page if row.id in shown]

    def _hit(self, row: Row, shown: EntryText) -> Hit:
        said = _spoken(passage(self.question, shown.text, shown.folded or small(shown.text)))
        title = _spoken(marked_title(self.question, row.title))
        day = row.day.isoformat() if row.kind in DATED else ""
        return Hit(
            shown.address, title, said, self.source(row), "、".join(row.authors.split("\n")), day
        )

    def source(self, row: Row) -> str:
        """Where it stands: what kind of page it is, or its magazine and issue."""
        if row.kind in KINDS:
            return str(KINDS[row.kind])
        issue = self.labels["issue"].get(row.issue)
        return issue or self.labels["magazine"].get(row.magazine, "")

    @cached_property
    def labels(self) -> dict[str, dict[int, str]]:
        """What magazines, columns and issues are called; only what readers may see has a name."""
        return object_cache.get_or_compute("search labels", self._labels)

    def _labels(self) -> dict[str, dict[int, str]]:
        labels = {name: {} for name in ("magazine", "column", "issue")}
        for kind, key, title in self.live.filter(kind__in=labels).values_list(
            "kind", "key", "title"
        ):
            labels[kind][key] = title
        return labels

    @cached_property
    def filters(self) -> list[Filter]:
        return [one for name in FILTERS if (one := self._filter(name)).choices]

    def _filter(self, name: str) -> Filter:
        """What may be chosen, the most frequent first (years: the newest), or what has been chosen."""
        chosen = self.asked.chosen.get(name)
        if chosen:
            label = self._label(name, chosen if name == "author" else int(chosen)) or FILTERS[name]
            return Filter(
                FILTERS[name], True, [Choice(label, self.asked.address(**{name: ""}), "")]
            )
        counts = self.found.counts(name).most_common()
        if name == "year":
            counts.sort(reverse=True)
        more = "" if self.found.is_all else "+"
        without = self.asked.address(**{name: ""})
        named = (
            (label, value, f"{count}{more}")
            for value, count in counts
            if (label := self._label(name, value))
        )
        choices = [
            Choice(label, f"{without}&{urlencode({name: value})}", count)
            for label, value, count in islice(named, OFFERED)
        ]
        return Filter(FILTERS[name], False, choices if len(choices) > 1 else [])

    def _label(self, name: str, value) -> str:
        return self.labels[name].get(value, "") if name in self.labels else str(value)

    @cached_property
    def others(self) -> list[Choice]:
        """What to ask instead, where nothing was found."""
        texts = [*near_spellings(self.live, self.question), *shorter(self.live, self.question)]
        return [Choice(text, f"?{urlencode({'q': text})}", "") for text in dict.fromkeys(texts)]
