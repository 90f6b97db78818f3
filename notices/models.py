import hashlib
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
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
    """A site notice, live for a span of time. Without a start it is a draft."""

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
            "A popup lies over the page until readers close it; a banner shows the title above the page."
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
        _("order"), default=0, help_text=_("Smaller numbers stand first.")
    )
    dismissal_days = models.PositiveSmallIntegerField(
        _("days a dismissal lasts"),
        default=7,
        validators=[MaxValueValidator(365)],
        help_text=_(
            "A reader who closes the notice sees it again after so many days, or once its text changes. "
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
                    "Name a magazine if the notice shows on one magazine's pages, and none otherwise."
                ),
            ),
        ]
        indexes = [models.Index(fields=["-starts_at"], name="notices_notice_starts")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("notices:notice", args=[self.pk])

    def clean(self) -> None:
        # Forms pass over the database's own constraint, since nobody types `starts_at`.
        if self.starts_at and self.ends_at and self.ends_at < self.starts_at:
            error = ValidationError(_("The end lies before the start."), code="ends_before_start")
            raise ValidationError({"ends_at": error})

    @property
    def revision(self) -> str:
        """Changes with what readers are told, so that an edited notice shows again to those who closed it."""
        told = [
            self.title,
            self.body,
            self.signature,
            self.technical_telephone,
            self.closing,
            str(self.date),
            self.date_precision,
        ]
        told += [
            f"{contact.label} {contact.email} {contact.telephone}"
            for contact in self.contacts.all()
        ]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:12]

    def publish(self, *, by, at: datetime | None = None) -> None:
        """Show the notice from `at` on (at once, unless given).

        A notice that readers see keeps its start. Raises ValidationError for a past instant, and for a later one while
        readers see the notice.
        """
        at, now = future_instant(at), timezone.now()
        if self.is_live(now):
            if at > now:
                raise ValidationError(
                    _("“%(title)s” is on the site now. Withdraw it first to show it later."),
                    code="live_already",
                    params={"title": self.title},
                )
            at = self.starts_at
        has_an_end = self.ends_at and self.ends_at > at and self.ends_at != self.starts_at
        self._span(starts_at=at, ends_at=self.ends_at if has_an_end else None, by=by)

    def withdraw(self, *, by) -> None:
        """Take the notice from the readers at once. Raises ValidationError if they do not see it and will not."""
        now = timezone.now()
        if not (self.is_live(now) or self.is_scheduled):
            raise ValidationError(
                _("“%(title)s” is not published."),
                code="not_published",
                params={"title": self.title},
            )
        self._span(starts_at=self.starts_at, ends_at=max(now, self.starts_at), by=by)

    def _span(self, *, starts_at: datetime, ends_at: datetime | None, by) -> None:
        # Also marks the notice as saved, so that a form opened before cannot undo this unseen.
        self.starts_at, self.ends_at, self.updated_by = starts_at, ends_at, by
        self.save(update_fields=["starts_at", "ends_at", "updated_by", "updated_at"])


class NoticeContact(PublicModel):
    """A row of the notice's list of contacts: where a magazine can be reached meanwhile."""

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
        self._take_from_office()
        super().save(**kwargs)

    def clean(self) -> None:
        self._take_from_office()
        if not self.label or not (self.email or self.telephone):
            raise ValidationError(
                _("A contact needs a label, and an email or a telephone number."),
                code="empty_contact",
            )

    def _take_from_office(self) -> None:
        if self.magazine:
            self.label = self.label or self.magazine.title
            self.email = self.email or self.magazine.office_email
            self.telephone = self.telephone or self.magazine.office_telephone
