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
    """Who logs in clears the own account. django-axes would clear the address, too: with an account one guesses on."""
    from axes.models import AccessAttempt  # models are not there yet when this module is read

    AccessAttempt.objects.filter(username=user.get_username()).delete()
