"""What is searched of the house itself: its magazines, their issues, and its standing pages."""

from datetime import date, datetime, time

from django.utils import timezone

from magazine.models import Issue, Magazine, Page
from richtext.sanitizer import plain_text
from search.index import ALWAYS, Document, Source, register


class Magazines(Source):
    kind, number, model = "magazine", 1, Magazine

    def document(self, row: Magazine) -> Document:
        return Document(
            title=row.title,
            address=row.get_absolute_url(),
            date=row.founded_on or ALWAYS.date(),
            body=plain_text(f"{row.introduction}\n{row.subscription}"),
            keywords=tuple(filter(None, [row.former_title, row.title_en, row.issn, row.cn_number])),
            aside=(row.postal_issue_code, row.supervisor, row.sponsor, row.editor_in_chief),
            magazine=row.pk,
        )


class Issues(Source):
    kind, number, model = "issue", 2, Issue
    told_by = {Magazine: "magazine"}

    def rows(self):
        return Issue.objects.select_related("magazine")

    def document(self, row: Issue) -> Document:
        day = row.published_on
        return Document(
            title=str(row),
            address=row.get_absolute_url(),
            date=day or date(row.year, 1, 1),
            body="",
            starts_at=timezone.make_aware(datetime.combine(day, time.min)) if day else None,
            magazine=row.magazine_id,
            issue=row.pk,
            number=(row.year, row.number),
        )


class Pages(Source):
    kind, number, model = "page", 3, Page

    def document(self, row: Page) -> Document:
        return Document(
            title=row.title,
            address=row.get_absolute_url(),
            date=timezone.localdate(row.updated_at),
            body=plain_text(row.body),
        )


register(Magazines())
register(Issues())
register(Pages())
