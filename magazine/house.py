"""What every page shows of the house: read once a second, and not once a page."""

from typing import NamedTuple

from django.core.cache import cache
from django.utils.translation import gettext as _

from magazine.models import Magazine, Page, Publisher

# Short enough that editors see at once what they saved, with several processes and no word between them.
FRESH_SECONDS = 1


class House(NamedTuple):
    publisher: Publisher
    magazines: list[Magazine]
    pages: list[Page]

    @property
    def name(self) -> str:
        """What the masthead says, also before anybody has filled in the publisher."""
        return self.publisher.name or _("Magazines")

    @property
    def titles(self) -> str:
        return "".join(f"《{magazine.title}》" for magazine in self.magazines)

    @property
    def description(self) -> str:
        """One sentence, for lists of search results."""
        if not self.magazines:
            return self.name
        names = {"house": self.name, "titles": self.titles}
        return _("%(house)s: contents, articles, past issues and notices of %(titles)s.") % names


def house() -> House:
    return cache.get_or_set("house", _read, FRESH_SECONDS)


def _read() -> House:
    return House(
        publisher=Publisher.objects.first() or Publisher(),
        magazines=list(Magazine.objects.defer("introduction", "subscription")),
        pages=list(Page.objects.only("title", "slug")),
    )
