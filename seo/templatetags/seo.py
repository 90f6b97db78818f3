from django import template
from django.db.models.fields.files import FieldFile
from django.utils.safestring import SafeString

from magazine.models import Issue, Magazine
from magazine.site import Site
from seo import jsonld
from web.addresses import absolute

register = template.Library()
register.filter("excerpt", jsonld.excerpt)


@register.filter
def picture_address(picture: FieldFile | str) -> str:
    """Return the absolute address of a stored picture, or of one given by its address."""
    return absolute(picture if isinstance(picture, str) else picture.url)


@register.simple_tag
def home_data(site: Site) -> SafeString:
    return jsonld.data_block(jsonld.organization(site), jsonld.website(site))


@register.simple_tag
def magazine_data(site: Site, magazine: Magazine) -> SafeString:
    return jsonld.data_block(
        jsonld.periodical(magazine),
        jsonld.organization(site),
        jsonld.breadcrumbs((magazine.title, magazine.get_absolute_url())),
    )


@register.simple_tag
def issue_data(site: Site, issue: Issue) -> SafeString:
    magazine = issue.magazine
    return jsonld.data_block(
        jsonld.publication_issue(issue),
        jsonld.periodical(magazine),
        jsonld.organization(site),
        jsonld.breadcrumbs(
            (magazine.title, magazine.get_absolute_url()),
            (issue.name, issue.get_absolute_url()),
        ),
    )


@register.simple_tag
def trail_data(*steps: str) -> SafeString:
    """Return the breadcrumbs of a page: titles and addresses in turn."""
    pairs = zip(steps[::2], steps[1::2], strict=True)
    return jsonld.data_block(jsonld.breadcrumbs(*pairs))
