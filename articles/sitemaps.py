"""The pages of articles, and those that list them, as search engines are told of them.

Authors and keywords are left out: there are as many as articles, most list one or two, and articles link to them.
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
    """Files by the article's key. Its own row is never asked: one version at most is live."""

    url_name = "articles:article"

    fields = ["article_id"]

    key = "article_id"

    def all_rows(self) -> QuerySet:
        return Publication.objects.all()

    def rows(self) -> QuerySet:
        return Publication.objects.live().annotate(changed=F("starts_at"))


class Listing(Section):
    """A page that lists publications. It has changed when the last of them began, was replaced or was withdrawn."""

    listed_by: str

    def with_changes(self, rows: QuerySet) -> QuerySet:
        begun, ended = map(
            Subquery, last_instants(Publication.objects.filter(**{self.listed_by: OuterRef("pk")}))
        )
        # What has ended has begun. SQLite takes nothing for greater than anything.
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
    """The archive with its years and months. When a month changed last, no index tells: they carry no instant."""

    def addresses(self) -> list[Entry]:
        months = live_months()
        years = dict.fromkeys(month.year for month in months)
        paths = [reverse("articles:archive")]
        paths += [reverse("articles:year", args=[year]) for year in years]
        paths += [reverse("articles:month", args=[month.year, month.month]) for month in months]
        return [(path, None) for path in paths]


def last_instants(publications: QuerySet) -> list[QuerySet]:
    """The last instant so far at which one of them began, and at which one ended: an entry of an index each."""
    seen, now = publications.seen(), timezone.now()
    return [
        seen.filter(**{f"{instant}__lte": now})
        .order_by(f"-{instant}")
        .values_list(instant, flat=True)[:1]
        for instant in ("starts_at", "ends_at")
    ]


register("home", Home())
register("articles", Articles())
register("magazines", Magazines())
register("issues", Issues())
register("columns", Columns())
register("archive", Archive())
