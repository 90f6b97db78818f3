from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as BaseAdminConfig
from django.contrib.staticfiles.apps import StaticFilesConfig as BaseStaticFilesConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class MagazineConfig(AppConfig):
    name = "magazine"
    verbose_name = _("The house")

    def ready(self) -> None:
        autodiscover_modules("sitemaps")


class AdminConfig(BaseAdminConfig):
    default_site = "magazine.desk.Desk"


class StaticFilesConfig(BaseStaticFilesConfig):
    """Leaves out what CKEditor carries along and nobody here can reach: 40 MB would be collected otherwise."""

    ignore_patterns = [
        *BaseStaticFilesConfig.ignore_patterns,
        "CHANGES.md",
        "adobeair",
        "codesnippetgeshi",
        "exportpdf",
        "flash",
        "galleriffic",
        "samples",
        "scayt",
        "tests",
        "wsc",
    ]
