from django import template

from articles.models import Publication
from magazine.models import Issue, Magazine

register = template.Library()


@register.simple_tag
def issue_contents(issue: Issue):
    """What is live of an issue, in the order of its table of contents."""
    return Publication.objects.live().filter(issue=issue).cards().in_contents_order()


@register.simple_tag
def latest_of(magazine: Magazine, count: int):
    """The newest live articles of a magazine."""
    return Publication.objects.live().filter(magazine=magazine).cards()[:count]
