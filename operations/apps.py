from datetime import timedelta

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.signals import connection_created
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from operations.routing import set_wait_timeout
from operations.tracing import install_query_wrapper


class OperationsConfig(AppConfig):
    name = "operations"
    verbose_name = _("Operations")

    def ready(self) -> None:
        from operations import timers  # needs the models

        timers.register("backup", every=timedelta(days=1))
        timers.register("clearsessions", every=timedelta(days=1))
        connection_created.connect(install_query_wrapper)
        connection_created.connect(set_wait_timeout)
        autodiscover_modules("health")
        if settings.SENTRY_DSN:
            report_to_sentry()


def report_to_sentry() -> None:
    """Send errors to Sentry, with the code location and without personal data."""
    try:
        import sentry_sdk  # an optional dependency, which few installations have
    except ImportError:
        raise ImproperlyConfigured(
            "SENTRY_DSN is set, but sentry-sdk is not installed: "
            "pip install --require-hashes -r requirements.lock."
        ) from None
    off = {"mode": "off"}
    try:
        sentry_sdk.init(
            settings.SENTRY_DSN,
            data_collection={  # type: ignore[arg-type]
                "user_info": False,
                "cookies": off,
                "http_headers": {"request": off},
                "http_bodies": [],
                "url_query_params": off,
                "database_query_data": False,
                "stack_frame_variables": False,
            },
        )
    except ValueError:
        raise ImproperlyConfigured("SENTRY_DSN is not a valid DSN of Sentry.") from None
