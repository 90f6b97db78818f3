"""The fields that the working copy and all versions of an article share."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.author_names import split_list
from articles.corrections import Correctable
from magazine.models import Issue, Magazine
from magazine.validators import validate_day
from media.fields import PictureField
from richtext.fields import RichTextField


class ArticleContent(Correctable):
    """The content of an article: the working copy and each version have the same fields."""

    kicker = models.CharField(
        _("kicker"), max_length=100, blank=True, help_text=_("A short line above the title.")
    )
    title = models.CharField(_("title"), max_length=200)
    subtitle = models.CharField(_("subtitle"), max_length=200, blank=True)
    authors = models.TextField(
        _("authors"),
        blank=True,
        max_length=1000,
        help_text=_("One a line, in the order of the byline. An institution counts as an author."),
    )
    date = models.DateField(
        _("date"),
        null=True,
        blank=True,
        validators=[validate_day],
        help_text=_(
            "The date readers see; it orders lists. Left empty, it is the day of first publication."
        ),
    )
    source = models.CharField(
        _("source"),
        max_length=100,
        blank=True,
        help_text=_("Where a republished piece first stood."),
    )
    source_url = models.URLField(
        _("source's address"),
        max_length=500,
        blank=True,
        help_text=_("Where readers find the original on the web."),
    )
    original_title = models.CharField(
        _("original title"),
        max_length=200,
        blank=True,
        help_text=_("If the title was changed on republishing."),
    )
    responsible_editor = models.CharField(
        _("responsible editor"),
        max_length=50,
        blank=True,
        help_text=_("Stands at the end of the text."),
    )
    abstract = models.TextField(
        _("abstract"),
        max_length=2000,
        blank=True,
        help_text=_("Also stands in lists and on the cards of shared links."),
    )
    keywords = models.TextField(
        _("keywords"), max_length=500, blank=True, help_text=_("Three to eight, one a line.")
    )
    body = RichTextField(_("body"))
    cover = PictureField(
        _("cover picture"),
        blank=True,
        help_text=_("Stands above the text and in lists. JPEG, PNG, GIF or WebP."),
    )
    cover_alt = models.CharField(
        _("cover picture in words"),
        max_length=200,
        blank=True,
        help_text=_("What the picture shows, for readers who cannot see it."),
    )
    column = models.ForeignKey(
        "articles.Column",
        models.PROTECT,
        related_name="%(class)ss",
        verbose_name=_("column"),
        help_text=_("The section in which readers find it."),
    )
    magazine = models.ForeignKey(
        Magazine,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss",
        verbose_name=_("magazine"),
        help_text=_("Left empty, it belongs to the house and to no magazine."),
    )
    issue = models.ForeignKey(
        Issue,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss",
        verbose_name=_("issue"),
        help_text=_("In whose table of contents it stands."),
    )
    position = models.PositiveSmallIntegerField(
        _("place in the contents"),
        default=0,
        help_text=_("Smaller numbers stand first in the issue's table of contents."),
    )
    pages = models.CharField(
        _("pages"), max_length=50, blank=True, help_text=_("Of the printed issue, such as 4-9.")
    )
    lead = models.BooleanField(
        _("lead story"), default=False, help_text=_("The newest lead stories open the home page.")
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("articles:article", args=[self.article_id])

    def content(self) -> dict[str, object]:
        """Return the values of the content fields by name."""
        return {name: getattr(self, name) for name in CONTENT_FIELDS}

    @property
    def author_list(self) -> list[str]:
        return split_list(self.authors)

    @property
    def keyword_list(self) -> list[str]:
        return split_list(self.keywords)


CONTENT_FIELDS = [field.name for field in ArticleContent._meta.local_fields]
