import re
from datetime import datetime
from urllib.parse import urljoin

from django import template
from django.conf import settings

from magazine import house as the_house
from magazine.models import GreyScope, Publisher

register = template.Library()


@register.simple_tag
def house() -> the_house.House:
    """The publisher, its magazines and its standing pages."""
    return the_house.house()


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
