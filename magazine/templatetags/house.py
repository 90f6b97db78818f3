import re
from datetime import datetime
from urllib.parse import urljoin

from django import template
from django.conf import settings
from django.template.base import FilterExpression, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString

from magazine import house as the_house
from magazine.freshness import freshness
from magazine.models import GreyScope, Publisher

register = template.Library()


@register.simple_tag
def house() -> the_house.House:
    """The publisher, its magazines and its standing pages."""
    return the_house.house()


@register.simple_tag(takes_context=True)
def here(context: Context) -> str:
    """The path of this page, if masthead or footer lead to it."""
    path = context["request"].path
    return path if path in freshness.keep("places", the_house.places) else ""


@register.tag
def kept(parser: Parser, token: Token) -> "KeptNode":
    """{% kept name key … %}: a part of pages, rendered once for each key while the site stands as it does.

    Nothing in it may depend on more than the house and the keys. A key that is None, such as that of a row which is
    not saved, keeps nothing.
    """
    _tag, name, *keys = token.split_contents()
    nodes = parser.parse(["endkept"])
    parser.delete_first_token()
    return KeptNode(name, [parser.compile_filter(key) for key in keys], nodes)


class KeptNode(template.Node):
    child_nodelists = ()  # no block stands in it, and none is looked for at every rendering

    def __init__(self, name: str, keys: list[FilterExpression], nodelist: template.NodeList):
        self.name, self.keys, self.nodelist = name, keys, nodelist

    def render(self, context: Context) -> SafeString:
        keys = [key.resolve(context) for key in self.keys]
        if None in keys:
            return self.nodelist.render(context)
        return freshness.keep((self.name, *keys), lambda: self.nodelist.render(context))


@register.simple_tag
def grey_period(publisher: Publisher, is_home: bool) -> tuple[datetime, datetime] | None:
    """When this page is grey. The page says so itself, too: one that a cache kept turns on time by static/head.js."""
    if publisher.grey_ends_at is None or not (is_home or publisher.grey_scope == GreyScope.ALL):
        return None
    return publisher.grey_starts_at, publisher.grey_ends_at


@register.filter
def absolute(address: str) -> str:
    """An address of ours in full, as other sites, search engines and paper need it."""
    return urljoin(f"{settings.SITE_URL}/", address)


@register.filter
def dialled(telephone: str) -> str:
    """What a telephone link dials: the first of several numbers, without its extension."""
    first = re.split(r"[/、转]", telephone)[0]
    return re.sub(r"[^+0-9-]", "", first)
