from datetime import timedelta

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = _("Search")

    def ready(self) -> None:
        """Register the search documents of all apps, and the timer of OpenSearch."""
        from operations import timers  # needs the models

        if settings.SEARCH_URL:
            timers.register("deliver_search", every=timedelta(minutes=1))
        autodiscover_modules("search_documents")
