from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from magazine.publishing import PublishForm, PublishingAdmin
from notices.models import Notice, NoticeContact


class ContactInline(admin.TabularInline):
    model = NoticeContact
    extra = 0
    fields = ["magazine", "label", "email", "telephone", "order"]


@admin.register(Notice)
class NoticeAdmin(PublishingAdmin):
    acts = {"publish": PublishForm, "withdraw": forms.Form}
    magazine_lookup = "magazine"
    inlines = [ContactInline]
    list_display = ["title", "status", "placement", "scope", "magazine", "date", "starts_at", "ends_at", "updated_by"]
    list_filter = ["placement", "scope", "magazine"]
    list_select_related = ["magazine", "updated_by"]
    date_hierarchy = "date"
    search_fields = ["title", "body"]
    readonly_fields = ["starts_at"]
    fieldsets = [
        (None, {"fields": ["title", "body"]}),
        (_("At its end"), {"fields": ["technical_telephone", "closing", "signature", ("date", "date_precision")]}),
        (_("Where it shows"), {"fields": ["placement", "scope", "magazine", "order", "dismissal_days"]}),
        (_("When it shows"), {"fields": ["starts_at", "ends_at"]}),
    ]

    def has_delete_permission(self, request: HttpRequest, obj: Notice | None = None) -> bool:
        """What readers may have seen is withdrawn, not deleted."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.starts_at is None)

    @admin.display(description=_("status"))
    def status(self, obj: Notice) -> str:
        if obj.is_live():
            return _("live")
        if obj.is_scheduled:
            return _("scheduled")
        return _("never published") if obj.starts_at is None else _("withdrawn or over")

    def view_on_site(self, obj: Notice) -> str | None:
        return obj.get_absolute_url() if obj.is_live() else None
