"""Base classes of the admin pages of content."""

import re
from contextlib import suppress

from csp.constants import SELF, UNSAFE_INLINE
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse, QueryDict
from rules.contrib.admin import ObjectPermissionsModelAdmin

from publishing.forms import GuardedForm, is_primary_key
from richtext.fields import RichTextField, RichTextFormField
from richtext.normalizer import INVISIBLE
from richtext.sanitizer import trusted

# Lookups of a list's own filters with the values they take. Django would accept a regular
# expression written by hand, which can keep the database busy for ever.
LOOKUPS = {
    "": r"[^\0]*",
    "exact": r"[^\0]*",
    "id__exact": r"[0-9]{1,18}",
    "isnull": r"True|False",
    "year": r"[12][0-9]{3}",
    "month": r"[0-9]{1,2}",
    "day": r"[0-9]{1,2}",
}

# CKEditor 4 writes inline scripts and styles into its page. Only edit pages with rich text
# allow them: docs/decisions/0023-only-edit-pages-relax-the-content-policy.md.
EDITOR_POLICY = {
    "script-src": [SELF, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "frame-src": [SELF],
}

MAX_SEARCH_WORDS = 30  # each word is looked up in each search field


class OwnMagazinesFilter(admin.RelatedFieldListFilter):
    """Offers what the user may choose from, and names nothing of another magazine."""

    def field_choices(self, field, request: HttpRequest, model_admin) -> list[tuple]:
        return [
            (thing.pk, str(thing)) for thing in model_admin.get_field_queryset(None, field, request)
        ]


class ContentAdmin(ObjectPermissionsModelAdmin):
    """For models that were `Edited`: guarded forms, own policies, and nothing of another magazine.

    `magazine_lookup` leads from the model to its magazine; where it is None, only permissions decide.
    """

    form = GuardedForm
    magazine_lookup: str | None = None
    show_full_result_count = False
    save_on_top = True

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        queryset = super().get_queryset(request)
        if self.magazine_lookup is None or request.user.is_superuser:
            return queryset
        return queryset.filter(**{f"{self.magazine_lookup}__in": list(request.user.roles)})

    def get_field_queryset(self, db, db_field, request: HttpRequest) -> models.QuerySet | None:
        related = self.admin_site._registry.get(db_field.remote_field.model)
        return (
            related.get_queryset(request)
            if related
            else super().get_field_queryset(db, db_field, request)
        )

    def formfield_for_dbfield(self, db_field, request: HttpRequest, **kwargs):
        if isinstance(db_field, models.URLField):
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict:
        """Nothing that an address says: it may be nonsense, or a trap."""
        return {}

    def get_search_results(self, request: HttpRequest, queryset: models.QuerySet, search_term: str):
        return super().get_search_results(
            request, queryset, " ".join(search_term.replace("\0", "").split()[:MAX_SEARCH_WORDS])
        )

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        values = LOOKUPS.get(lookup.partition("__")[2])
        return bool(values and re.fullmatch(values, value)) and super().lookup_allowed(
            lookup, value, request
        )

    def response_action(
        self, request: HttpRequest, queryset: models.QuerySet
    ) -> HttpResponse | None:
        if not all(is_primary_key(value) for value in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest
        return super().response_action(request, queryset)

    def get_form(self, request: HttpRequest, obj=None, change: bool = False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        field = form.base_fields.get("magazine")
        if field and not request.user.is_superuser:
            add = f"{self.opts.app_label}.add_{self.opts.model_name}"
            own = {
                magazine.pk for magazine in field.queryset if request.user.has_perm(add, magazine)
            }
            own |= {obj.magazine_id} if obj else set()
            field.queryset = field.queryset.filter(pk__in=own)
            field.required = True
            if len(own) == 1:
                field.initial = own.pop()
        return form

    def get_readonly_fields(self, request: HttpRequest, obj=None) -> list[str]:
        """An address that readers may have seen does not change."""
        fixed = ["slug"] if obj and hasattr(obj, "slug") else []
        return [*super().get_readonly_fields(request, obj), *fixed]

    def get_fieldsets(self, request: HttpRequest, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            return fieldsets
        if self.has_change_permission(request, obj):
            first, options = fieldsets[0]
            return [(first, options | {"fields": ["seen", *options["fields"]]}), *fieldsets[1:]]
        return [
            (name, options | {"fields": [self._to_read(field) for field in options["fields"]]})
            for name, options in fieldsets
        ]

    def _to_read(self, name):
        """Rich text for who may only look at it: as it reads, not as it is marked up."""
        texts = {
            field.name: field for field in self.opts.fields if isinstance(field, RichTextField)
        }
        if name not in texts:
            return name

        @admin.display(description=texts[name].verbose_name)
        def text(obj) -> str:
            return trusted(getattr(obj, name))

        return text

    def save_model(self, request: HttpRequest, obj, form, change: bool) -> None:
        codename = "change" if change else "add"
        if not request.user.has_perm(
            f"{self.opts.app_label}.{codename}_{self.opts.model_name}", obj
        ):
            raise PermissionDenied
        obj.updated_by = request.user
        super().save_model(request, obj, form, change)

    def changeform_view(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.method == "POST":
            request.POST = self._cleaned(request.POST)
        response = super().changeform_view(request, *args, **kwargs)
        writes = self.has_add_permission(request) or self.has_change_permission(request)
        if writes and any(isinstance(field, RichTextField) for field in self.opts.fields):
            response._csp_update = EDITOR_POLICY
        return response

    def _cleaned(self, data: QueryDict) -> QueryDict:
        """What was sent, its rich text cleaned: before the transaction that would keep others from saving meanwhile.

        The rest loses what nobody sees. It comes with pasted lines, parts names that look the same, and turns round
        the words that follow.
        """
        data = data.copy()
        texts = {
            field.name for field in self.opts.fields if isinstance(field, RichTextField)
        } & data.keys()
        for name in texts:
            with suppress(ValidationError):  # the form refuses it again, and says why
                data[name] = RichTextFormField().to_python(data[name])
        if not all(
            is_primary_key(value)
            for name in self.autocomplete_fields
            for value in data.getlist(name)
            if value
        ):
            raise BadRequest
        for name, values in list(data.lists()):
            if name not in texts:
                data.setlist(name, [INVISIBLE.sub("", value) for value in values])
        return data

    def view_on_site(self, obj) -> str:
        return obj.get_absolute_url()
