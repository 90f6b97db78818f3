"""Publisher, magazines and standing pages: shown on every page, read once per site version.

See docs/decisions/0005-an-article-page-costs-two-queries.md.
"""

from typing import NamedTuple

from django.utils.translation import gettext as _

from magazine import navigation
from magazine.models import Magazine, Page, Publisher
from web.object_cache import object_cache


class Site(NamedTuple):
    publisher: Publisher
    magazines: list[Magazine]
    pages: list[Page]

    @property
    def name(self) -> str:
        """Return the name in the masthead, also before the publisher is filled in."""
        return self.publisher.name or _("Magazines")

    @property
    def titles(self) -> str:
        return "".join(f"《{magazine.title}》" for magazine in self.magazines)

    @property
    def description(self) -> str:
        """Return one sentence about the site for lists of search results."""
        if not self.magazines:
            return self.name
        return _("%(site)s: contents, articles, past issues and notices of %(titles)s.") % {
            "site": self.name,
            "titles": self.titles,
        }


def site() -> Site:
    return object_cache.get_or_compute("site", _read_site)


def nav_paths() -> set[str]:
    """Return the paths that masthead and footer link to."""
    return object_cache.get_or_compute("nav paths", _read_nav_paths)


def _read_site() -> Site:
    return Site(
        publisher=Publisher.objects.first() or Publisher(),
        magazines=list(Magazine.objects.defer("introduction", "subscription")),
        pages=list(Page.objects.only("title", "slug")),
    )


def _read_nav_paths() -> set[str]:
    current = site()
    paths = navigation.addresses()
    for magazine in current.magazines:
        paths.add(magazine.get_absolute_url())
    for page in current.pages:
        paths.add(page.get_absolute_url())
    return paths
