from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as BaseUserManager
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A member of the staff.

    A Chinese name is one string, family name first; it is never split or reordered.
    """

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(
        _("name"),
        max_length=80,
        help_text=_("The full name, as colleagues and the record of changes show it."),
    )
    email = models.EmailField(_("email"), blank=True)

    objects = BaseUserManager()  # type: ignore[misc]

    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["username"]

    def __str__(self) -> str:
        return self.name or self.username

    @cached_property
    def roles(self) -> dict[int, frozenset[str]]:
        """Return the user's roles in each magazine, by the magazine's id."""
        roles: dict[int, set[str]] = {}
        for magazine_id, role in self.memberships.values_list("magazine_id", "role"):
            roles.setdefault(magazine_id, set()).add(role)
        return {magazine_id: frozenset(names) for magazine_id, names in roles.items()}

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


class Role(models.TextChoices):
    """A role in a magazine. accounts/rules.py and each app's rules.py give it permissions."""

    EDITOR = "editor", _("responsible editor")
    HEAD = "head", _("head of the editorial office")
    CHIEF = "chief", _("editor-in-chief")
    PROOFREADER = "proofreader", _("proofreader")


class Membership(models.Model):
    """A role of a user in a magazine; a user may hold several. Superusers need none."""

    user = models.ForeignKey(
        User, models.CASCADE, related_name="memberships", verbose_name=_("user")
    )
    magazine = models.ForeignKey(
        "magazine.Magazine", models.CASCADE, related_name="memberships", verbose_name=_("magazine")
    )
    role = models.CharField(
        _("role"),
        max_length=20,
        choices=Role,
        help_text=_("What the user may do in this magazine."),
    )

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["user", "magazine"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "magazine", "role"],
                name="accounts_membership_once",
                violation_error_message=_("This user already has this role in this magazine."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.magazine} · {self.get_role_display()}"
