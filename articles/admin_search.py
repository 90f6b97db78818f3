"""Search in the admin: versions and drafts of one's magazines, and articles similar to a text."""

import re
from typing import NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from articles.models import Publication
from magazine.site import site
from search.models import Entry, EntryQuerySet
from search.parser import parse_query
from search.query_tree import Token, any_of
from search.ranking import search
from search.similar import SimilarDocument, similar_documents
from search.tokens import MAGAZINE

MAX_ENTRIES = 5000  # of a search that the list of articles then filters
ISSUE = re.compile(r"\s*([0-9]{4})\s+([0-9]{1,4})\s*")


def entries(user) -> EntryQuerySet:
    """Return the index entries of articles in a user's magazines; superusers have all."""
    articles = Entry.objects.filter(kind__in=["publication", "article"])
    if user.is_superuser:
        return articles
    return articles.filter(magazine__in=list(user.roles))


class FoundArticles(NamedTuple):
    keys: set[int]
    is_all: bool


def search_articles(user, text: str) -> FoundArticles:
    """Return the articles whose working copy or any version matches a query."""
    query = parse_query(ISSUE.sub(r"\1年第\2期", text), magazines=site().magazines)
    if not query:
        return FoundArticles(set(), is_all=True)
    among = entries(user)
    if not user.is_superuser:
        # The token of the magazine keeps other magazines out of the bounded search.
        own = [Token(f"{MAGAZINE}{key}") for key in user.roles]
        among = among.filter(tokens__matching=any_of(own)) if own else among.none()
    rows, is_all = search(among, query, bound=MAX_ENTRIES)
    version_keys = [row.key for row in rows if row.kind == "publication"]
    versions = Publication.objects.filter(pk__in=version_keys)
    keys = {row.key for row in rows if row.kind == "article"}
    keys.update(versions.values_list("article", flat=True))
    return FoundArticles(keys, is_all)


class SimilarForm(forms.Form):
    text = forms.CharField(
        label=_("text"),
        max_length=50_000,
        min_length=20,
        widget=forms.Textarea(attrs={"rows": 12, "class": "vLargeTextField"}),
        help_text=_(
            "Paste the whole manuscript: what is copied is found also where it was turned round."
        ),
    )


def search_similar(user, text: str) -> list[SimilarDocument]:
    """Return live articles, and drafts of a user's magazines, that are similar to a text."""
    public = Entry.objects.live().filter(kind="publication")
    return similar_documents(public | entries(user), text)
