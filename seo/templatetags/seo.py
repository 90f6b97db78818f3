from django import template

from magazine.models import Issue, Magazine
from magazine.site import Site
from seo import jsonld
from web.addresses import absolute

register = template.Library()
register.filter("excerpt", jsonld.excerpt)


@register.filter
def picture_address(picture) -> str:
    """In full: of a stored picture, or of one whose address is known."""
    return absolute(picture if isinstance(picture, str) else picture.url)


@register.simple_tag
def home_data(site: Site):
    return jsonld.data_block(jsonld.organization(site), jsonld.website(site))


@register.simple_tag
def magazine_data(site: Site, magazine: Magazine):
    trail = jsonld.breadcrumbs((magazine.title, magazine.get_absolute_url()))
    return jsonld.data_block(jsonld.periodical(magazine), jsonld.organization(site), trail)


@register.simple_tag
def issue_data(site: Site, issue: Issue):
    magazine = issue.magazine
    trail = jsonld.breadcrumbs(
        (magazine.title, magazine.get_absolute_url()), (issue.name, issue.get_absolute_url())
    )
    nodes = [
        jsonld.publication_issue(issue),
        jsonld.periodical(magazine),
        jsonld.organization(site),
        trail,
    ]
    return jsonld.data_block(*nodes)


@register.simple_tag
def trail_data(*steps: str):
    """The breadcrumbs of a page of which there is nothing else to say: titles and addresses in turn."""
    return jsonld.data_block(jsonld.breadcrumbs(*zip(steps[::2], steps[1::2], strict=True)))
