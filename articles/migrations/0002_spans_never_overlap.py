"""On PostgreSQL the database itself refuses two versions of one article that are live at the same instant.

SQLite has no such constraint; there `Article.publish` keeps the rule, under the same lock. Ranges of one id stand in
for the id itself, which GiST cannot hold without an extension.
"""

from django.db import migrations

NAME = "articles_publication_spans_never_overlap"


def add(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"ALTER TABLE articles_publication ADD CONSTRAINT {NAME} EXCLUDE USING gist "
            "(int8range(article_id, article_id, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&)"
        )


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE articles_publication DROP CONSTRAINT {NAME}")


class Migration(migrations.Migration):
    dependencies = [("articles", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
