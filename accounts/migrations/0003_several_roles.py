from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_initial"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="membership",
            name="accounts_one_role_per_magazine",
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                fields=("user", "magazine", "role"),
                name="accounts_membership_once",
                violation_error_message="This user already has this role in this magazine.",
            ),
        ),
    ]
