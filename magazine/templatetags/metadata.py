from django import template
from django.core.paginator import Page
from django.utils.translation import gettext as _

from magazine import metadata
from magazine.house import House
from magazine.models import Issue, Magazine
from magazine.templatetags.house import absolute

register = template.Library()
register.filter("excerpt", metadata.excerpt)


@register.filter
def picture_address(picture) -> str:
    """In full: of a stored picture, or of one whose address is known."""
    return absolute(picture if isinstance(picture, str) else picture.url)


@register.filter
def paged(address: str, page: Page) -> str:
    """The one address of a page of a list: the first has no number."""
    return f"{address}?page={page.number}" if page.number > 1 else address


@register.filter
def numbered(page: Page) -> str:
    """What a title says of a page of a list: of the first, nothing."""
    return _(" (page %(number)s)") % {"number": page.number} if page.number > 1 else ""


@register.simple_tag
def home_data(house: House):
    return metadata.data_block(metadata.organization(house), metadata.website(house))


@register.simple_tag
def magazine_data(house: House, magazine: Magazine):
    trail = metadata.breadcrumbs((magazine.title, magazine.get_absolute_url()))
    return metadata.data_block(metadata.periodical(magazine), metadata.organization(house), trail)


@register.simple_tag
def issue_data(house: House, issue: Issue):
    magazine = issue.magazine
    trail = metadata.breadcrumbs((magazine.title, magazine.get_absolute_url()), (issue.name, issue.get_absolute_url()))
    nodes = [metadata.publication_issue(issue), metadata.periodical(magazine), metadata.organization(house), trail]
    return metadata.data_block(*nodes)


@register.simple_tag
def trail_data(*steps: str):
    """The breadcrumbs of a page of which there is nothing else to say: titles and addresses in turn."""
    return metadata.data_block(metadata.breadcrumbs(*zip(steps[::2], steps[1::2], strict=True)))
