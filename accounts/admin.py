from axes.models import AccessAttempt, AccessLog
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, User

# Rights come from roles in magazines (accounts/rules.py) and from nothing else.
admin.site.unregister(Group)


class UserCreationForm(AdminUserCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ["username", "name"]


class PasswordForm(AdminPasswordChangeForm):
    # Django ends its own with a warning in English.
    usable_password_help_text = AdminUserCreationForm.usable_password_help_text


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0


@admin.register(User)
class UserAdmin(BaseUserAdmin):
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

    def save_model(self, request, obj, form, change) -> None:
        if not change:
            obj.is_staff = True  # whoever gets an account here works here
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request, obj=None) -> bool:
        """Refuse: former staff become inactive, and records keep their names."""
        return False


class LoginRecordAdmin(admin.ModelAdmin):
    """A read-only list of records of django-axes. Rows have no pages of their own."""

    list_display_links = None
    date_hierarchy = "attempt_time"
    search_fields = ["username", "ip_address"]
    show_full_result_count = False

    def has_view_permission(self, request, obj=None) -> bool:
        return obj is None and super().has_view_permission(request)

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


@admin.register(AccessLog)
class LoginAdmin(LoginRecordAdmin):
    list_display = ["attempt_time", "username", "ip_address", "logout_time", "user_agent"]


@admin.register(AccessAttempt)
class FailedLoginAdmin(LoginRecordAdmin):
    """Failed logins. Recent ones lock accounts and addresses; unlocking deletes them."""

    list_display = ["attempt_time", "username", "ip_address", "failures_since_start", "user_agent"]
    actions = ["unlock"]

    @admin.action(description=_("Unlock: forget the selected failures"), permissions=["view"])
    def unlock(self, request, queryset) -> None:
        for user in User.objects.filter(
            username__in=list(queryset.values_list("username", flat=True))
        ):
            self.log_change(request, user, str(_("Login unlocked.")))
        queryset.delete()
        messages.success(request, _("Unlocked: the selected failures are forgotten."))
