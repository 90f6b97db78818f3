"""Publishing from the admin, for models with `publish(by, at)` and `withdraw(by, …)`."""

from typing import ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from publishing.admin import ContentAdmin
from publishing.forms import is_primary_key
from richtext.inline import INVISIBLE

MAX_AT_ONCE = 500


class PublishForm(forms.Form):
    at = forms.SplitDateTimeField(
        label=_("from"),
        required=False,
        widget=AdminSplitDateTime,
        help_text=_(
            "Left empty, readers see it at once. Otherwise from this instant on, Beijing time."
        ),
    )

    def clean_at(self):
        """Return one instant for all rows that are published together."""
        return self.cleaned_data["at"] or timezone.now()


class VisibleCharField(forms.CharField):
    """A text field that ignores invisible characters."""

    def to_python(self, value: str | None) -> str:
        return super().to_python(INVISIBLE.sub("", value or ""))


class WithdrawForm(forms.Form):
    reason = VisibleCharField(
        label=_("reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text=_(
            "Readers find it at the address; it stays in the record of what was published."
        ),
    )


class PublishableAdmin(ContentAdmin):
    """Buttons and bulk actions, each with a confirmation page that shows the effect on readers.

    `acts` names methods of the model with the forms that ask for their arguments. An act runs
    for all selected rows in one transaction: a whole issue appears at once, or not at all.
    """

    acts: ClassVar[dict[str, type[forms.Form]]] = {
        "publish": PublishForm,
        "withdraw": WithdrawForm,
    }
    labels = {
        "publish": _("Publish or schedule"),
        "withdraw": _("Withdraw"),
        "cancel_schedule": _("Cancel what is scheduled"),
    }
    done_messages = {
        "publish": _("Published or scheduled: %(titles)s."),
        "withdraw": _("Withdrawn: %(titles)s."),
        "cancel_schedule": _("No longer scheduled: %(titles)s."),
    }
    actions = ["publish_selected", "withdraw_selected"]
    change_form_template = "admin/publishing/change_form.html"

    def get_urls(self):
        view = self.admin_site.admin_view(self.act_view)
        urls = []
        for act in self.acts:
            name = self._url_name(act).removeprefix("admin:")
            urls.append(path(f"{act}/", view, {"act": act}, name=name))
        return urls + super().get_urls()

    def has_publish_permission(self, request: HttpRequest, obj=None) -> bool:
        permission = f"{self.opts.app_label}.publish_{self.opts.model_name}"
        return request.user.has_perm(permission, obj)

    def possible_acts(self, obj) -> list[str]:
        """Return the acts that make sense in the present state of a row."""
        if obj.is_live() or obj.is_scheduled:
            return ["publish", "withdraw"]
        return ["publish"]

    @admin.action(description=_("Publish or schedule the selected"), permissions=["publish"])
    def publish_selected(
        self, request: HttpRequest, queryset: models.QuerySet
    ) -> HttpResponse | None:
        return self._redirect_for_selected(request, "publish", queryset)

    @admin.action(description=_("Withdraw the selected"), permissions=["publish"])
    def withdraw_selected(
        self, request: HttpRequest, queryset: models.QuerySet
    ) -> HttpResponse | None:
        return self._redirect_for_selected(request, "withdraw", queryset)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj=None,
    ):
        if change:
            acts = self.possible_acts(obj)
            may_save = self.has_change_permission(request, obj)
        else:
            acts = ["publish"]
            may_save = self.has_add_permission(request)
        if not (may_save and self.has_publish_permission(request, obj)):
            acts = []
        context["acts"] = [(act, self.labels[act]) for act in acts]
        return super().render_change_form(request, context, add, change, form_url, obj)

    def response_post_save_add(self, request: HttpRequest, obj) -> HttpResponse:
        redirect = self._redirect_after_save(request, obj)
        return redirect or super().response_post_save_add(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj) -> HttpResponse:
        redirect = self._redirect_after_save(request, obj)
        return redirect or super().response_post_save_change(request, obj)

    def act_view(self, request: HttpRequest, act: str) -> HttpResponse:
        """Show the confirmation page of an act, and run the act when it is confirmed."""
        rows = self._selected_rows(request)
        is_confirmed = request.method == "POST"
        form = self.acts[act](request.POST if is_confirmed else None)
        if is_confirmed and form.is_valid():
            try:
                results = self._run(request, act, rows, form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                for row, result in zip(rows, results, strict=True):
                    self.log_change(request, row, str(self.labels[act]))
                    self.warn(request, act, row, result)
                messages.success(request, self.done_message(act, rows))
                return HttpResponseRedirect(self._return_address(rows))
        context = {
            **self.admin_site.each_context(request),
            "title": self.labels[act],
            "opts": self.opts,
            "act": act,
            "form": form,
            "media": self.media + form.media,
            "things": rows,
            "seen": self.state(rows),
            "back": self._return_address(rows),
        }
        template = f"admin/{self.opts.app_label}/{self.opts.model_name}/act.html"
        return TemplateResponse(request, template, context)

    def _run(self, request: HttpRequest, act: str, rows: list, arguments: dict) -> list:
        with transaction.atomic():
            self._refuse_stale_page(request, rows)
            return [getattr(row, act)(by=request.user, **arguments) for row in rows]

    def state(self, rows: list) -> str:
        """Return a string that differs once somebody has saved one of the rows."""
        return max(row.updated_at for row in rows).isoformat()

    def _refuse_stale_page(self, request: HttpRequest, rows: list) -> None:
        """Lock the rows. Raises ValidationError if they changed after the page was opened."""
        keys = [row.pk for row in rows]
        locked = self.model._base_manager.select_for_update().filter(pk__in=keys)
        # Ordered, so that two users with overlapping selections cannot deadlock.
        state = self.state(list(locked.only("updated_at").order_by("pk")))
        if request.POST.get("seen", state) != state:
            raise ValidationError(
                _(
                    "Somebody saved or published one of these after you opened this page. "
                    "Look at them again first."
                ),
                code="acted_meanwhile",
            )

    def done_message(self, act: str, rows: list) -> str:
        titles = "、".join(str(row) for row in rows[:10])
        if len(rows) > 10:
            titles += "……"
        return self.done_messages[act] % {"titles": titles}

    def warn(self, request: HttpRequest, act: str, row, result) -> None:
        """Add messages about the result of an act. Subclasses override this."""

    def _selected_rows(self, request: HttpRequest) -> list:
        """Return the rows that `?ids=` names, each of which the user may publish.

        Raises Http404 and PermissionDenied.
        """
        keys = request.GET.get("ids", "").split(",")
        if len(keys) > MAX_AT_ONCE or not all(is_primary_key(key) for key in keys):
            raise Http404
        queryset = self.get_queryset(request).select_related(*self.list_select_related)
        rows = list(queryset.filter(pk__in=keys).order_by("pk"))
        if len(rows) != len(set(keys)):
            raise Http404
        if not all(self.has_publish_permission(request, row) for row in rows):
            raise PermissionDenied
        return rows

    def _redirect_after_save(self, request: HttpRequest, obj) -> HttpResponse | None:
        act = request.POST.get("_act")
        return self._redirect(act, [obj.pk]) if act in self.acts else None

    def _redirect_for_selected(
        self, request: HttpRequest, act: str, queryset: models.QuerySet
    ) -> HttpResponse | None:
        keys = list(queryset.order_by("pk").values_list("pk", flat=True))
        if len(keys) > MAX_AT_ONCE:
            messages.error(request, _("At most %(most)d at once.") % {"most": MAX_AT_ONCE})
            return None
        return self._redirect(act, keys)

    def _redirect(self, act: str, keys: list[int]) -> HttpResponse:
        ids = ",".join(str(key) for key in keys)
        return HttpResponseRedirect(f"{reverse(self._url_name(act))}?ids={ids}")

    def _return_address(self, rows: list) -> str:
        if len(rows) == 1:
            return reverse(self._url_name("change"), args=[rows[0].pk])
        return reverse(self._url_name("changelist"))

    def _url_name(self, page: str) -> str:
        return f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}"
