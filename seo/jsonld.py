"""Structured data of pages in JSON-LD: the site, its magazines and their issues.

The vocabulary is schema.org. See docs/decisions/0038-json-ld-is-the-second-trusted-output.md.
"""

import json
from typing import Any

from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from magazine import navigation
from magazine.models import Issue, Magazine, Publisher
from magazine.site import Site
from media.renditions import picture_size
from richtext.sanitizer import plain_text
from web.addresses import absolute

Node = dict[str, Any]

ICON_SIZE_PX = 512  # of a side of static/icon.png
EXCERPT_LENGTH = 120  # characters, about as many as lists of search results show

ORGANIZATION_ID = "/#house"
WEBSITE_ID = "/#site"

# Characters that could end the element around the data, as JSON escapes.
ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def excerpt(html: str) -> str:
    """Return the first characters of rich text as plain text."""
    # The beginning of the markup contains them.
    return shortened(plain_text(html[: 20 * EXCERPT_LENGTH]))


def shortened(text: str) -> str:
    return Truncator(" ".join(text.split())).chars(EXCERPT_LENGTH, truncate="…")


def data_block(*nodes: Node) -> SafeString:
    """Render nodes for a page's head. It is data that never runs, so the CSP allows it."""
    graph = {"@context": "https://schema.org", "@graph": nodes}
    text = json.dumps(graph, ensure_ascii=False, separators=(",", ":"))
    escaped = text.translate(ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{escaped}</script>')  # noqa: S308


def node(kind: str, identifier: str = "", /, **properties: Any) -> Node:
    """Return a node with the properties that have a value.

    `identifier` is an address of this site by which other nodes refer to it.
    """
    result: Node = {"@type": kind}
    if identifier:
        result.update(reference_to(identifier))
    for name, value in properties.items():
        if value:
            result[name] = value
    return result


def reference_to(identifier: str) -> Node:
    """Return a reference to another node of this page or of another one."""
    return {"@id": absolute(identifier)}


def magazine_id(magazine: Magazine) -> str:
    return f"{magazine.get_absolute_url()}#magazine"


def issue_id(issue: Issue) -> str:
    return f"{issue.get_absolute_url()}#issue"


def organization(site: Site) -> Node:
    publisher = site.publisher
    address = None
    if publisher.address:
        address = node(
            "PostalAddress",
            addressCountry="CN",
            streetAddress=publisher.address,
            postalCode=publisher.postcode,
        )
    return node(
        "Organization",
        ORGANIZATION_ID,
        name=site.name,
        url=absolute("/"),
        logo=logo(publisher),
        telephone=publisher.telephone,
        address=address,
    )


def logo(publisher: Publisher) -> Node:
    """Return the uploaded logo, or else the site's icon."""
    address = static("icon.png")
    size = None
    if publisher.logo:
        address = publisher.logo.url
        size = picture_size(address)
    width, height = size or (ICON_SIZE_PX, ICON_SIZE_PX)
    return node("ImageObject", url=absolute(address), width=width, height=height)


def website(site: Site) -> Node:
    return node(
        "WebSite",
        WEBSITE_ID,
        name=site.name,
        url=absolute("/"),
        inLanguage="zh-Hans",
        publisher=reference_to(ORGANIZATION_ID),
    )


def periodical(magazine: Magazine) -> Node:
    identifier = None
    if magazine.cn_number:
        identifier = node("PropertyValue", propertyID="CN", value=magazine.cn_number)
    other_titles = [magazine.title_en, magazine.former_title]
    return node(
        "Periodical",
        magazine_id(magazine),
        name=magazine.title,
        alternateName=[title for title in other_titles if title],
        issn=magazine.issn,
        identifier=identifier,
        url=absolute(magazine.get_absolute_url()),
        image=absolute(magazine.cover.url) if magazine.cover else "",
        startDate=str(magazine.founded_on) if magazine.founded_on else "",
        inLanguage="zh-Hans",
        publisher=reference_to(ORGANIZATION_ID),
    )


def publication_issue(issue: Issue) -> Node:
    cover = issue.cover or issue.magazine.cover
    return node(
        "PublicationIssue",
        issue_id(issue),
        name=issue.name,
        issueNumber=str(issue.number),
        datePublished=str(issue.published_on),
        url=absolute(issue.get_absolute_url()),
        image=absolute(cover.url) if cover else "",
        isPartOf=reference_to(magazine_id(issue.magazine)),
    )


def breadcrumbs(*steps: tuple[str, str]) -> Node:
    """Return the path from the home page to a page; each step is a title and an address."""
    home = (_("Home"), navigation.home_address())
    items = []
    for position, (name, address) in enumerate([home, *steps], start=1):
        items.append(
            {
                "@type": "ListItem",
                "position": position,
                "name": name,
                "item": absolute(address),
            }
        )
    return {"@type": "BreadcrumbList", "itemListElement": items}
