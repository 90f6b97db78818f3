"""Admin pages of users, their memberships, and the record of logins."""

from collections.abc import Sequence

from axes.models import AccessAttempt, AccessLog
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, User

# Permissions come from memberships only (accounts/rules.py).
admin.site.unregister(Group)


class UserCreationForm(AdminUserCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("username", "name")


class PasswordForm(AdminPasswordChangeForm):
    # Django's own text ends with a sentence that its translation leaves in English.
    usable_password_help_text = AdminUserCreationForm.usable_password_help_text  # type: ignore[assignment]


class MembershipFormSet(BaseInlineFormSet):
    def get_unique_error_message(self, unique_check: Sequence[str]) -> str:
        """Return the message of the constraint instead of Django's, which lists fields."""
        [constraint] = Membership._meta.constraints
        return str(constraint.violation_error_message)


class MembershipInline(admin.TabularInline):
    model = Membership
    formset = MembershipFormSet
    extra = 0


@admin.register(User)
class UserAdmin(BaseUserAdmin):
    """Create users, give them memberships, and deactivate them; for superusers only."""

    add_form = UserCreationForm
    change_password_form = PasswordForm
    list_display = ["username", "name", "email", "is_active", "is_superuser", "last_login"]
    list_filter = ["is_active", "is_superuser", "memberships__magazine", "memberships__role"]
    search_fields = ["username", "name", "email"]
    filter_horizontal = []
    inlines = [MembershipInline]
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "password", "name", "email"]}),
        (_("Rights"), {"fields": ["is_active", "is_staff", "is_superuser"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": ["username", "name", "usable_password", "password1", "password2"],
            },
        ),
    ]

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        if not change:
            obj.is_staff = True  # every account made here is for the admin
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Refuse: former staff are deactivated, since the record of changes names them."""
        return False


class LoginRecordAdmin(admin.ModelAdmin):
    """A read-only list of rows that django-axes records. The rows have no pages."""

    list_display_links = None
    date_hierarchy = "attempt_time"
    search_fields = ["username", "ip_address"]
    show_full_result_count = False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return obj is None and super().has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(AccessLog)
class LoginAdmin(LoginRecordAdmin):
    list_display = ["attempt_time", "username", "ip_address", "logout_time", "user_agent"]


@admin.register(AccessAttempt)
class FailedLoginAdmin(LoginRecordAdmin):
    """Failed logins. Recent ones lock a user and an address; deleting them unlocks both."""

    list_display = ["attempt_time", "username", "ip_address", "failures_since_start", "user_agent"]
    actions = ["unlock"]

    @admin.action(description=_("Unlock: delete the selected failures"), permissions=["view"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[AccessAttempt]) -> None:
        """Delete the selected failures, and log it in the history of their users."""
        usernames = list(queryset.values_list("username", flat=True))
        for user in User.objects.filter(username__in=usernames):
            self.log_change(request, user, str(_("Login unlocked.")))
        queryset.delete()
        messages.success(request, _("Unlocked: the selected failures were deleted."))
