"""The search documents of notices."""

from notices.models import Notice
from richtext.sanitizer import plain_text
from search.index import Document, Source, register


class Notices(Source):
    kind, number, model = "notice", 4, Notice

    def document(self, row: Notice) -> Document:
        return Document(
            title=row.title,
            address=row.get_absolute_url(),
            date=row.date,
            body=plain_text(row.body),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            hidden_text=(row.signature, row.closing),
            magazine=row.magazine_id,
        )


register(Notices())
