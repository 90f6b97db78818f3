"""Base classes of the admin pages of content."""

import re
from contextlib import suppress
from typing import Any, cast

from csp.constants import SELF, UNSAFE_INLINE
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse, QueryDict
from rules.contrib.admin import ObjectPermissionsModelAdmin

from accounts.models import User
from publishing.forms import GuardedForm, is_primary_key
from richtext.fields import RichTextField, RichTextFormField
from richtext.inline import INVISIBLE
from richtext.sanitizer import trusted

# Lookups of a list's own filters with the values they take. Django would accept a regular
# expression that a user writes, and the database could work on it without end.
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
    """Offer the rows that the user may choose, and none of another magazine."""

    def field_choices(self, field, request: HttpRequest, model_admin) -> list[tuple]:
        rows = model_admin.get_field_queryset(None, field, request)
        return [(row.pk, str(row)) for row in rows]


class ContentAdmin(ObjectPermissionsModelAdmin):
    """Admin pages of EditTracked models: guarded forms, and rows of the user's magazines alone.

    `magazine_lookup` is the lookup from the model to its magazine. Where it is None, permissions
    alone decide.
    """

    form = GuardedForm
    magazine_lookup: str | None = None
    show_full_result_count = False
    save_on_top = True

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        queryset = super().get_queryset(request)
        if self.magazine_lookup is None or request.user.is_superuser:
            return queryset
        user = cast(User, request.user)  # the admin is closed to others
        return queryset.filter(**{f"{self.magazine_lookup}__in": list(user.roles)})

    def get_field_queryset(self, db, db_field, request: HttpRequest) -> models.QuerySet | None:
        related_admin = self.admin_site._registry.get(db_field.remote_field.model)
        if related_admin is None:
            return super().get_field_queryset(db, db_field, request)
        return related_admin.get_queryset(request)

    def formfield_for_dbfield(self, db_field, request: HttpRequest, **kwargs):
        if isinstance(db_field, models.URLField):
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict:
        """Ignore the query string: a link could fill a form with anything."""
        return {}

    def get_search_results(self, request: HttpRequest, queryset: models.QuerySet, search_term: str):
        words = search_term.replace("\0", "").split()
        return super().get_search_results(request, queryset, " ".join(words[:MAX_SEARCH_WORDS]))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        pattern = LOOKUPS.get(lookup.partition("__")[2])
        if pattern is None or not re.fullmatch(pattern, value):
            return False
        return super().lookup_allowed(lookup, value, request)

    def response_action(
        self, request: HttpRequest, queryset: models.QuerySet, *args, **kwargs
    ) -> HttpResponse | None:
        selected = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if not all(is_primary_key(value) for value in selected):
            raise BadRequest
        return super().response_action(request, queryset, *args, **kwargs)

    def get_form(self, request: HttpRequest, obj=None, change: bool = False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        field = form.base_fields.get("magazine")
        if field and not request.user.is_superuser:
            self._limit_to_own_magazines(field, request, obj)
        return form

    def _limit_to_own_magazines(self, field, request: HttpRequest, obj) -> None:
        permission = f"{self.opts.app_label}.add_{self.opts.model_name}"
        own = set()
        for magazine in field.queryset:
            if request.user.has_perm(permission, magazine):
                own.add(magazine.pk)
        if obj:
            own.add(obj.magazine_id)
        field.queryset = field.queryset.filter(pk__in=own)
        field.required = True
        if len(own) == 1:
            field.initial = own.pop()

    def get_readonly_fields(self, request: HttpRequest, obj=None) -> list[str]:
        """Make the slug read-only: readers may have seen the address."""
        fields = list(super().get_readonly_fields(request, obj))
        if obj and hasattr(obj, "slug"):
            fields.append("slug")
        return fields

    def get_fieldsets(self, request: HttpRequest, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            return fieldsets
        if self.has_change_permission(request, obj):
            name, options = fieldsets[0]
            guarded = {**options, "fields": ["seen", *options["fields"]]}
            return [(name, guarded), *fieldsets[1:]]
        readable = []
        for name, options in fieldsets:
            fields = [self._rendered_field(field) for field in options["fields"]]
            readable.append((name, {**options, "fields": fields}))
        return readable

    def _rendered_field(self, name):
        """Return a rich text field as rendered text, for users who may only view it."""
        rich_text = self._rich_text_fields()
        if name not in rich_text:
            return name

        @admin.display(description=rich_text[name].verbose_name)
        def text(obj) -> str:
            return trusted(getattr(obj, name))

        return text

    def _rich_text_fields(self) -> dict[str, RichTextField]:
        return {field.name: field for field in self.opts.fields if isinstance(field, RichTextField)}

    def save_model(self, request: HttpRequest, obj, form, change: bool) -> None:
        action = "change" if change else "add"
        permission = f"{self.opts.app_label}.{action}_{self.opts.model_name}"
        if not request.user.has_perm(permission, obj):
            raise PermissionDenied
        obj.updated_by = request.user
        super().save_model(request, obj, form, change)

    def changeform_view(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.method == "POST":
            request.POST = self._clean_post(request.POST)  # type: ignore[assignment]
        response = super().changeform_view(request, *args, **kwargs)
        may_edit = self.has_add_permission(request) or self.has_change_permission(request)
        if may_edit and self._rich_text_fields():
            response._csp_update = EDITOR_POLICY  # type: ignore[attr-defined]
        return response

    def _clean_post(self, data: QueryDict) -> QueryDict:
        """Sanitize rich text before the transaction, which would make other writers wait.

        Remove invisible characters from all other fields: pasted lines contain them, they make
        equal names differ, and they reverse the direction of text.
        """
        data = data.copy()
        rich_text = self._rich_text_fields().keys() & data.keys()
        for name in rich_text:
            value: Any = data[name]
            with suppress(ValidationError):  # the form raises it again, beside the field
                data[name] = RichTextFormField().to_python(value)
        for name in self.autocomplete_fields:
            for value in data.getlist(name):
                if value and not is_primary_key(value):
                    raise BadRequest
        for name, values in list(data.lists()):
            if name not in rich_text:
                data.setlist(name, [INVISIBLE.sub("", value) for value in values])
        return data

    def view_on_site(self, obj) -> str | None:
        return obj.get_absolute_url()
