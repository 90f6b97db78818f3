from django import template
from django.utils.html import format_html

from articles import jsonld
from articles.author_names import CHINESE
from articles.citing import Reference, plain_pages, reference, undashed
from articles.mentions import MentionKind, address
from articles.models import Column, Publication
from magazine.models import Issue, Magazine
from magazine.site import Site
from seo.jsonld import data_block

register = template.Library()
register.filter("found_in", jsonld.list_description)
register.filter("summary", jsonld.summary)
register.filter("share_picture", jsonld.picture)
register.filter("plain_pages", plain_pages)
register.filter("undashed", undashed)


@register.filter
def is_english(text: str) -> bool:
    """Return whether a text is set, without Chinese characters: for voices and hyphenation."""
    return bool(text) and not CHINESE.search(text)


@register.filter
def named(publication: Publication) -> str:
    """Return the title for lists, with its language and the mark of a correction."""
    title = publication.title
    kind = publication.get_correction_kind_display()
    if is_english(title):
        title = format_html('<span lang="en">{}</span>', title)
    if not kind:
        return title
    return format_html('{} <b class="mark">{}</b>', title, kind)


@register.filter
def author_address(author: str) -> str:
    """Return the path of an author's page, or an empty string."""
    return address(MentionKind.AUTHOR, author)


@register.filter
def keyword_address(keyword: str) -> str:
    return address(MentionKind.KEYWORD, keyword)


@register.simple_tag
def reference_of(publication: Publication) -> Reference:
    """Return the data of the citation, for meta elements."""
    return reference(publication)


@register.simple_tag
def publication_data(site: Site, publication: Publication):
    return data_block(*jsonld.of_publication(publication, site))


@register.simple_tag
def column_data(site: Site, column: Column):
    return data_block(*jsonld.of_column(column, site))


@register.simple_tag
def issue_contents(issue: Issue):
    """Return the live articles of an issue in the order of its contents."""
    return Publication.objects.live().filter(issue=issue).for_cards().in_contents_order()


@register.simple_tag
def latest_of(magazine: Magazine, count: int):
    """Return the newest live articles of a magazine."""
    return Publication.objects.live().filter(magazine=magazine).for_cards()[:count]
