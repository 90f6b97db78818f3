"""What is searched of the articles: every version that readers see, saw or will see, what editors make of it, columns.

A working copy is a document of its own only as long as it says something else than its last version: otherwise
editors find the article by that, and nothing is kept twice.
"""

from collections.abc import Collection

from django.db.models import QuerySet
from django.utils import timezone

from articles.content import CONTENT_FIELDS, ArticleContent
from articles.models import Article, Column, Publication
from magazine.models import Issue
from richtext.sanitizer import image_alts, plain_text
from search.index import ALWAYS, Document, Source, register

SAID = [Article._meta.get_field(name).attname for name in CONTENT_FIELDS if name != "date"]


def content_document(row: ArticleContent, **values) -> Document:
    issue = row.issue
    return Document(
        title=row.title,
        address=row.get_absolute_url(),
        body=plain_text(row.body),
        authors=tuple(row.author_list),
        keywords=tuple(row.keyword_list),
        abstract=row.abstract,
        hidden_text=(
            *(row.kicker, row.subtitle, row.original_title, row.source, row.responsible_editor),
            *(row.cover_alt, *image_alts(row.body)),
        ),
        magazine=row.magazine_id,
        column=row.column_id,
        issue=row.issue_id,
        number=(issue.year, issue.number) if issue else None,
        **values,
    )


class Columns(Source):
    kind, number, model = "column", 5, Column

    def document(self, row: Column) -> Document:
        return Document(
            title=row.title,
            address=row.get_absolute_url(),
            date=ALWAYS.date(),
            body=row.description,
            magazine=row.magazine_id,
            column=row.pk,
        )


class Publications(Source):
    kind, number, model = "publication", 6, Publication
    depends_on = {Issue: "issue"}

    def rows(self) -> QuerySet:
        return Publication.objects.select_related("article", "issue")

    def document(self, row: Publication) -> Document:
        return content_document(row, date=row.date, starts_at=row.starts_at, ends_at=row.ends_at)

    def index_rows(self, rows: Collection[Publication]) -> None:
        """A working copy that has just been published says nothing else any more."""
        super().index_rows(rows)
        copies.index_rows([row.article for row in rows])


class WorkingCopies(Source):
    kind, number, model = "article", 7, Article
    depends_on = {Issue: "issue"}

    def rows(self) -> QuerySet:
        return Article.objects.select_related("issue")

    def document(self, row: Article) -> Document:
        return content_document(
            row, date=row.date or timezone.localdate(row.updated_at), starts_at=None
        )

    def documents(self, rows: Collection[Article]) -> dict[int, Document]:
        versions = Publication.objects.filter(article__in=[row.pk for row in rows]).order_by("pk")
        published = {version.article_id: said(version) for version in versions}
        return super().documents([row for row in rows if said(row) != published.get(row.pk)])


def said(content: ArticleContent) -> list:
    """All that a version says but its date, which the clock may have given it."""
    return [getattr(content, name) for name in SAID]


copies = WorkingCopies()
register(Columns())
register(Publications())
register(copies)
