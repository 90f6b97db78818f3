from django import forms
from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from magazine.models import Magazine
from magazine.site import site
from notices.models import Notice, NoticeContact, Scope
from publishing.actions import PublishableAdmin, PublishForm
from publishing.admin import OwnMagazinesFilter


class StatusFilter(admin.SimpleListFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, request, model_admin):
        return [
            ("live", _("live")),
            ("scheduled", _("scheduled")),
            ("over", _("withdrawn or over")),
            ("draft", _("never published")),
        ]

    def queryset(self, request, queryset):
        match self.value():
            case "live":
                return queryset.live()
            case "scheduled":
                return queryset.filter(starts_at__gt=timezone.now()).exclude(ends_at=F("starts_at"))
            case "over":
                return queryset.over()
            case "draft":
                return queryset.filter(starts_at__isnull=True)
        return queryset


class ContactInline(admin.TabularInline):
    model = NoticeContact
    extra = 0
    fields = ["magazine", "label", "email", "telephone", "order"]

    def get_field_queryset(self, db, db_field, request: HttpRequest):
        return self.admin_site.get_model_admin(Magazine).get_queryset(request)


@admin.register(Notice)
class NoticeAdmin(PublishableAdmin):
    publishing_actions = {"publish": PublishForm, "withdraw": forms.Form}
    magazine_lookup = "magazine"
    inlines = [ContactInline]
    list_display = [
        "title",
        "status",
        "placement",
        "scope",
        "magazine",
        "date",
        "starts_at",
        "ends_at",
        "updated_by",
    ]
    list_filter = [StatusFilter, "placement", "scope", ("magazine", OwnMagazinesFilter)]
    list_select_related = ["magazine", "updated_by"]
    date_hierarchy = "date"
    search_fields = ["title", "body"]
    fieldsets = [
        (None, {"fields": ["title", "body"]}),
        (
            _("At its end"),
            {"fields": ["technical_telephone", "closing", "signature", ("date", "date_precision")]},
        ),
        (
            _("Where it shows"),
            {"fields": ["placement", "scope", "magazine", "order", "dismissal_days"]},
        ),
        (_("When it shows"), {"fields": ["starts_at", "ends_at"]}),
    ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict:
        publisher = site().publisher
        return {"signature": publisher.name, "technical_telephone": publisher.technical_telephone}

    def get_readonly_fields(self, request: HttpRequest, obj: Notice | None = None) -> list[str]:
        """Make the end read-only once it has passed: publishing shows the notice again."""
        # Asked of the database: a form that was refused has changed the object at hand.
        is_over = obj and Notice.objects.over().filter(pk=obj.pk).exists()
        return ["starts_at", "ends_at"] if is_over else ["starts_at"]

    def has_delete_permission(self, request: HttpRequest, obj: Notice | None = None) -> bool:
        """Refuse for notices that readers may have seen: they are withdrawn instead."""
        return super().has_delete_permission(request, obj) and (
            obj is None or obj.starts_at is None
        )

    def formfield_for_choice_field(self, db_field, request: HttpRequest, **kwargs):
        """Pages that all magazines share are the site administrator's."""
        if db_field.name == "scope" and not request.user.is_superuser:
            kwargs["choices"] = [(Scope.MAGAZINE.value, Scope.MAGAZINE.label)]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    @admin.display(description=_("status"))
    def status(self, obj: Notice) -> str:
        if obj.is_live():
            return _("live")
        if obj.is_scheduled:
            return _("scheduled")
        return _("never published") if obj.starts_at is None else _("withdrawn or over")

    def view_on_site(self, obj: Notice) -> str | None:
        return obj.get_absolute_url() if obj.is_live() else None
