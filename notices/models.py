import hashlib
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from magazine.models import Magazine
from magazine.validators import validate_telephone
from notices.querysets import NoticeQuerySet
from publishing.models import EditTracked, TimeBounded, future_instant
from richtext.fields import RichTextField
from web.models import PublicModel

# The fields that publishing and withdrawing write.
PERIOD_FIELDS = ["starts_at", "ends_at", "updated_by", "updated_at"]


class Placement(models.TextChoices):
    POPUP = "popup", _("popup over the page")
    BANNER = "banner", _("banner above the page")
    LIST = "list", _("only in the list of notices")


class Scope(models.TextChoices):
    ALL = "all", _("all pages")
    HOME = "home", _("the home page")
    MAGAZINE = "magazine", _("one magazine's pages")


class DatePrecision(models.TextChoices):
    DAY = "day", _("year, month and day")
    MONTH = "month", _("year and month")


class Notice(EditTracked, TimeBounded, PublicModel):
    """A notice of the site, live for a period. Without a start it is a draft."""

    title = models.CharField(_("title"), max_length=100)
    body = RichTextField(_("body"))
    signature = models.CharField(
        _("signature"),
        max_length=100,
        blank=True,
        help_text=_("Who gives the notice; stands at its end."),
    )
    date = models.DateField(
        _("date"), default=timezone.localdate, help_text=_("Stands under the signature.")
    )
    date_precision = models.CharField(
        _("date shown as"), max_length=10, choices=DatePrecision, default=DatePrecision.DAY
    )
    technical_telephone = models.CharField(
        _("technical support telephone"), max_length=40, blank=True, validators=[validate_telephone]
    )
    closing = models.CharField(
        _("closing line"),
        max_length=200,
        blank=True,
        help_text=_("Stands after the contacts, such as an apology."),
    )
    placement = models.CharField(
        _("placement"),
        max_length=10,
        choices=Placement,
        default=Placement.BANNER,
        help_text=_(
            "A popup lies over the page until readers close it; a banner shows the title "
            "above the page."
        ),
    )
    scope = models.CharField(
        _("where it shows"),
        max_length=10,
        choices=Scope,
        default=Scope.ALL,
        help_text=_("The list of notices shows it in any case."),
    )
    magazine = models.ForeignKey(
        Magazine,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="notices",
        verbose_name=_("magazine"),
        help_text=_("The magazine whose pages show the notice."),
    )
    order = models.PositiveSmallIntegerField(
        _("order"), default=0, help_text=_("Smaller numbers come first.")
    )
    dismissal_days = models.PositiveSmallIntegerField(
        _("days a dismissal lasts"),
        default=7,
        validators=[MaxValueValidator(365)],
        help_text=_(
            "A reader who closes the notice sees it again after so many days, or once its "
            "text changes. "
            "0: on the next page."
        ),
    )

    objects = NoticeQuerySet.as_manager()

    class Meta(TimeBounded.Meta):
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-date", "-pk"]
        constraints = [
            *TimeBounded.Meta.constraints,
            models.CheckConstraint(
                condition=Q(scope=Scope.MAGAZINE, magazine__isnull=False)
                | (~Q(scope=Scope.MAGAZINE) & Q(magazine__isnull=True)),
                name="notices_notice_scope_names_magazine",
                violation_error_code="scope_magazine",
                violation_error_message=_(
                    "Name a magazine if the notice shows on one magazine's pages, and none "
                    "otherwise."
                ),
            ),
        ]
        indexes = [models.Index(fields=["-starts_at"], name="notices_notice_starts")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("notices:notice", args=[self.pk])

    def clean(self) -> None:
        # Forms do not check the constraint of the database: they have no field `starts_at`.
        if self.starts_at and self.ends_at and self.ends_at < self.starts_at:
            error = ValidationError(_("The end is before the start."), code="ends_before_start")
            raise ValidationError({"ends_at": error})

    @property
    def revision(self) -> str:
        """Return a hash of the visible text: readers see an edited notice again."""
        parts = [
            self.title,
            self.body,
            self.signature,
            self.technical_telephone,
            self.closing,
            str(self.date),
            self.date_precision,
        ]
        for contact in self.contacts.all():
            parts.append(f"{contact.label} {contact.email} {contact.telephone}")
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]

    def publish(self, *, by: AbstractBaseUser | None, at: datetime | None = None) -> None:
        """Show the notice from the instant `at` on (default: now).

        A live notice keeps its start. Raises ValidationError for a past instant, and for a
        later one while the notice is live.
        """
        at = future_instant(at)
        with transaction.atomic():
            notice = Notice.objects.select_for_update().get(pk=self.pk)
            if notice.is_live():
                if at > timezone.now():
                    raise ValidationError(
                        _("“%(title)s” is on the site now. Withdraw it first to show it later."),
                        code="live_already",
                        params={"title": notice.title},
                    )
                at = notice.starts_at
            was_cancelled = notice.ends_at == notice.starts_at
            ends_at = notice.ends_at
            if ends_at is None or ends_at <= at or was_cancelled:
                ends_at = None
            notice._save_period(starts_at=at, ends_at=ends_at, by=by)
        self._take_period_from(notice)

    def withdraw(self, *, by: AbstractBaseUser | None) -> None:
        """End the notice now, or cancel it if it is scheduled.

        Raises ValidationError if it is neither live nor scheduled.
        """
        with transaction.atomic():
            notice = Notice.objects.select_for_update().get(pk=self.pk)
            now = timezone.now()
            if not (notice.is_live(now) or notice.is_scheduled):
                raise ValidationError(
                    _("“%(title)s” is not published."),
                    code="not_published",
                    params={"title": notice.title},
                )
            ends_at = max(now, notice.starts_at)
            notice._save_period(starts_at=notice.starts_at, ends_at=ends_at, by=by)
        self._take_period_from(notice)

    def _save_period(
        self, *, starts_at: datetime, ends_at: datetime | None, by: AbstractBaseUser | None
    ) -> None:
        """Save the period; `updated_at` changes, so that older open forms refuse to save."""
        self.starts_at = starts_at
        self.ends_at = ends_at
        self.updated_by = by
        self.save(update_fields=PERIOD_FIELDS)

    def _take_period_from(self, notice: "Notice") -> None:
        """Copy the saved values from the locked row to this instance."""
        for name in PERIOD_FIELDS:
            setattr(self, name, getattr(notice, name))


class NoticeContact(PublicModel):
    """A contact that a notice lists, such as the telephone number of a magazine."""

    notice = models.ForeignKey(
        Notice, models.CASCADE, related_name="contacts", verbose_name=_("notice")
    )
    magazine = models.ForeignKey(
        Magazine,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("magazine"),
        help_text=_(
            "What is left empty in this row is taken from the magazine's editorial office."
        ),
    )
    label = models.CharField(_("label"), max_length=50, blank=True)
    email = models.EmailField(_("email"), blank=True)
    telephone = models.CharField(
        _("telephone"), max_length=40, blank=True, validators=[validate_telephone]
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.label

    def save(self, **kwargs) -> None:
        self._fill_from_magazine()
        super().save(**kwargs)

    def clean(self) -> None:
        self._fill_from_magazine()
        if not self.label or not (self.email or self.telephone):
            raise ValidationError(
                _("A contact needs a label, and an email or a telephone number."),
                code="empty_contact",
            )

    def _fill_from_magazine(self) -> None:
        """Fill empty fields with the contact data of the magazine's office."""
        if self.magazine:
            self.label = self.label or self.magazine.title
            self.email = self.email or self.magazine.office_email
            self.telephone = self.telephone or self.magazine.office_telephone
