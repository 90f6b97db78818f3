from datetime import date, datetime
from typing import ClassVar, Never, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from magazine.validators import (
    validate_cn_number,
    validate_issn,
    validate_postal_issue_code,
    validate_postcode,
    validate_telephone,
)
from media.fields import DocumentField, PictureField
from publishing.models import EditTracked
from richtext.fields import RichTextField
from web.models import PublicModel, PublicQuerySet


class PublisherQuerySet(PublicQuerySet):
    def delete(self):
        raise models.ProtectedError("The publisher cannot be deleted.", set(self))


class GreyScope(models.TextChoices):
    ALL = "all", _("all pages")
    HOME = "home", _("the home page only")


class Publisher(EditTracked, PublicModel):
    """The publisher of the site. There is one row, which cannot be deleted."""

    name = models.CharField(
        pgettext_lazy("publisher", "name"),
        max_length=100,
        help_text=_("The full name of the publisher. The page header shows it."),
    )
    sponsor = models.CharField(
        _("sponsor"), max_length=100, help_text=_("The first line of the footer of every page.")
    )
    address = models.CharField(
        pgettext_lazy("postal", "address"),
        max_length=200,
        blank=True,
        help_text=_("Shown in the footer of every page."),
    )
    postcode = models.CharField(
        _("postcode"), max_length=6, blank=True, validators=[validate_postcode]
    )
    telephone = models.CharField(
        _("telephone"), max_length=40, blank=True, validators=[validate_telephone]
    )
    technical_telephone = models.CharField(
        _("technical support telephone"),
        max_length=40,
        blank=True,
        validators=[validate_telephone],
        help_text=_(
            "Authors call this number when the manuscript system does not work. New notices "
            "start with it."
        ),
    )
    report_line = models.CharField(
        _("report line"),
        max_length=100,
        blank=True,
        help_text=_(
            "The telephone number or email address for reporting illegal information. The "
            "footer shows it once it is filled in."
        ),
    )
    icp_number = models.CharField(
        _("ICP number"),
        max_length=60,
        blank=True,
        help_text=_("The footer links it to the register of the ministry, as the law requires."),
    )
    police_number = models.CharField(
        _("public-security number"),
        max_length=60,
        blank=True,
        help_text=_(
            "The full text, such as 京公网安备 11010802030967号. "
            "The footer links to the number in it."
        ),
    )
    licence_number = models.CharField(_("network-publishing licence"), max_length=100, blank=True)
    licence_expires_on = models.DateField(
        _("licence expires on"),
        null=True,
        blank=True,
        help_text=_("A licence is valid for five years. Readers do not see this date."),
    )
    logo = PictureField(
        _("logo"), blank=True, help_text=_("Replaces the default icon in the page header.")
    )
    copyright_line = models.CharField(_("copyright line"), max_length=200, blank=True)
    grey_starts_at = models.DateTimeField(
        _("grey from"),
        null=True,
        blank=True,
        help_text=_("On days of mourning, pages are grey between these two times, to the minute."),
    )
    grey_ends_at = models.DateTimeField(
        _("grey until"),
        null=True,
        blank=True,
        help_text=_("Fill in both times or neither."),
    )
    grey_scope = models.CharField(
        _("grey pages"),
        max_length=10,
        choices=GreyScope,
        default=GreyScope.ALL,
        help_text=_("The pages that are grey between these times."),
    )

    instants: ClassVar[list[str]] = ["grey_starts_at", "grey_ends_at"]
    objects = PublisherQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("publisher")
        verbose_name_plural = _("publisher")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="magazine_one_publisher"),
            models.CheckConstraint(
                condition=Q(grey_starts_at__isnull=True, grey_ends_at__isnull=True)
                | Q(
                    grey_ends_at__gt=models.F("grey_starts_at"),
                    grey_starts_at__isnull=False,
                    grey_ends_at__isnull=False,
                ),
                name="magazine_publisher_grey_period",
                violation_error_code="grey_period",
                violation_error_message=_("A grey period has a start and a later end, or neither."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, **kwargs) -> None:
        self.pk = 1
        super().save(**kwargs)

    def delete(self, *args, **kwargs) -> Never:
        raise models.ProtectedError("The publisher cannot be deleted.", {self})

    @property
    def police_code(self) -> str:
        """Return the digits of the number, as links to the public-security register use them."""
        return "".join(character for character in self.police_number if character.isdigit())

    def is_grey(self, at: datetime | None = None) -> bool:
        """Return whether pages are grey at an instant, by default now."""
        if self.grey_starts_at is None or self.grey_ends_at is None:
            return False
        return self.grey_starts_at <= (at or timezone.now()) < self.grey_ends_at


class Periodicity(models.TextChoices):
    WEEKLY = "weekly", _("weekly")
    TEN_DAYS = "ten_days", _("every ten days")
    SEMIMONTHLY = "semimonthly", _("semi-monthly")
    MONTHLY = "monthly", _("monthly")
    BIMONTHLY = "bimonthly", _("bi-monthly")
    QUARTERLY = "quarterly", _("quarterly")


class Accent(models.TextChoices):
    """The colour of a magazine's pages; static/site.css defines it."""

    VERMILION = "vermilion", _("vermilion")
    INDIGO = "indigo", _("indigo")
    PINE = "pine", _("pine green")
    OCHRE = "ochre", _("ochre")
    PLUM = "plum", _("plum")


class Magazine(EditTracked, PublicModel):
    """A title with its numbers, offices and contacts."""

    title = models.CharField(pgettext_lazy("magazine", "title"), max_length=100, unique=True)
    title_en = models.CharField(_("English title"), max_length=200, blank=True)
    former_title = models.CharField(_("former title"), max_length=200, blank=True)
    slug = models.SlugField(
        _("address"),
        unique=True,
        help_text=_("Part of the web address. It must not change once the magazine is public."),
    )
    issn = models.CharField(
        _("ISSN"),
        max_length=9,
        blank=True,
        validators=[validate_issn],
        help_text=_("Write it with its hyphen, such as 1007-578X."),
    )
    cn_number = models.CharField(
        _("CN number"),
        max_length=20,
        blank=True,
        validators=[validate_cn_number],
        help_text=_("Write it with its class, such as 11-3880/F."),
    )
    postal_issue_code = models.CharField(
        _("postal distribution code"),
        max_length=10,
        blank=True,
        validators=[validate_postal_issue_code],
    )
    periodicity = models.CharField(_("periodicity"), max_length=20, choices=Periodicity, blank=True)
    price = models.DecimalField(
        _("price per issue"),
        max_digits=8,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("The price in yuan."),
    )
    founded_on = models.DateField(
        _("founded"), null=True, blank=True, help_text=_("Readers see the year and month.")
    )
    supervisor = models.CharField(_("supervising body"), max_length=100, blank=True)
    sponsor = models.CharField(_("sponsor"), max_length=100, blank=True)
    editor_in_chief = models.CharField(
        pgettext_lazy("magazine", "editor-in-chief"), max_length=100, blank=True
    )
    introduction = RichTextField(_("introduction"), blank=True)
    subscription = RichTextField(
        _("subscription"),
        blank=True,
        help_text=_("Tell readers how to subscribe to this magazine."),
    )
    office_email = models.EmailField(
        _("editorial office's email"),
        blank=True,
        help_text=_("Authors send manuscripts to this address. Notices show it as the contact."),
    )
    office_telephone = models.CharField(
        _("editorial office's telephone"),
        max_length=40,
        blank=True,
        validators=[validate_telephone],
    )
    office_address = models.CharField(
        _("editorial office's postal address"), max_length=200, blank=True
    )
    cover = PictureField(
        _("cover"), blank=True, help_text=_("Issues without a cover of their own show it.")
    )
    accent = models.CharField(
        _("colour"),
        max_length=20,
        choices=Accent,
        default=Accent.VERMILION,
        help_text=_("The colour of the pages of this magazine."),
    )
    order = models.PositiveSmallIntegerField(
        _("order"), default=0, help_text=_("Smaller numbers come first.")
    )

    class Meta:
        verbose_name = _("magazine")
        verbose_name_plural = _("magazines")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("magazine:magazine", args=[self.slug])

    @property
    def magazine_id(self) -> int | None:
        """Return the key that permissions use: a magazine belongs to itself."""
        return self.pk


class IssueQuerySet(PublicQuerySet):
    def released(self, on: date | None = None) -> Self:
        """Return issues published on or before the day `on` (default: today), newest first."""
        return self.filter(published_on__lte=on or timezone.localdate()).order_by(
            "-published_on", "-year", "-number", "-pk"
        )

    def current(self, on: date | None = None) -> Self:
        """Return the newest released issue of each magazine, in the order of magazines."""
        newest = self.released(on).filter(magazine=OuterRef("pk")).values("pk")[:1]
        magazines = Magazine.objects.order_by().annotate(current=Subquery(newest)).values("current")
        return (
            self.filter(pk__in=magazines)
            .select_related("magazine")
            .order_by("magazine__order", "magazine")
        )


class Issue(EditTracked, PublicModel):
    """One number of a magazine. Its page lists the live publications in it."""

    magazine = models.ForeignKey(
        Magazine, models.PROTECT, related_name="issues", verbose_name=_("magazine")
    )
    year = models.PositiveSmallIntegerField(
        _("year"), validators=[MinValueValidator(1900), MaxValueValidator(2200)]
    )
    number = models.PositiveSmallIntegerField(
        _("number"),
        validators=[MinValueValidator(1)],
        help_text=_("The number within the year, such as 1 for 第1期."),
    )
    total_number = models.PositiveIntegerField(
        _("running total number"),
        null=True,
        blank=True,
        help_text=_("Counted since the first issue. Readers see it as 总第N期."),
    )
    cover = PictureField(
        _("cover"), blank=True, help_text=_("Leave it empty to show the cover of the magazine.")
    )
    published_on = models.DateField(
        _("published on"),
        null=True,
        blank=True,
        help_text=_(
            "Readers see the issue from this day on. Its articles are published separately."
        ),
    )
    pdf = DocumentField(
        _("PDF"),
        blank=True,
        help_text=_("The whole issue as one PDF file, for readers to download."),
    )

    objects = IssueQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("issue")
        verbose_name_plural = _("issues")
        ordering = ["-year", "-number", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["magazine", "year", "number"],
                name="magazine_issue_once",
                violation_error_message=_(
                    "This magazine already has an issue of this year and number."
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["magazine", "-published_on"], name="magazine_issue_released")
        ]

    def __str__(self) -> str:
        return f"{self.magazine} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("magazine:issue", args=[self.magazine.slug, self.year, self.number])

    def clean(self) -> None:
        if self.pk and not Issue.objects.filter(pk=self.pk, magazine=self.magazine_id).exists():
            error = ValidationError(
                _(
                    "An issue cannot move to another magazine, because its articles belong to "
                    "this one."
                ),
                code="another_magazine",
            )
            raise ValidationError({"magazine": error})

    @property
    def name(self) -> str:
        name = f"{self.year}年第{self.number}期"
        return f"{name}（总第{self.total_number}期）" if self.total_number else name

    @property
    def is_released(self) -> bool:
        return self.published_on is not None and self.published_on <= timezone.localdate()


class Page(EditTracked, PublicModel):
    """A standing page, linked from every footer."""

    title = models.CharField(_("title"), max_length=100)
    slug = models.SlugField(
        _("address"), unique=True, help_text=_("Part of the web address. It must not change later.")
    )
    body = RichTextField(_("body"))
    order = models.PositiveSmallIntegerField(
        _("order"), default=0, help_text=_("Smaller numbers come first in the footer.")
    )

    class Meta:
        verbose_name = _("standing page")
        verbose_name_plural = _("standing pages")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("magazine:page", args=[self.slug])
