"""The desk: what every admin page of the house has in common."""

from csp.constants import SELF, UNSAFE_INLINE
from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import localize
from django.utils.translation import gettext_lazy as _
from rules.contrib.admin import ObjectPermissionsModelAdmin

from magazine.richtext import RichTextField

# CKEditor 4 writes its own scripts and styles into the page. Only edit pages with rich text allow it.
EDITOR_POLICY = {
    "script-src": [SELF, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "frame-src": [SELF],
}


class GuardedForm(forms.ModelForm):
    """Does not save over what somebody else saved after the form was opened, unless asked a second time."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["seen"].initial = self.instance.updated_at.isoformat()

    def clean(self) -> None:
        super().clean()
        if self.instance.pk is None or "seen" not in self.fields:
            return
        saved = type(self.instance)._default_manager.select_for_update().get(pk=self.instance.pk)
        seen = parse_datetime(self.cleaned_data.get("seen") or "")
        if saved.updated_at != seen:
            self.data = self.data.copy()
            self.data[self.add_prefix("seen")] = saved.updated_at.isoformat()
            raise ValidationError(
                _(
                    "%(name)s saved this at %(time)s, after you opened it. Nothing of yours is lost: it still stands "
                    "below. Open the page in a second window to compare; saving again replaces the other version "
                    "with yours."
                ),
                code="saved_meanwhile",
                params={
                    "name": saved.updated_by or _("Somebody"),
                    "time": localize(timezone.localtime(saved.updated_at)),
                },
            )


class HouseAdmin(ObjectPermissionsModelAdmin):
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
        return related.get_queryset(request) if related else super().get_field_queryset(db, db_field, request)

    def get_form(self, request: HttpRequest, obj=None, change: bool = False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        field = form.base_fields.get("magazine")
        if field and not request.user.is_superuser:
            add = f"{self.opts.app_label}.add_{self.opts.model_name}"
            own = {magazine.pk for magazine in field.queryset if request.user.has_perm(add, magazine)}
            own |= {obj.magazine_id} if obj else set()
            field.queryset = field.queryset.filter(pk__in=own)
            field.required = True
            if len(own) == 1:
                field.initial = own.pop()
        return form

    def get_fieldsets(self, request: HttpRequest, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if self.fieldsets and obj and self.has_change_permission(request, obj):
            first, options = fieldsets[0]
            return [(first, options | {"fields": ["seen", *options["fields"]]}), *fieldsets[1:]]
        return fieldsets

    def save_model(self, request: HttpRequest, obj, form, change: bool) -> None:
        codename = "change" if change else "add"
        if not request.user.has_perm(f"{self.opts.app_label}.{codename}_{self.opts.model_name}", obj):
            raise PermissionDenied
        obj.updated_by = request.user
        super().save_model(request, obj, form, change)

    def changeform_view(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = super().changeform_view(request, *args, **kwargs)
        if any(isinstance(field, RichTextField) for field in self.opts.fields):
            response._csp_update = EDITOR_POLICY
        return response
