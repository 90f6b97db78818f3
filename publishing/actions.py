"""Publish, schedule and withdraw rows from the admin.

The models have the methods `publish(by, at)` and `withdraw(by, …)`. Buttons of edit pages and
bulk actions of lists lead to a confirmation page, and only that page calls the method.
"""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from publishing.admin import ContentAdmin
from publishing.forms import is_primary_key
from richtext.inline import INVISIBLE

MAX_ROWS = 500  # of one confirmation page
MAX_TITLES = 10  # that the message about a finished action lists


class PublishForm(forms.Form):
    at = forms.SplitDateTimeField(
        label=_("from"),
        required=False,
        widget=AdminSplitDateTime,
        help_text=_(
            "Readers see the content from this instant on, in Beijing time. "
            "Leave it empty to publish at once."
        ),
    )

    def clean_at(self):
        """Return one instant for all rows that are published together."""
        return self.cleaned_data["at"] or timezone.now()


class VisibleCharField(forms.CharField):
    """A text field that ignores invisible characters."""

    def to_python(self, value: str | None) -> str | None:
        return super().to_python(INVISIBLE.sub("", value or ""))


class WithdrawForm(forms.Form):
    reason = VisibleCharField(
        label=_("reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text=_(
            "Readers see the reason at the address of the article. "
            "It stays in the record of publications."
        ),
    )


