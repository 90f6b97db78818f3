from django.db import migrations

ModelName = tuple[str, str]  # app label and model name, in small letters


def rename_content_type(old: ModelName, new: ModelName) -> migrations.RunPython:
    """Return an operation that renames the content type and permissions of a moved model.

    A migration that moves a model needs it, or old log entries and permissions are orphaned.
    """

    def rename(apps, source: ModelName, target: ModelName) -> None:
        content_types = apps.get_model("contenttypes", "ContentType").objects
        moved = content_types.filter(app_label=source[0], model=source[1]).first()
        if moved is None:  # a new database: post_migrate creates it
            return
        moved.app_label, moved.model = target
        moved.save()
        for permission in apps.get_model("auth", "Permission").objects.filter(content_type=moved):
            action = permission.codename.partition("_")[0]
            permission.codename = f"{action}_{target[1]}"
            permission.name = f"Can {action} {target[1]}"
            permission.save()

    def forwards(apps, schema_editor) -> None:
        rename(apps, old, new)

    def backwards(apps, schema_editor) -> None:
        rename(apps, new, old)

    return migrations.RunPython(forwards, backwards)
