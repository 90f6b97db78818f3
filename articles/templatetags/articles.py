from django import template
from django.utils.html import format_html

from articles import jsonld as metadata
from articles.author_names import CHINESE
from articles.citing import Reference, plain_pages, reference, undashed
from articles.mentions import MentionKind, address
from articles.models import Column, Publication
from magazine.models import Issue, Magazine
from magazine.site import Site
from seo.jsonld import data_block

register = template.Library()
register.filter("found_in", metadata.found_in)
register.filter("summary", metadata.summary)
register.filter("share_picture", metadata.picture)
register.filter("plain_pages", plain_pages)
register.filter("undashed", undashed)


@register.filter
def is_english(text: str) -> bool:
    """To be read out and hyphenated as such: it is written, and not a character of it is Chinese."""
    return bool(text) and not CHINESE.search(text)


@register.filter
def named(publication: Publication) -> str:
    """Its title as lists write it: in its language, and with a mark behind it if the piece has been corrected."""
    title, kind = publication.title, publication.get_correction_kind_display()
    if is_english(title):
        title = format_html('<span lang="en">{}</span>', title)
    return format_html('{} <b class="mark">{}</b>', title, kind) if kind else title


@register.filter
def author_address(author: str) -> str:
    """Where everything of an author is listed, if that can be an address."""
    return address(MentionKind.AUTHOR, author)


@register.filter
def keyword_address(keyword: str) -> str:
    return address(MentionKind.KEYWORD, keyword)


@register.simple_tag
def reference_of(publication: Publication) -> Reference:
    """The facts a citation gives, for the page's head."""
    return reference(publication)


@register.simple_tag
def publication_data(house: Site, publication: Publication):
    return data_block(*metadata.of_publication(publication, house))


@register.simple_tag
def column_data(house: Site, column: Column):
    return data_block(*metadata.of_column(column, house))


@register.simple_tag
def issue_contents(issue: Issue):
    """What is live of an issue, in the order of its table of contents."""
    return Publication.objects.live().filter(issue=issue).for_cards().in_contents_order()


@register.simple_tag
def latest_of(magazine: Magazine, count: int):
    """The newest live articles of a magazine."""
    return Publication.objects.live().filter(magazine=magazine).for_cards()[:count]
