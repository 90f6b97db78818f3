from django.db import migrations


class Migration(migrations.Migration):
    """Give the models Alteration and PushMark to `web` and `seo`. Their tables stay as they are."""

    dependencies = [
        ("magazine", "0004_alterations"),
        ("web", "0001_initial"),
        ("seo", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel("Alteration"),
                migrations.DeleteModel("PushMark"),
            ],
        ),
    ]
