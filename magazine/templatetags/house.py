import re
from urllib.parse import urljoin

from django import template
from django.conf import settings

from magazine import house as the_house

register = template.Library()


@register.simple_tag
def house() -> the_house.House:
    """The publisher, its magazines and its standing pages."""
    return the_house.house()


@register.filter
def absolute(address: str) -> str:
    """An address of ours in full, as other sites, search engines and paper need it."""
    return urljoin(f"{settings.SITE_URL}/", address)


@register.filter
def dialled(telephone: str) -> str:
    """What a telephone link dials: the first of several numbers, without its extension."""
    first = re.split(r"[/、转]", telephone)[0]
    return re.sub(r"[^+0-9-]", "", first)
