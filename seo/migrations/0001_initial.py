from django.db import migrations, models

from web.content_types import rename_content_type


class Migration(migrations.Migration):
    """Take PushCursor over from `magazine`, where it was PushMark. Its table stays."""

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("magazine", "0004_alterations"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="PushCursor",
                    fields=[
                        (
                            "service",
                            models.CharField(max_length=20, primary_key=True, serialize=False),
                        ),
                        ("until", models.DateTimeField()),
                        ("reported", models.JSONField(db_column="told", default=dict)),
                        ("due_at", models.DateTimeField()),
                        ("failures", models.PositiveIntegerField(default=0)),
                    ],
                    options={"db_table": "magazine_pushmark"},
                ),
            ],
        ),
        rename_content_type(("magazine", "pushmark"), ("seo", "pushcursor")),
    ]
