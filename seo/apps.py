from datetime import timedelta

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class SeoConfig(AppConfig):
    name = "seo"

    def ready(self) -> None:
        from operations import timers  # needs the models

        timers.register("push_addresses", every=timedelta(minutes=1))
        autodiscover_modules("sitemaps")
