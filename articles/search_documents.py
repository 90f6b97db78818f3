"""The search documents of columns, publications and working copies.

A working copy has a document only while its content differs from its last version; otherwise
editors find the article by that version.
See docs/decisions/0034-working-copies-are-indexed-when-they-differ.md.
"""

from collections.abc import Collection

from django.db.models import QuerySet
from django.utils import timezone

from articles.content import CONTENT_FIELDS, ArticleContent
from articles.models import Article, Column, Publication
from magazine.models import Issue
from richtext.sanitizer import image_alts, plain_text
from search.index import ALWAYS, Document, Source, register

COMPARED_FIELDS = [
    Article._meta.get_field(name).attname for name in CONTENT_FIELDS if name != "date"
]


def content_document(row: ArticleContent, **values) -> Document:
    """Return the document of a publication or a working copy."""
    issue = row.issue
    hidden_text = [row.kicker, row.subtitle, row.original_title, row.source, row.responsible_editor]
    hidden_text.append(row.cover_alt)
    hidden_text += image_alts(row.body)
    return Document(
        title=row.title,
        address=row.get_absolute_url(),
        body=plain_text(row.body),
        authors=tuple(row.author_list),
        keywords=tuple(row.keyword_list),
        abstract=row.abstract,
        hidden_text=tuple(hidden_text),
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
        """Index publications, and remove working copies that do not differ any more."""
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
        published = {version.article_id: compared_values(version) for version in versions}
        differing = []
        for row in rows:
            if compared_values(row) != published.get(row.pk):
                differing.append(row)
        return super().documents(differing)


def compared_values(content: ArticleContent) -> list:
    """Return the content without the date, which may come from the clock."""
    return [getattr(content, name) for name in COMPARED_FIELDS]


copies = WorkingCopies()
register(Columns())
register(Publications())
register(copies)
