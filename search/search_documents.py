"""Search documents of the magazine app: magazines, issues and pages."""

from datetime import date, datetime, time

from django.db.models import QuerySet
from django.utils import timezone

from magazine.models import Issue, Magazine, Page
from richtext.sanitizer import plain_text
from search.index import ALWAYS, Document, Source, register


class MagazineSource(Source):
    kind = "magazine"
    number = 1
    model = Magazine

    def document(self, row: Magazine) -> Document:
        names = [row.former_title, row.title_en, row.issn, row.cn_number]
        return Document(
            title=row.title,
            address=row.get_absolute_url(),
            date=row.founded_on or ALWAYS.date(),
            body=plain_text(f"{row.introduction}\n{row.subscription}"),
            keywords=tuple(filter(None, names)),
            hidden_text=(
                row.postal_issue_code,
                row.supervisor,
                row.sponsor,
                row.editor_in_chief,
            ),
            magazine=row.pk,
        )


class IssueSource(Source):
    kind = "issue"
    number = 2
    model = Issue
    depends_on = {Magazine: "magazine"}

    def rows(self) -> QuerySet[Issue]:
        return Issue.objects.select_related("magazine")

    def document(self, row: Issue) -> Document:
        return Document(
            title=str(row),
            address=row.get_absolute_url(),
            date=row.published_on or date(row.year, 1, 1),
            body="",
            starts_at=_start_of(row.published_on),
            magazine=row.magazine_id,
            issue=row.pk,
            number=(row.year, row.number),
        )


def _start_of(day: date | None) -> datetime | None:
    """Return the beginning of the day on which an issue is published; None without a day."""
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day, time.min))


class PageSource(Source):
    kind = "page"
    number = 3
    model = Page

    def document(self, row: Page) -> Document:
        return Document(
            title=row.title,
            address=row.get_absolute_url(),
            date=timezone.localdate(row.updated_at),
            body=plain_text(row.body),
        )


register(MagazineSource())
register(IssueSource())
register(PageSource())
