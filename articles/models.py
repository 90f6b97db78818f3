from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from articles.cards import draw_card
from articles.content import ArticleContent
from articles.corrections import Corrected
from articles.mentions import note_mentions
from articles.querysets import ArticleQuerySet, ColumnQuerySet, PublicationQuerySet
from articles.reads import ReadCount as ReadCount
from articles.related import related_to
from magazine.liveness import Timed, instant
from magazine.models import Edited, Magazine, Shown


class Column(Edited, Shown):
    """A section of the site, or of one magazine."""

    title = models.CharField(pgettext_lazy("column", "title"), max_length=50)
    slug = models.SlugField(
        _("address"), unique=True, help_text=_("Part of the web address. It must not change later.")
    )
    magazine = models.ForeignKey(
        Magazine,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="columns",
        verbose_name=_("magazine"),
        help_text=_("Leave empty for a column that all magazines share."),
    )
    description = models.CharField(
        _("description"), max_length=200, blank=True, help_text=_("One sentence under the column's title.")
    )
    on_home_page = models.BooleanField(
        _("on the home page"), default=True, help_text=_("The home page shows the column's newest articles.")
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0, help_text=_("Smaller numbers stand first."))

    objects = ColumnQuerySet.as_manager()

    class Meta:
        verbose_name = _("column")
        verbose_name_plural = _("columns")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("articles:column", args=[self.slug])


LISTS = ["column", "magazine", "issue"]
ENDED = Q(ends_at__isnull=False)


class Article(Edited, ArticleContent):
    """The working copy that editors edit. Saving it never changes the site; `publish` does."""

    picked = models.ManyToManyField(
        "self",
        symmetrical=False,
        blank=True,
        related_name="+",
        verbose_name=_("related articles, picked"),
        help_text=_("They stand first among the related articles, newest first; what has most in common follows."),
    )

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ["-updated_at", "-pk"]
        indexes = [
            models.Index(fields=["-updated_at", "-id"], name="articles_article_latest"),
            models.Index(fields=["magazine", "-updated_at"], name="articles_article_magazine"),
        ]
        constraints = [
            *Corrected.Meta.constraints,
            models.CheckConstraint(
                condition=Q(issue__isnull=True) | Q(magazine__isnull=False), name="articles_article_issue_has_magazine"
            ),
            models.CheckConstraint(
                condition=Q(cover="") | ~Q(cover_alt=""),
                name="articles_article_cover_in_words",
                violation_error_message=_("Say in words what the cover picture shows."),
            ),
        ]

    @property
    def article_id(self) -> int | None:
        return self.pk

    def clean(self) -> None:
        if self.issue_id and self.magazine_id is None:
            self.magazine_id = self.issue.magazine_id
        errors = {}
        if self.issue_id and self.issue.magazine_id != self.magazine_id:
            errors["issue"] = ValidationError(
                _("This issue belongs to another magazine."), code="issue_of_another_magazine"
            )
        if self.column_id and self.column.magazine_id not in {None, self.magazine_id}:
            errors["column"] = ValidationError(
                _("This column belongs to another magazine."), code="column_of_another_magazine"
            )
        if errors:
            raise ValidationError(errors)

    def publish(self, *, by, at: datetime | None = None) -> "Publication":
        """Give readers what the article says now, from `at` on (at once, unless given).

        What readers see at that instant ends there. Where another version is already scheduled later, the new one
        ends where that begins. An article without a date of its own carries the day it is first seen, in every
        version of it. Raises ValidationError for an instant that has passed.
        """
        with transaction.atomic():
            article = Article.objects.select_for_update().get(pk=self.pk)
            article.clean()  # a column may have moved to another magazine since
            at, now = instant(at), timezone.now()
            changed = Q(starts_at__gte=at, starts_at__lte=now) | Q(ends_at__gt=at, ends_at__lte=now)
            if at < now and article.publications.seen().filter(changed).exists():
                raise ValidationError(
                    _("“%(title)s” has been published or withdrawn meanwhile."),
                    code="changed_meanwhile",
                    params={"title": article.title},
                )
            article.publications.live(at).update(ends_at=at, ended_by=by)
            version = article.version(at)
            version.published_by = by
            if following := article.publications.pending(at).order_by("starts_at").first():
                version.ends_at = following.starts_at
                if article.date is None:
                    # Dates that were typed stay; those that came from the clock give way to the first day.
                    from_the_clock = timezone.localdate(following.starts_at)
                    article.publications.pending(at).filter(date=from_the_clock).redate(version.date)
            version.picked = list(article.picked.order_by("-pk").values_list("pk", flat=True))
            version.related = related_to(version, Publication.objects.live(at).places)
            version.save()
            if not version.cover:
                transaction.on_commit(lambda: draw_card(version.title, version.magazine), robust=True)
            return version

    def version(self, at: datetime) -> "Publication":
        """What readers would get were the article published at this instant; it is not saved."""
        first = self.publications.seen().order_by("starts_at").first()
        first_seen = first.date if first and first.starts_at < at else timezone.localdate(at)
        return Publication(article=self, starts_at=at, **self.content() | {"date": self.date or first_seen})

    def withdraw(self, *, by, reason: str) -> None:
        """Take the article from the readers at once, and with it whatever is scheduled. Raises ValidationError."""
        with transaction.atomic():
            Article.objects.select_for_update().get(pk=self.pk)
            now = timezone.now()
            ended = self.publications.live(now).update(ends_at=now, ended_by=by, end_reason=reason)
            cancelled = self.publications.pending(now).update(ends_at=F("starts_at"), ended_by=by, end_reason=reason)
            if not ended + cancelled:
                raise ValidationError(
                    _("“%(title)s” is not published."), code="not_published", params={"title": self.title}
                )

    def cancel_schedule(self, *, by) -> None:
        """Forget what is scheduled and leave what readers see as it is. Raises ValidationError."""
        with transaction.atomic():
            article = Article.objects.select_for_update().get(pk=self.pk)
            now = timezone.now()
            if not article.publications.pending(now).update(ends_at=F("starts_at"), ended_by=by):
                raise ValidationError(
                    _("“%(title)s” has nothing scheduled."), code="not_scheduled", params={"title": self.title}
                )
            article.publications.live(now).update(ends_at=None, ended_by=None)


