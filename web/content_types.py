from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ModelName = tuple[str, str]  # app label and model name, in small letters


def rename_content_type(old: ModelName, new: ModelName) -> migrations.RunPython:
    """Return an operation that renames the content type and permissions of a moved model.

    A migration that moves a model needs it, or old log entries and permissions are orphaned.
    """

    def rename(apps: Apps, source: ModelName, target: ModelName) -> None:
        content_types = apps.get_model("contenttypes", "ContentType").objects
        moved = content_types.filter(app_label=source[0], model=source[1]).first()
        if moved is None:  # a new database: post_migrate creates it
            return
        moved.app_label = target[0]
        moved.model = target[1]
        moved.save()
        permissions = apps.get_model("auth", "Permission").objects
        for permission in permissions.filter(content_type=moved):
            action = permission.codename.partition("_")[0]
            permission.codename = f"{action}_{target[1]}"
            permission.name = f"Can {action} {target[1]}"
            permission.save()

    def forwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        rename(apps, old, new)

    def backwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        rename(apps, new, old)

    return migrations.RunPython(forwards, backwards)
