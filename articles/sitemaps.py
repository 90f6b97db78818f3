"""Sections of the sitemap: articles and the pages that list them.

Pages of authors and keywords are left out: most list one or two articles, which link to them.
"""

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse
from django.utils import timezone

from articles.archive import live_months
from articles.models import Column, Publication
from magazine.models import Issue, Magazine
from seo.sections import Entry, ListedSection, Section, TimeBoundedSection, register


class Home(ListedSection):
    def addresses(self) -> list[Entry]:
        instants = [newest.first() for newest in last_instants(Publication.objects.all())]
        return [(reverse("articles:home"), max(filter(None, instants), default=None))]


class Articles(TimeBoundedSection):
    """Files are numbered by the key of the article; at most one version of each is live."""

    url_name = "articles:article"

    fields = ["article_id"]

    key = "article_id"

    def all_rows(self) -> QuerySet:
        return Publication.objects.all()

    def rows(self) -> QuerySet:
        return Publication.objects.live().annotate(changed=F("starts_at"))


class Listing(Section):
    """A page that lists publications; it changes when one of them begins or ends."""

    listed_by: str

    def with_changes(self, rows: QuerySet) -> QuerySet:
        publications = Publication.objects.filter(**{self.listed_by: OuterRef("pk")})
        begun, ended = [Subquery(newest) for newest in last_instants(publications)]
        # On SQLite, Greatest is NULL if one instant is NULL; each that ended has begun before.
        return rows.annotate(changed=Coalesce(Greatest(begun, ended), begun))


class Magazines(Listing):
    url_name = "magazine:magazine"
    fields = ["slug"]
    listed_by = "magazine"

    def rows(self) -> QuerySet:
        return self.with_changes(Magazine.objects.all())


class Columns(Listing):
    url_name = "articles:column"
    fields = ["slug"]
    listed_by = "column"

    def rows(self) -> QuerySet:
        return self.with_changes(Column.objects.all())


class Issues(Listing):
    url_name = "magazine:issue"
    fields = ["magazine__slug", "year", "number"]
    listed_by = "issue"

    def rows(self) -> QuerySet:
        return self.with_changes(Issue.objects.released())


class Archive(ListedSection):
    """The archive with its years and months; no index has the instants of their changes."""

    def addresses(self) -> list[Entry]:
        months = live_months()
        years = dict.fromkeys(month.year for month in months)
        paths = [reverse("articles:archive")]
        paths += [reverse("articles:year", args=[year]) for year in years]
        paths += [reverse("articles:month", args=[month.year, month.month]) for month in months]
        return [(path, None) for path in paths]


def last_instants(publications: QuerySet) -> list[QuerySet]:
    """Return queries for the last past instants at which a publication began, and ended."""
    seen = publications.seen()
    now = timezone.now()
    queries = []
    for instant in ("starts_at", "ends_at"):
        past = seen.filter(**{f"{instant}__lte": now}).order_by(f"-{instant}")
        queries.append(past.values_list(instant, flat=True)[:1])
    return queries


register("home", Home())
register("articles", Articles())
register("magazines", Magazines())
register("issues", Issues())
register("columns", Columns())
register("archive", Archive())
