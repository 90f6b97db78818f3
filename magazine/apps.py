from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as BaseAdminConfig
from django.contrib.staticfiles.apps import StaticFilesConfig as BaseStaticFilesConfig
from django.utils.translation import gettext_lazy as _


class MagazineConfig(AppConfig):
    name = "magazine"
    verbose_name = _("Publishing house")
    admin_order = 3


class AdminConfig(BaseAdminConfig):
    default_site = "publishing.admin_site.MagazineAdminSite"


class StaticFilesConfig(BaseStaticFilesConfig):
    """Leave out files of CKEditor that no page loads: 40 MB would be collected otherwise."""

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
