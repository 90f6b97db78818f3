"""What editors find: every version and every draft of their own magazines, and what says the same as a text."""

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

BOUND = 5000  # entries that a list is narrowed down from
ISSUE = re.compile(r"\s*([0-9]{4})\s+([0-9]{1,4})\s*")


def entries(user) -> EntryQuerySet:
    """Of all articles, or of those of a user's magazines."""
    articles = Entry.objects.filter(kind__in=["publication", "article"])
    return articles if user.is_superuser else articles.filter(magazine__in=list(user.roles))


class FoundArticles(NamedTuple):
    keys: set[int]
    is_all: bool


def search_articles(user, text: str) -> FoundArticles:
    """The articles that answer a question, in their working copies or in any version."""
    question = parse_query(ISSUE.sub(r"\1年第\2期", text), magazines=site().magazines)
    if not question:
        return FoundArticles(set(), is_all=True)
    among = entries(user)
    if not user.is_superuser:
        # The index knows magazines, too: what others have thousands of does not crowd out one's own.
        own = [Token(f"{MAGAZINE}{key}") for key in user.roles]
        among = among.filter(tokens__matching=any_of(own)) if own else among.none()
    rows, is_all = search(among, question, bound=BOUND)
    versions = Publication.objects.filter(
        pk__in=[row.key for row in rows if row.kind == "publication"]
    )
    keys = {row.key for row in rows if row.kind == "article"} | {
        *versions.values_list("article", flat=True)
    }
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
    """What is live, and what editors of one's magazines are working at, that says the same as a text."""
    public = Entry.objects.live().filter(kind="publication")
    return similar_documents(public | entries(user), text)
