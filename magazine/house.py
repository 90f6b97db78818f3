"""What every page shows of the house: read when something was written, and not once a page."""

from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from magazine.freshness import freshness
from magazine.models import Magazine, Page, Publisher


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
    return freshness.keep("house", _read)


def places() -> set[str]:
    """The paths to which masthead and footer lead."""
    here = house()
    fixed = {reverse(name) for name in ("articles:home", "articles:archive", "notices:notices")}
    return fixed | {thing.get_absolute_url() for thing in [*here.magazines, *here.pages]}


def _read() -> House:
    return House(
        publisher=Publisher.objects.first() or Publisher(),
        magazines=list(Magazine.objects.defer("introduction", "subscription")),
        pages=list(Page.objects.only("title", "slug")),
    )
