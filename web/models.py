"""Content that readers see, and the record of its changes.

See docs/decisions/0001-site-version-invalidates-every-cache.md.
"""

from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar

from django.db import models, transaction
from django.db.models.signals import class_prepared, post_delete, post_save
from django.dispatch import Signal

MAX_ROWS = 100

Row = TypeVar("Row", bound=models.Model)

# Sent in the process that committed a change of public content.
content_changed = Signal()


class ContentChange(models.Model):
    """Record one change of public content. Rows are only added: no writer waits for another.

    A row number alone is no version, because transactions commit out of order. The number of
    rows, the lowest and the highest number together are one: a late commit changes the first,
    deleting old rows changes the second.
    """

    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "magazine_alteration"

    def __str__(self) -> str:
        return str(self.at)

    @classmethod
    def record(cls, using: str) -> None:
        """Add a row to the database `using`, and delete the oldest rows now and then."""
        row = cls.objects.using(using).create()
        if row.pk % MAX_ROWS == 0:
            cls.objects.using(using).filter(pk__lte=row.pk - MAX_ROWS).delete()
        transaction.on_commit(_send_content_changed, using)


def _send_content_changed() -> None:
    content_changed.send(ContentChange)


class PublicQuerySet(models.QuerySet[Row]):
    """Record a content change for writes that send no signals."""

    def update(self, **values: Any) -> int:
        changed = super().update(**values)
        if changed:
            ContentChange.record(self.db)
        return changed

    def bulk_create(self, objs: Iterable[Row], *args: Any, **options: Any) -> list[Row]:
        created = super().bulk_create(objs, *args, **options)
        ContentChange.record(self.db)
        return created


class PublicModel(models.Model):
    """Content that readers see: every write of it records a content change.

    `instants` names the fields that hold when it begins or ends to show.
    """

    instants: ClassVar[list[str]] = []

    objects = PublicQuerySet.as_manager()

    class Meta:
        abstract = True


public_models: list[type[PublicModel]] = []


def _register_public_model(sender: type[models.Model], **signal: Any) -> None:
    if issubclass(sender, PublicModel):
        public_models.append(sender)
        post_save.connect(_record_change, sender)
        post_delete.connect(_record_change, sender)


def _record_change(using: str, **signal: Any) -> None:
    ContentChange.record(using)


class_prepared.connect(_register_public_model)
