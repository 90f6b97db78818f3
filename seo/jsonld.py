"""What pages say of themselves to search engines, in schema.org's words: the house, its magazines and their issues."""

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

ICON = 512  # pixels, of the side of static/icon.png
EXCERPT = 120  # characters, about what lists of results show

# Nothing in a data block may end the element it stands in.
HARMLESS = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def excerpt(html: str) -> str:
    """How rich text begins. Its beginning is enough to read that from."""
    return shortened(plain_text(html[: 20 * EXCERPT]))


def shortened(text: str) -> str:
    return Truncator(" ".join(text.split())).chars(EXCERPT, truncate="…")


def data_block(*nodes: Node) -> SafeString:
    """Data for a page's head. It is no script that could run, so the content policy lets it stand."""
    text = json.dumps(
        {"@context": "https://schema.org", "@graph": nodes},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    # The second place of trust: what follows holds no character that HTML minds.
    return mark_safe(f'<script type="application/ld+json">{text.translate(HARMLESS)}</script>')  # noqa: S308


def node(kind: str, called: str = "", /, **facts) -> Node:
    """A thing with what is known of it. It is called by an address of ours, by which other nodes mean it."""
    known = {fact: value for fact, value in facts.items() if value}
    return {"@type": kind} | (reference_to(called) if called else {}) | known


def reference_to(called: str) -> Node:
    """Another node of this page, or of another one."""
    return {"@id": absolute(called)}


ORGANIZATION_ID, WEBSITE_ID = "/#house", "/#site"


def magazine_id(magazine: Magazine) -> str:
    return f"{magazine.get_absolute_url()}#magazine"


def issue_id(issue: Issue) -> str:
    return f"{issue.get_absolute_url()}#issue"


def organization(house: Site) -> Node:
    publisher = house.publisher
    address = node(
        "PostalAddress",
        addressCountry="CN",
        streetAddress=publisher.address,
        postalCode=publisher.postcode,
    )
    return node(
        "Organization",
        ORGANIZATION_ID,
        name=house.name,
        url=absolute("/"),
        logo=logo(publisher),
        telephone=publisher.telephone,
        address=publisher.address and address,
    )


def logo(publisher: Publisher) -> Node:
    """What the editors have uploaded, or else the drawn mark."""
    address = publisher.logo.url if publisher.logo else static("icon.png")
    width, height = (publisher.logo and picture_size(address)) or (ICON, ICON)
    return node("ImageObject", url=absolute(address), width=width, height=height)


def website(house: Site) -> Node:
    return node(
        "WebSite",
        WEBSITE_ID,
        name=house.name,
        url=absolute("/"),
        inLanguage="zh-Hans",
        publisher=reference_to(ORGANIZATION_ID),
    )


def periodical(magazine: Magazine) -> Node:
    return node(
        "Periodical",
        magazine_id(magazine),
        name=magazine.title,
        alternateName=[title for title in [magazine.title_en, magazine.former_title] if title],
        issn=magazine.issn,
        identifier=magazine.cn_number
        and node("PropertyValue", propertyID="CN", value=magazine.cn_number),
        url=absolute(magazine.get_absolute_url()),
        image=absolute(magazine.cover.url) if magazine.cover else "",
        startDate=magazine.founded_on and str(magazine.founded_on),
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
    """The way from the home page to a page: titles and addresses."""
    home = (_("Home"), navigation.home_address())
    items = [
        {"@type": "ListItem", "position": place, "name": name, "item": absolute(address)}
        for place, (name, address) in enumerate([home, *steps], start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}
