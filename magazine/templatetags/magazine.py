import re
from datetime import datetime

from django import template
from django.template.context import Context

from magazine import site as magazine_site
from magazine.models import GreyScope, Publisher

register = template.Library()


@register.simple_tag
def site() -> magazine_site.Site:
    """Return the publisher, its magazines and its standing pages."""
    return magazine_site.site()


@register.simple_tag(takes_context=True)
def current_nav_path(context: Context) -> str:
    """Return the path of this page if masthead or footer link to it, else an empty string."""
    path = context["request"].path
    return path if path in magazine_site.nav_paths() else ""


@register.simple_tag
def grey_period(publisher: Publisher, is_home: bool) -> tuple[datetime, datetime] | None:
    """Return the period in which this page is grey, or None.

    The page carries the period, so that static/head.js turns also a cached page on time.
    """
    if publisher.grey_starts_at is None or publisher.grey_ends_at is None:
        return None
    if not is_home and publisher.grey_scope != GreyScope.ALL:
        return None
    return publisher.grey_starts_at, publisher.grey_ends_at


@register.filter
def tel_href(telephone: str) -> str:
    """Return the first of several numbers, without its extension, for a tel: link."""
    first = re.split(r"[/、转]", telephone)[0]
    return re.sub(r"[^+0-9-]", "", first)
