"""What pages say of themselves to search engines, in schema.org's words: the house, its magazines and their issues."""

import json
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from magazine.house import House
from magazine.models import Issue, Magazine, Publisher
from magazine.renditions import size_of
from magazine.richtext import plain_text
from magazine.templatetags.house import absolute

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
    text = json.dumps({"@context": "https://schema.org", "@graph": nodes}, ensure_ascii=False, separators=(",", ":"))
    # The second place of trust: what follows holds no character that HTML minds.
    return mark_safe(f'<script type="application/ld+json">{text.translate(HARMLESS)}</script>')  # noqa: S308


def node(kind: str, called: str = "", /, **facts) -> Node:
    """A thing with what is known of it. It is called by an address of ours, by which other nodes mean it."""
    known = {fact: value for fact, value in facts.items() if value}
    return {"@type": kind} | (meaning(called) if called else {}) | known


def meaning(called: str) -> Node:
    """Another node of this page, or of another one."""
    return {"@id": absolute(called)}


HOUSE, SITE = "/#house", "/#site"


def magazine_name(magazine: Magazine) -> str:
    return f"{magazine.get_absolute_url()}#magazine"


def issue_name(issue: Issue) -> str:
    return f"{issue.get_absolute_url()}#issue"


def organization(house: House) -> Node:
    publisher = house.publisher
    address = node("PostalAddress", addressCountry="CN", streetAddress=publisher.address, postalCode=publisher.postcode)
    return node(
        "Organization",
        HOUSE,
        name=house.name,
        url=absolute("/"),
        logo=logo(publisher),
        telephone=publisher.telephone,
        address=publisher.address and address,
    )


def logo(publisher: Publisher) -> Node:
    """What the editors have uploaded, or else the drawn mark."""
    address = publisher.logo.url if publisher.logo else static("icon.png")
    width, height = (publisher.logo and size_of(address)) or (ICON, ICON)
    return node("ImageObject", url=absolute(address), width=width, height=height)


def website(house: House) -> Node:
    return node("WebSite", SITE, name=house.name, url=absolute("/"), inLanguage="zh-Hans", publisher=meaning(HOUSE))


def periodical(magazine: Magazine) -> Node:
    return node(
        "Periodical",
        magazine_name(magazine),
        name=magazine.title,
        alternateName=[title for title in [magazine.title_en, magazine.former_title] if title],
        issn=magazine.issn,
        identifier=magazine.cn_number and node("PropertyValue", propertyID="CN", value=magazine.cn_number),
        url=absolute(magazine.get_absolute_url()),
        image=absolute(magazine.cover.url) if magazine.cover else "",
        startDate=magazine.founded_on and str(magazine.founded_on),
        inLanguage="zh-Hans",
        publisher=meaning(HOUSE),
    )


def publication_issue(issue: Issue) -> Node:
    cover = issue.cover or issue.magazine.cover
    return node(
        "PublicationIssue",
        issue_name(issue),
        name=issue.name,
        issueNumber=str(issue.number),
        datePublished=str(issue.published_on),
        url=absolute(issue.get_absolute_url()),
        image=absolute(cover.url) if cover else "",
        isPartOf=meaning(magazine_name(issue.magazine)),
    )


def breadcrumbs(*steps: tuple[str, str]) -> Node:
    """The way from the home page to a page: titles and addresses."""
    home = (_("Home"), reverse("articles:home"))
    items = [
        {"@type": "ListItem", "position": place, "name": name, "item": absolute(address)}
        for place, (name, address) in enumerate([home, *steps], start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}
