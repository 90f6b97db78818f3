from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.signals import connection_created
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from operations.routing import set_wait_timeout
from operations.tracing import watch


class OperationsConfig(AppConfig):
    name = "operations"
    verbose_name = _("Operations")

    def ready(self) -> None:
        connection_created.connect(watch)
        connection_created.connect(set_wait_timeout)
        autodiscover_modules("health")
        if settings.SENTRY_DSN:
            report_to_sentry()


def report_to_sentry() -> None:
    """What goes there says where it happened, and nothing of who asked or of what was sent."""
    try:
        import sentry_sdk  # an extra, which few installations have
    except ImportError:
        raise ImproperlyConfigured(
            "SENTRY_DSN is set, but sentry-sdk is not installed: pip install -c constraints.txt '.[sentry]'."
        ) from None
    nothing = {"mode": "off"}
    try:
        sentry_sdk.init(
            settings.SENTRY_DSN,
            data_collection={
                "user_info": False,
                "cookies": nothing,
                "http_headers": {"request": nothing},
                "http_bodies": [],
                "url_query_params": nothing,
                "database_query_data": False,
                "stack_frame_variables": False,
            },
        )
    except ValueError:
        raise ImproperlyConfigured(
            "SENTRY_DSN cannot be understood: it is what Sentry calls the DSN."
        ) from None
