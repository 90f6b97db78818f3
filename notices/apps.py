from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from magazine import navigation


class NoticesConfig(AppConfig):
    name = "notices"
    verbose_name = _("Notices")
    admin_order = 2

    def ready(self) -> None:
        navigation.register("notices:notices")
