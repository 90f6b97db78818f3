"""The admin site of the editorial office."""

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import UsernameField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

LAST_ORDER = 99


class LoginForm(AdminAuthenticationForm):
    # Django limits the length in the browser alone, and django-axes cannot record a longer name.
    username = UsernameField(max_length=150, widget=forms.TextInput(attrs={"autofocus": True}))


class MagazineAdminSite(admin.AdminSite):
    login_form = LoginForm
    site_header = site_title = _("Editorial admin")
    index_title = _("Overview")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict]:
        """List apps by the `admin_order` of their AppConfig, those without one last."""
        app_list = super().get_app_list(request, app_label)
        return sorted(app_list, key=_admin_order)

    def get_urls(self) -> list:
        """Leave out the redirect to any row's public address: it checks no permission."""
        return [
            pattern
            for pattern in super().get_urls()
            if getattr(pattern, "name", "") != "view_on_site"
        ]


def _admin_order(app: dict) -> int:
    config = apps.get_app_config(app["app_label"])
    return getattr(config, "admin_order", LAST_ORDER)
