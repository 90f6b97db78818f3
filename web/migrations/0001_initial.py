from django.db import migrations, models

from web.content_types import rename_content_type


class Migration(migrations.Migration):
    """Take ContentChange over from `magazine`, where it was Alteration. Its table stays."""

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
                    name="ContentChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={"db_table": "magazine_alteration"},
                ),
            ],
        ),
        rename_content_type(("magazine", "alteration"), ("web", "contentchange")),
    ]
