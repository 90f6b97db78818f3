"""Sections of the sitemap for the pages of `magazine/`, which lies below this app.

See docs/decisions/0039-sitemap-files-hold-ranges-of-keys.md.
"""

from django.db.models import F, QuerySet
from django.urls import reverse

from magazine.models import Magazine, Page
from seo.sections import Entry, ListedSection, Section, register


class PageSection(Section):
    url_name = "magazine:page"
    fields = ["slug"]

    def rows(self) -> QuerySet:
        return Page.objects.annotate(changed=F("updated_at"))


class IssueListSection(ListedSection):
    """The lists of all issues. An issue appears on a day: they have no instant of change."""

    def addresses(self) -> list[Entry]:
        slugs = Magazine.objects.order_by("pk").values_list("slug", flat=True)
        return [(reverse("magazine:issues", args=[slug]), None) for slug in slugs]


register("pages", PageSection())
register("pastissues", IssueListSection())
