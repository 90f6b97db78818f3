from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class SeoConfig(AppConfig):
    name = "seo"

    def ready(self) -> None:
        autodiscover_modules("sitemaps")
