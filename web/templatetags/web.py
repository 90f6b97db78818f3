"""Template tags and filters for any public page.

See docs/decisions/0004-cached-template-fragments.md.
"""

from typing import Any

from django import template
from django.core.paginator import Page
from django.template.base import FilterExpression, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from web.addresses import absolute
from web.object_cache import object_cache

register = template.Library()
register.filter("absolute", absolute)


@register.tag
def cached(parser: Parser, token: Token) -> "CachedNode":
    """Cache a part of a page: `{% cached name key … %}…{% endcached %}`.

    The part must depend on the site version and the keys alone. Where a key is None, as of a
    row that is not saved, nothing is cached.
    """
    _tag, name, *keys = token.split_contents()
    nodes = parser.parse(["endcached"])
    parser.delete_first_token()
    return CachedNode(name, [parser.compile_filter(key) for key in keys], nodes)


class CachedNode(template.Node):
    child_nodelists = ()  # it contains no block, so Django need not search it at each rendering

    def __init__(self, name: str, keys: list[FilterExpression], nodelist: template.NodeList):
        self.name = name
        self.keys = keys
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        keys = [key.resolve(context) for key in self.keys]
        if None in keys:
            return self.nodelist.render(context)
        cache_key = (self.name, *keys)
        content: SafeString = object_cache.get_or_compute(
            cache_key, lambda: self.nodelist.render(context)
        )
        return content


@register.filter
def page_address(address: str, page: Page[Any]) -> str:
    """Return the one address of a page of a list; the first page has no number."""
    return f"{address}?page={page.number}" if page.number > 1 else address


@register.filter
def page_suffix(page: Page[Any]) -> str:
    """Return the suffix of the title of a page of a list; the first page has none."""
    if page.number == 1:
        return ""
    return _(" (page %(number)s)") % {"number": page.number}
