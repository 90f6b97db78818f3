from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from magazine.models import Issue, Magazine, Page, Publisher
from publishing.admin import ContentAdmin, OwnMagazinesFilter


@admin.register(Publisher)
class PublisherAdmin(ContentAdmin):
    list_display = ["name", "telephone", "licence_number", "licence_expires_on"]
    fieldsets = [
        (None, {"fields": ["name", "sponsor", "logo", "copyright_line"]}),
        (
            _("Footer"),
            {"fields": ["address", "postcode", "telephone", "technical_telephone", "report_line"]},
        ),
        (
            _("Licences"),
            {"fields": ["icp_number", "police_number", "licence_number", "licence_expires_on"]},
        ),
        (_("Days of mourning"), {"fields": ["grey_starts_at", "grey_ends_at", "grey_scope"]}),
    ]

    def view_on_site(self, obj: Publisher) -> None:
        """Return no address: the publisher has no page of its own."""

    def has_add_permission(self, request) -> bool:
        return super().has_add_permission(request) and not Publisher.objects.exists()

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Magazine)
class MagazineAdmin(ContentAdmin):
    magazine_lookup = "pk"
    list_display = [
        "title",
        "periodicity",
        "issn",
        "cn_number",
        "office_email",
        "office_telephone",
        "order",
    ]
    search_fields = ["title", "title_en", "issn", "cn_number"]
    fieldsets = [
        (
            None,
            {"fields": ["title", "title_en", "former_title", "slug", "cover", "accent", "order"]},
        ),
        (
            _("Numbers"),
            {
                "fields": [
                    "issn",
                    "cn_number",
                    "postal_issue_code",
                    "periodicity",
                    "price",
                    "founded_on",
                ]
            },
        ),
        (_("People"), {"fields": ["supervisor", "sponsor", "editor_in_chief"]}),
        (_("Editorial office"), {"fields": ["office_email", "office_telephone", "office_address"]}),
        (_("For readers"), {"fields": ["introduction", "subscription"]}),
    ]

    def get_prepopulated_fields(self, request, obj=None) -> dict:
        return {} if obj else {"slug": ["title_en"]}


@admin.register(Issue)
class IssueAdmin(ContentAdmin):
    magazine_lookup = "magazine"
    list_display = ["name", "magazine", "published_on", "updated_at", "updated_by"]
    list_filter = [("magazine", OwnMagazinesFilter), "year"]
    date_hierarchy = "published_on"
    search_fields = ["magazine__title", "=year", "=number"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "magazine",
                    "year",
                    "number",
                    "total_number",
                    "published_on",
                    "cover",
                    "pdf",
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest):
        """Join the magazine: its title begins the name of an issue in lists and choices."""
        return super().get_queryset(request).select_related("magazine", "updated_by")

    @admin.display(description=_("issue"))
    def name(self, obj: Issue) -> str:
        return obj.name

    def view_on_site(self, obj: Issue) -> str | None:
        return obj.get_absolute_url() if obj.is_released else None


@admin.register(Page)
class PageAdmin(ContentAdmin):
    list_display = ["title", "slug", "order", "updated_at", "updated_by"]
    list_editable = ["order"]
    list_select_related = ["updated_by"]
    search_fields = ["title", "body"]
    fieldsets = [(None, {"fields": ["title", "slug", "body", "order"]})]
