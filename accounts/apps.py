from typing import Any

from axes.apps import AppConfig as BaseAxesConfig
from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Staff")
    admin_order = 4


class AxesConfig(BaseAxesConfig):
    """django-axes with a Chinese name, and with only the user's own failures reset on login."""

    verbose_name = _("Logins")

    def ready(self) -> None:
        super().ready()
        user_logged_in.connect(reset_own_failures)


def reset_own_failures(user: Any, **kwargs: Any) -> None:
    """Delete the failed logins of a user who has logged in.

    django-axes itself would delete those of the address too: then anybody with an account could
    continue to guess the passwords of others.
    """
    from axes.models import AccessAttempt  # models are not loaded when this module is imported

    AccessAttempt.objects.filter(username=user.get_username()).delete()
