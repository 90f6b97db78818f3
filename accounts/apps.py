from axes.apps import AppConfig as BaseAxesConfig
from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Staff")
    admin_order = 4


class AxesConfig(BaseAxesConfig):
    verbose_name = _("Logins")

    def ready(self) -> None:
        super().ready()
        user_logged_in.connect(forget_own_failures)


def forget_own_failures(user, **kwargs) -> None:
    """Reset the failures of the account that logged in.

    django-axes would reset the IP address too, and anybody with an account could go on guessing.
    """
    from axes.models import AccessAttempt  # models are not there yet when this module is read

    AccessAttempt.objects.filter(username=user.get_username()).delete()
