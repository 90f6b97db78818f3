"""Publishing from the admin: for models with `publish(by, at)` and `withdraw(by, …)`."""

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
from richtext.normalizer import INVISIBLE

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
        """One instant for everything that is published together."""
        return self.cleaned_data["at"] or timezone.now()


class VisibleField(forms.CharField):
    def to_python(self, value: str | None) -> str:
        return super().to_python(INVISIBLE.sub("", value or ""))


class WithdrawForm(forms.Form):
    reason = VisibleField(
        label=_("reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text=_(
            "Readers find it at the address; it stays in the record of what was published."
        ),
    )


class PublishableAdmin(ContentAdmin):
    """Buttons and bulk actions for the acts below, each behind a page that says what readers will see.

    An act is a method of the model; its form asks for the method's arguments. It reaches all the chosen things in one
    transaction, so that a whole issue appears at once or not at all.
    """

    acts = {"publish": PublishForm, "withdraw": WithdrawForm}
    labels = {
        "publish": _("Publish or schedule"),
        "withdraw": _("Withdraw"),
        "cancel_schedule": _("Cancel what is scheduled"),
    }
    actions = ["publish_selected", "withdraw_selected"]
    change_form_template = "admin/publishing/change_form.html"

    def get_urls(self):
        acts = [
            path(
                f"{act}/",
                self.admin_site.admin_view(self.act_view),
                {"act": act},
                name=self._url_name(act).removeprefix("admin:"),
            )
            for act in self.acts
        ]
        return acts + super().get_urls()

    def has_publish_permission(self, request: HttpRequest, obj=None) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.publish_{self.opts.model_name}", obj)

    def possible_acts(self, obj) -> list[str]:
        """The acts that make sense for a thing as it stands."""
        return ["publish", "withdraw"] if obj.is_live() or obj.is_scheduled else ["publish"]

    @admin.action(description=_("Publish or schedule the selected"), permissions=["publish"])
    def publish_selected(
        self, request: HttpRequest, queryset: models.QuerySet
    ) -> HttpResponse | None:
        return self._ask_of_selected(request, "publish", queryset)

    @admin.action(description=_("Withdraw the selected"), permissions=["publish"])
    def withdraw_selected(
        self, request: HttpRequest, queryset: models.QuerySet
    ) -> HttpResponse | None:
        return self._ask_of_selected(request, "withdraw", queryset)

    def render_change_form(
        self, request: HttpRequest, context: dict, add=False, change=False, form_url="", obj=None
    ):
        acts = self.possible_acts(obj) if change else ["publish"]
        may_save = (
            self.has_change_permission(request, obj) if change else self.has_add_permission(request)
        )
        may = may_save and self.has_publish_permission(request, obj)
        context["acts"] = [(act, self.labels[act]) for act in acts] if may else []
        return super().render_change_form(request, context, add, change, form_url, obj)

    def response_post_save_add(self, request: HttpRequest, obj) -> HttpResponse:
        return self._ask_for_act(request, obj) or super().response_post_save_add(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj) -> HttpResponse:
        return self._ask_for_act(request, obj) or super().response_post_save_change(request, obj)

    def act_view(self, request: HttpRequest, act: str) -> HttpResponse:
        things = self._chosen(request)
        form = self.acts[act](request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                with transaction.atomic():
                    self._refuse_unseen(request, things)
                    results = [
                        getattr(thing, act)(by=request.user, **form.cleaned_data)
                        for thing in things
                    ]
            except ValidationError as error:
                form.add_error(None, error)
            else:
                for thing, result in zip(things, results, strict=True):
                    self.log_change(request, thing, str(self.labels[act]))
                    self.warn(request, act, thing, result)
                messages.success(request, self.done(act, things))
                return HttpResponseRedirect(self._back(things))
        context = self.admin_site.each_context(request) | {
            "title": self.labels[act],
            "opts": self.opts,
            "act": act,
            "form": form,
            "media": self.media + form.media,
            "things": things,
            "seen": self.state(things),
            "back": self._back(things),
        }
        return TemplateResponse(
            request, f"admin/{self.opts.app_label}/{self.opts.model_name}/act.html", context
        )

    def state(self, things: list) -> str:
        """How the things stand: another one once somebody has saved one of them."""
        return max(thing.updated_at for thing in things).isoformat()

    def _refuse_unseen(self, request: HttpRequest, things: list) -> None:
        """Of two who act on the same things at once, the second one looks at what the first has done."""
        rows = self.model._base_manager.select_for_update().filter(
            pk__in=[thing.pk for thing in things]
        )
        # In one order, so that two who act on some of the same things do not wait for each other.
        state = self.state(list(rows.only("updated_at").order_by("pk")))
        if request.POST.get("seen", state) != state:
            message = _(
                "Somebody saved or published one of these after you opened this page. Look at them again first."
            )
            raise ValidationError(message, code="acted_meanwhile")

    def done(self, act: str, things: list) -> str:
        """The sentence that says an act is done."""
        sentences = {
            "publish": _("Published or scheduled: %(titles)s."),
            "withdraw": _("Withdrawn: %(titles)s."),
            "cancel_schedule": _("No longer scheduled: %(titles)s."),
        }
        return sentences[act] % {
            "titles": "、".join(str(thing) for thing in things[:10])
            + ("……" if len(things) > 10 else "")
        }

    def warn(self, request: HttpRequest, act: str, thing, result) -> None:
        """What an act's result should make the editor think of."""

    def _chosen(self, request: HttpRequest) -> list:
        """The things named in the address, each of which the user may publish."""
        keys = request.GET.get("ids", "").split(",")
        if len(keys) > MAX_AT_ONCE or not all(is_primary_key(key) for key in keys):
            raise Http404
        found = self.get_queryset(request).select_related(*self.list_select_related)
        things = list(found.filter(pk__in=keys).order_by("pk"))
        if len(things) != len(set(keys)):
            raise Http404
        if not all(self.has_publish_permission(request, thing) for thing in things):
            raise PermissionDenied
        return things

    def _ask_for_act(self, request: HttpRequest, obj) -> HttpResponse | None:
        act = request.POST.get("_act")
        return self._ask(act, [obj.pk]) if act in self.acts else None

    def _ask_of_selected(
        self, request: HttpRequest, act: str, queryset: models.QuerySet
    ) -> HttpResponse | None:
        keys = list(queryset.order_by("pk").values_list("pk", flat=True))
        if len(keys) <= MAX_AT_ONCE:
            return self._ask(act, keys)
        messages.error(request, _("At most %(most)d at once.") % {"most": MAX_AT_ONCE})
        return None

    def _ask(self, act: str, keys: list[int]) -> HttpResponse:
        ids = ",".join(str(key) for key in keys)
        return HttpResponseRedirect(f"{reverse(self._url_name(act))}?ids={ids}")

    def _back(self, things: list) -> str:
        if len(things) == 1:
            return reverse(self._url_name("change"), args=[things[0].pk])
        return reverse(self._url_name("changelist"))

    def _url_name(self, page: str) -> str:
        return f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}"
