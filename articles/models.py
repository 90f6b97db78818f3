from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from articles.content import ArticleContent
from articles.corrections import Correctable
from articles.mentions import MAX_NAME_LENGTH, MentionKind
from articles.querysets import (
    ArticleQuerySet,
    ColumnQuerySet,
    MentionQuerySet,
    PublicationQuerySet,
)
from magazine.models import Magazine
from publishing import gates
from publishing.models import EditTracked, TimeBounded, future_instant
from web.models import PublicModel


class Column(EditTracked, PublicModel):
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
        _("description"),
        max_length=200,
        blank=True,
        help_text=_("One sentence under the column's title."),
    )
    on_home_page = models.BooleanField(
        _("on the home page"),
        default=True,
        help_text=_("The home page shows the column's newest articles."),
    )
    order = models.PositiveSmallIntegerField(
        _("order"), default=0, help_text=_("Smaller numbers come first.")
    )

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


class Article(EditTracked, ArticleContent):
    """The working copy that editors edit. Saving it never changes the site; `publish` does."""

    picked = models.ManyToManyField(
        "self",
        symmetrical=False,
        blank=True,
        related_name="+",
        verbose_name=_("related articles, picked"),
        help_text=_(
            "They stand first among the related articles, newest first; what has most in "
            "common follows."
        ),
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
            *Correctable.Meta.constraints,
            models.CheckConstraint(
                condition=Q(issue__isnull=True) | Q(magazine__isnull=False),
                name="articles_article_issue_has_magazine",
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
        """Publish the saved content at the instant `at` (default: now).

        Checks the gates, ends the version that is live at that instant, and inserts the new one
        with the effects that `articles.effects` lists. Where another version is scheduled
        later, the new one ends where that begins. Without a date of its own, every version
        carries the day on which the article is first seen. Raises ValidationError.
        """
        with transaction.atomic():
            article = Article.objects.select_for_update().get(pk=self.pk)
            article.clean()  # a column may have moved to another magazine since
            at = future_instant(at)
            gates.check(article, by=by, at=at)
            article._check_unchanged_since(at)
            article.publications.live(at).end(ends_at=at, ended_by=by)
            publication = article.next_publication(at)
            publication.published_by = by
            article._end_before_scheduled(publication)
            picked = article.picked.order_by("-pk").values_list("pk", flat=True)
            publication.picked = list(picked)
            Publication.objects.bulk_create([publication])
            return publication

    def _check_unchanged_since(self, at: datetime) -> None:
        """Raise ValidationError if a version began or ended between a past `at` and now."""
        now = timezone.now()
        began = Q(starts_at__gte=at, starts_at__lte=now)
        ended = Q(ends_at__gt=at, ends_at__lte=now)
        if at < now and self.publications.seen().filter(began | ended).exists():
            raise ValidationError(
                _("“%(title)s” has been published or withdrawn meanwhile."),
                code="changed_meanwhile",
                params={"title": self.title},
            )

    def _end_before_scheduled(self, publication: "Publication") -> None:
        """End a new version where the next scheduled one begins."""
        scheduled = self.publications.pending(publication.starts_at)
        following = scheduled.order_by("starts_at").first()
        if following is None:
            return
        publication.ends_at = following.starts_at
        if self.date is None:
            # Typed dates stay; a date from the clock gives way to the first day.
            day_from_clock = timezone.localdate(following.starts_at)
            scheduled.filter(date=day_from_clock).set_date(publication.date)

    def next_publication(self, at: datetime) -> "Publication":
        """Return an unsaved version, as publishing at the instant `at` would insert it."""
        date = self.date
        if date is None:
            first = self.publications.seen().order_by("starts_at").first()
            was_seen = first is not None and first.starts_at < at
            date = first.date if was_seen else timezone.localdate(at)
        return Publication(article=self, starts_at=at, **{**self.content(), "date": date})

    def withdraw(self, *, by, reason: str) -> None:
        """End what is live and cancel what is scheduled, now. Raises ValidationError."""
        with transaction.atomic():
            Article.objects.select_for_update().get(pk=self.pk)
            now = timezone.now()
            live = self.publications.live(now)
            ended = live.end(ends_at=now, ended_by=by, end_reason=reason)
            scheduled = self.publications.pending(now)
            cancelled = scheduled.end(ends_at=F("starts_at"), ended_by=by, end_reason=reason)
            if not ended + cancelled:
                raise ValidationError(
                    _("“%(title)s” is not published."),
                    code="not_published",
                    params={"title": self.title},
                )

    def cancel_schedule(self, *, by) -> None:
        """Cancel what is scheduled; what is live stays live. Raises ValidationError."""
        with transaction.atomic():
            article = Article.objects.select_for_update().get(pk=self.pk)
            now = timezone.now()
            scheduled = article.publications.pending(now)
            if not scheduled.end(ends_at=F("starts_at"), ended_by=by):
                raise ValidationError(
                    _("“%(title)s” has nothing scheduled."),
                    code="not_scheduled",
                    params={"title": self.title},
                )
            article.publications.live(now).end(ends_at=None, ended_by=None)


class Publication(TimeBounded, PublicModel, ArticleContent):
    """A version of an article that is public for a period.

    All versions together are the record of publication that the law requires: content is never
    edited, and no row is deleted. Periods of one article never overlap. `related` is no part of
    the record: it may be computed again when other articles appear.
    """

    article = models.ForeignKey(
        Article, models.PROTECT, related_name="publications", verbose_name=_("article")
    )
    date = models.DateField(_("date"))
    starts_at = models.DateTimeField(_("starts"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("published by"),
    )
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("ended by"),
    )
    end_reason = models.CharField(_("reason of withdrawal"), max_length=500, blank=True)
    picked = models.JSONField(_("related articles, picked"), default=list, blank=True)
    related = models.JSONField(
        _("related articles, computed"), default=list, blank=True, editable=False
    )

    objects = PublicationQuerySet.as_manager()

    class Meta(TimeBounded.Meta):
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        ordering = ["-date", "-article_id"]
        base_manager_name = "objects"
        constraints = [
            *TimeBounded.Meta.constraints,
            *Correctable.Meta.constraints,
            models.UniqueConstraint(
                fields=["article"],
                condition=Q(ends_at__isnull=True),
                name="articles_publication_one_open_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["article", "-starts_at", "ends_at"], name="articles_pub_spans"),
            # Long lists read only the rows that they show.
            models.Index(
                fields=["-date", "-article", *TimeBounded.instants, "id"],
                name="articles_pub_latest",
            ),
            models.Index(
                fields=["column", "-date", "-article", *TimeBounded.instants, "id"],
                name="articles_pub_column",
            ),
            models.Index(fields=["id", *TimeBounded.instants], name="articles_pub_live"),
            models.Index(fields=["magazine", "-date", "-article"], name="articles_pub_magazine"),
            models.Index(fields=["issue", "position", "article"], name="articles_pub_issue"),
            models.Index(
                fields=["-date", "-article"], condition=Q(lead=True), name="articles_pub_lead"
            ),
            models.Index(fields=["-starts_at"], name="articles_pub_starts"),
            models.Index(fields=["-ends_at"], condition=ENDED, name="articles_pub_ends"),
            models.Index(
                fields=["-starts_at"],
                condition=~Q(correction_kind=""),
                name="articles_pub_corrected",
            ),
            # For the sitemap: the last change of a list.
            *(
                models.Index(fields=[by, "-starts_at"], name=f"articles_pub_{by}_begun")
                for by in LISTS
            ),
            *(
                models.Index(
                    fields=[by, "-ends_at"], condition=ENDED, name=f"articles_pub_{by}_ended"
                )
                for by in LISTS
            ),
        ]

    def save(self, **kwargs) -> None:
        if not self._state.adding:
            raise TypeError("A publication is never edited: publish the article again.")
        type(self).objects.bulk_create([self])

    def delete(self, **kwargs):
        raise models.ProtectedError("A publication is never deleted: withdraw the article.", {self})


class Mention(models.Model):
    """A publication mentions an author, a keyword or a word: an index that can be rebuilt.

    The key contains the order of lists, so that a page of a list is read from the key alone.
    Visibility is the publication's: `live()`.
    """

    pk = models.CompositePrimaryKey("kind", "name", "date", "article_id", "publication_id")
    kind = models.CharField(max_length=7, choices=MentionKind)
    name = models.CharField(max_length=MAX_NAME_LENGTH)
    date = models.DateField()
    article_id = models.BigIntegerField()  # the publication's; no foreign key, so no index
    publication = models.ForeignKey(Publication, models.CASCADE, related_name="mentions")

    objects = MentionQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class ReadCount(models.Model):
    """The number of reads of an article on a day. Rows are kept for a week."""

    pk = models.CompositePrimaryKey("day", "article_id")
    day = models.DateField()
    article = models.ForeignKey(Article, models.CASCADE, related_name="+", db_index=False)
    count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.day}: {self.count}"
