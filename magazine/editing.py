"""What editors edit remembers them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Edited(models.Model):
    """Who saved a row last, and when: the admin shows it, and refuses a save over somebody else's."""

    updated_at = models.DateTimeField(_("last saved"), auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("last saved by"),
    )

    class Meta:
        abstract = True
