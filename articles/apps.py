from datetime import timedelta

from django.apps import AppConfig
from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _

from magazine import navigation


class ArticlesConfig(AppConfig):
    name = "articles"
    verbose_name = _("Articles")
    admin_order = 1

    def ready(self) -> None:
        from articles.cards import draw_site_card_of  # needs the models
        from operations import timers  # needs the models

        post_save.connect(draw_site_card_of, sender="magazine.Publisher")
        timers.register("refresh_related", every=timedelta(days=1))
        navigation.register("articles:home", is_home=True)
        navigation.register("articles:archive")