class PublishableAdmin(ContentAdmin):
    """Publish, withdraw and similar actions, each behind a confirmation page.

    A publishing action is a method of the model; the fields of its form are the arguments of
    the method. One transaction covers all selected rows, so that a whole issue appears at one
    instant or not at all.
    """

    publishing_actions: dict[str, type[forms.Form]] = {
        "publish": PublishForm,
        "withdraw": WithdrawForm,
    }
    action_labels = {
        "publish": _("Publish or schedule"),
        "withdraw": _("Withdraw"),
        "cancel_schedule": _("Cancel what is scheduled"),
    }
    success_messages = {
        "publish": _("Published or scheduled: %(titles)s."),
        "withdraw": _("Withdrawn: %(titles)s."),
        "cancel_schedule": _("No longer scheduled: %(titles)s."),
    }
    actions = ["publish_selected", "withdraw_selected"]
    change_form_template = "admin/publishing/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.confirm_view)
        urls = []
        for action in self.publishing_actions:
            name = self._url_name(action).removeprefix("admin:")
            urls.append(path(f"{action}/", view, {"action": action}, name=name))
        return urls + super().get_urls()

    def has_publish_permission(self, request: HttpRequest, obj=None) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.publish_{self.opts.model_name}", obj)

    def possible_actions(self, obj) -> list[str]:
        """Return the publishing actions that make sense for a row in its present state."""
        if obj.is_live() or obj.is_scheduled:
            return ["publish", "withdraw"]
        return ["publish"]

    @admin.action(description=_("Publish or schedule the selected rows"), permissions=["publish"])
    def publish_selected(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        return self._confirm_selected(request, "publish", queryset)

    @admin.action(description=_("Withdraw the selected rows"), permissions=["publish"])
    def withdraw_selected(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        return self._confirm_selected(request, "withdraw", queryset)

    def render_change_form(
        self, request: HttpRequest, context: dict, add=False, change=False, form_url="", obj=None
    ):
        if change:
            actions = self.possible_actions(obj)
            may_save = self.has_change_permission(request, obj)
        else:
            actions = ["publish"]
            may_save = self.has_add_permission(request)
        buttons = []
        if may_save and self.has_publish_permission(request, obj):
            buttons = [(action, self.action_labels[action]) for action in actions]
        context["publishing_buttons"] = buttons
        return super().render_change_form(request, context, add, change, form_url, obj)

    def response_post_save_add(self, request: HttpRequest, obj) -> HttpResponseRedirect:
        return self._pressed_button(request, obj) or super().response_post_save_add(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj) -> HttpResponseRedirect:
        return self._pressed_button(request, obj) or super().response_post_save_change(request, obj)

    def confirm_view(self, request: HttpRequest, action: str) -> HttpResponse:
        """Show the confirmation page of an action, and run the action when it is sent."""
        rows = self._selected_rows(request)
        form_class = self.publishing_actions[action]
        if request.method != "POST":
            return self._confirmation_page(request, action, form_class(), rows)
        form = form_class(request.POST)
        if form.is_valid() and self._run(request, action, form, rows):
            return HttpResponseRedirect(self._return_address(rows))
        return self._confirmation_page(request, action, form, rows)

    def state_token(self, rows: Sequence[Any]) -> str:
        """Return a string that differs after any of the rows is saved."""
        return max(row.updated_at for row in rows).isoformat()

    def warn(self, request: HttpRequest, obj, result) -> None:
        """Warn the editor about the result of an action on one row; subclasses override this."""

    def _run(self, request: HttpRequest, action: str, form: forms.Form, rows: list) -> bool:
        """Run an action on all rows or on none, and return whether it succeeded."""
        results = []
        try:
            with transaction.atomic():
                self._refuse_changed_rows(request, rows)
                for row in rows:
                    method = getattr(row, action)
                    results.append(method(by=request.user, **form.cleaned_data))
        except ValidationError as error:
            form.add_error(None, error)
            return False
        for row, result in zip(rows, results, strict=True):
            self.log_change(request, row, str(self.action_labels[action]))
            self.warn(request, row, result)
        messages.success(request, self._success_message(action, rows))
        return True

    def _refuse_changed_rows(self, request: HttpRequest, rows: list) -> None:
        """Raise ValidationError if the rows differ from those on the confirmation page."""
        keys = [row.pk for row in rows]
        locked = self.model._base_manager.select_for_update().filter(pk__in=keys)
        # Locking in one order: two editors who select some of the same rows cannot deadlock.
        current = locked.only("updated_at").order_by("pk")
        token = self.state_token(list(current))
        if request.POST.get("seen", token) != token:
            message = _(
                "Somebody saved or published one of these after you opened this page. "
                "Look at them again first."
            )
            raise ValidationError(message, code="changed_meanwhile")

    def _success_message(self, action: str, rows: list) -> str:
        titles = "、".join(str(row) for row in rows[:MAX_TITLES])
        if len(rows) > MAX_TITLES:
            titles += "……"
        return self.success_messages[action] % {"titles": titles}

    def _confirmation_page(
        self, request: HttpRequest, action: str, form: forms.Form, rows: list
    ) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "title": self.action_labels[action],
            "opts": self.opts,
            "action": action,
            "form": form,
            "media": self.media + form.media,
            "rows": rows,
            "seen": self.state_token(rows),
            "return_address": self._return_address(rows),
        }
        template = f"admin/{self.opts.app_label}/{self.opts.model_name}/confirm.html"
        return TemplateResponse(request, template, context)

    def _selected_rows(self, request: HttpRequest) -> list:
        """Return the rows that `?ids=` names.

        Raises Http404 if it names other rows, and PermissionDenied if the user may not publish
        one of them.
        """
        keys = request.GET.get("ids", "").split(",")
        if len(keys) > MAX_ROWS or not all(is_primary_key(key) for key in keys):
            raise Http404
        related: Any = self.list_select_related
        visible = self.get_queryset(request).select_related(*related)
        rows = list(visible.filter(pk__in=keys).order_by("pk"))
        if len(rows) != len(set(keys)):
            raise Http404
        if not all(self.has_publish_permission(request, row) for row in rows):
            raise PermissionDenied
        return rows

    def _pressed_button(self, request: HttpRequest, obj) -> HttpResponseRedirect | None:
        action = request.POST.get("_act")
        if action not in self.publishing_actions:
            return None
        return self._redirect_to_confirmation(action, [obj.pk])

    def _confirm_selected(
        self, request: HttpRequest, action: str, queryset: QuerySet
    ) -> HttpResponseRedirect | None:
        keys = list(queryset.order_by("pk").values_list("pk", flat=True))
        if len(keys) > MAX_ROWS:
            messages.error(request, _("Select at most %(max)d at once.") % {"max": MAX_ROWS})
            return None
        return self._redirect_to_confirmation(action, keys)

    def _redirect_to_confirmation(self, action: str, keys: list[int]) -> HttpResponseRedirect:
        ids = ",".join(str(key) for key in keys)
        return HttpResponseRedirect(f"{reverse(self._url_name(action))}?ids={ids}")

    def _return_address(self, rows: list) -> str:
        if len(rows) == 1:
            return reverse(self._url_name("change"), args=[rows[0].pk])
        return reverse(self._url_name("changelist"))

    def _url_name(self, page: str) -> str:
        return f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}"