class Publication(Timed, Shown, ArticleContent):
    """What readers read: a version of an article as it stood in public for a span of time.

    Together they are the record of what stood at which address and when, which the law asks for: their content is
    never edited, and none is ever deleted. Spans of one article never overlap. `related` is no content: it names
    the articles that have most in common with this one, and may be computed anew as others come.
    """

    article = models.ForeignKey(Article, models.PROTECT, related_name="publications", verbose_name=_("article"))
    date = models.DateField(_("date"))
    starts_at = models.DateTimeField(_("starts"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("published by")
    )
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("ended by")
    )
    end_reason = models.CharField(_("reason of withdrawal"), max_length=500, blank=True)
    picked = models.JSONField(_("related articles, picked"), default=list, blank=True)
    related = models.JSONField(_("related articles, computed"), default=list, blank=True, editable=False)

    objects = PublicationQuerySet.as_manager()

    class Meta(Timed.Meta):
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        ordering = ["-date", "-article_id"]
        base_manager_name = "objects"
        constraints = [
            *Timed.Meta.constraints,
            *Corrected.Meta.constraints,
            models.UniqueConstraint(
                fields=["article"], condition=Q(ends_at__isnull=True), name="articles_publication_one_open_ended"
            ),
        ]
        indexes = [
            models.Index(fields=["article", "-starts_at", "ends_at"], name="articles_pub_spans"),
            # Of long lists, no row is read but those that are shown.
            models.Index(fields=["-date", "-article", *Timed.instants, "id"], name="articles_pub_latest"),
            models.Index(fields=["column", "-date", "-article", *Timed.instants, "id"], name="articles_pub_column"),
            models.Index(fields=["id", *Timed.instants], name="articles_pub_live"),
            models.Index(fields=["magazine", "-date", "-article"], name="articles_pub_magazine"),
            models.Index(fields=["issue", "position", "article"], name="articles_pub_issue"),
            models.Index(fields=["-date", "-article"], condition=Q(lead=True), name="articles_pub_lead"),
            models.Index(fields=["-starts_at"], name="articles_pub_starts"),
            models.Index(fields=["-ends_at"], condition=ENDED, name="articles_pub_ends"),
            models.Index(fields=["-starts_at"], condition=~Q(correction_kind=""), name="articles_pub_corrected"),
            # When a list changed last, for the sitemap.
            *(models.Index(fields=[by, "-starts_at"], name=f"articles_pub_{by}_begun") for by in LISTS),
            *(models.Index(fields=[by, "-ends_at"], condition=ENDED, name=f"articles_pub_{by}_ended") for by in LISTS),
        ]

    def save(self, **kwargs) -> None:
        if not self._state.adding:
            raise TypeError("A publication is never edited: publish the article again.")
        with transaction.atomic():
            super().save(**kwargs | {"force_insert": True})
            note_mentions([self])

    def delete(self, **kwargs):
        raise models.ProtectedError("A publication is never deleted: withdraw the article.", {self})
