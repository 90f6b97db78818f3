from django import template

from magazine.models import Magazine
from notices.models import Notice, Scope
from web.object_cache import object_cache

register = template.Library()


@register.simple_tag
def page_notices(home: bool = False, magazine: Magazine | None = None) -> list[Notice]:
    """Return the live popups and banners of a page."""
    live = object_cache.get_or_compute(
        "notices", lambda: list(Notice.objects.live().shown_on_pages())
    )
    return [notice for notice in live if _is_for_page(notice, home, magazine)]


@register.simple_tag
def latest_notices(count: int):
    return Notice.objects.live().for_cards()[:count]


def _is_for_page(notice: Notice, home: bool, magazine: Magazine | None) -> bool:
    match notice.scope:
        case Scope.HOME:
            return home
        case Scope.MAGAZINE:
            return bool(magazine) and magazine.pk == notice.magazine_id
    return True
