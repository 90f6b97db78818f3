from collections.abc import Sequence

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format, localize
from django.utils.translation import gettext_lazy as _

from articles.admin_search import SimilarForm, search_articles, search_similar
from articles.models import Article, Column, Publication
from articles.views import preview
from magazine.models import Issue, Magazine
from publishing.actions import PublishableAdmin, PublishForm, WithdrawForm
from publishing.admin import ContentAdmin, OwnMagazinesFilter


@admin.register(Column)
class ColumnAdmin(ContentAdmin):
    magazine_lookup = "magazine"
    list_display = ["title", "slug", "magazine", "on_home_page", "order"]
    list_filter = [("magazine", OwnMagazinesFilter), "on_home_page"]
    list_select_related = ["magazine"]
    search_fields = ["title", "slug"]
    fieldsets = [
        (None, {"fields": ["title", "slug", "magazine", "description", "on_home_page", "order"]})
    ]

    def get_queryset(self, request: HttpRequest):
        """Return the columns of a user's magazines and the shared columns."""
        queryset = Column.objects.all()
        if request.user.is_superuser:
            return queryset
        return queryset.filter(Q(magazine__in=list(request.user.roles)) | Q(magazine__isnull=True))


class StatusFilter(admin.SimpleListFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, request, model_admin):
        return [
            ("live", _("live")),
            ("pending", _("scheduled")),
            ("withdrawn", _("withdrawn")),
            ("draft", _("never published")),
        ]

    def queryset(self, request, queryset):
        match self.value():
            case "live":
                return queryset.filter(live=True)
            case "pending":
                return queryset.filter(pending=True)
            case "withdrawn":
                return queryset.filter(live=False, published=True)
            case "draft":
                return queryset.filter(pending=False, published=False)
        return queryset


@admin.register(Article)
class ArticleAdmin(PublishableAdmin):
    publishing_actions = {
        "publish": PublishForm,
        "withdraw": WithdrawForm,
        "cancel_schedule": forms.Form,
    }
    change_form_template = "admin/articles/article/change_form.html"
    magazine_lookup = "magazine"
    list_display = ["title", "status", "column", "place", "date", "saved"]
    list_filter = [
        StatusFilter,
        ("magazine", OwnMagazinesFilter),
        ("column", OwnMagazinesFilter),
        "lead",
    ]
    list_select_related = ["column", "magazine", "issue__magazine", "updated_by"]
    date_hierarchy = "updated_at"
    search_fields = [
        "title"
    ]  # without any, the admin shows no box; `desk_search` says what is looked for
    search_help_text = _(
        "Any words of the text, a name, or an issue by its year and number, such as 2026 22."
    )
    autocomplete_fields = ["issue", "column", "picked"]
    fieldsets = [
        (None, {"fields": ["kicker", "title", "subtitle", "authors", "body"]}),
        (
            _("Place"),
            {"fields": ["column", "magazine", "issue", ("position", "pages"), "date", "lead"]},
        ),
        (_("Abstract and keywords"), {"fields": ["abstract", "keywords"]}),
        (_("Picture"), {"fields": ["cover", "cover_alt"]}),
        (_("Source"), {"fields": ["responsible_editor", "source", "source_url", "original_title"]}),
        (_("Correction"), {"fields": [("correction_kind", "corrected_on"), "correction_reason"]}),
        (_("Related articles"), {"fields": ["picked"]}),
    ]

    def get_urls(self):
        return [
            path(
                "similar/",
                self.admin_site.admin_view(self.similar_view),
                name="articles_article_similar",
            ),
            path(
                "<int:pk>/preview/",
                self.admin_site.admin_view(self.preview_view),
                name="articles_article_preview",
            ),
            path(
                "<int:pk>/versions/",
                self.admin_site.admin_view(self.versions_view),
                name="articles_article_versions",
            ),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).with_status()

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str):
        """Filter the queryset by the search index; it stays the limit of permissions."""
        if not search_term.strip():
            return queryset, False
        found = search_articles(request.user, search_term)
        if not found.is_all and request.resolver_match.url_name == "articles_article_changelist":
            messages.info(
                request,
                _(
                    "This is found very often: the list holds what fits best. Add a word to "
                    "see the rest."
                ),
            )
        return queryset.filter(pk__in=found.keys), False

    def possible_actions(self, obj: Article) -> list[str]:
        actions = ["publish"]
        if obj.live or obj.pending:
            actions.append("withdraw")
        if obj.pending:
            actions.append("cancel_schedule")
        return actions

    def warn(self, request: HttpRequest, obj: Article, result: Publication | None) -> None:
        if result and result.ends_at:
            messages.warning(
                request,
                _(
                    "“%(title)s”: another version was already scheduled and takes its place "
                    "at %(time)s."
                )
                % {"title": obj, "time": localize(timezone.localtime(result.ends_at))},
            )

    def get_form(
        self, request: HttpRequest, obj: Article | None = None, change: bool = False, **kwargs
    ):
        """Keep articles of other magazines that are picked already among the choices."""
        form = super().get_form(request, obj, change, **kwargs)
        if obj and "picked" in form.base_fields:
            field = form.base_fields["picked"]
            picked = Article.picked.through.objects.filter(from_article=obj).values("to_article")
            field.queryset = Article.objects.filter(
                Q(pk__in=field.queryset.values("pk")) | Q(pk__in=picked)
            )
        return form

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return preview(
            request, self._viewable_article(request, pk).next_publication(timezone.now())
        )

    def versions_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """List all versions that were, are or will be public, newest first."""
        article = self._viewable_article(request, pk)
        record = self.admin_site.get_model_admin(Publication).get_queryset(request)
        versions = record.filter(article=article).seen().select_related("published_by", "ended_by")
        context = self.admin_site.each_context(request) | {
            "title": _("Versions"),
            "opts": self.opts,
            "article": article,
            "versions": versions.order_by("-starts_at"),
        }
        return TemplateResponse(request, "admin/articles/article/versions.html", context)

    def similar_view(self, request: HttpRequest) -> HttpResponse:
        """List live articles and drafts of one's magazines that are similar to a text."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = SimilarForm(request.POST or None)
        similar = (
            search_similar(request.user, form.cleaned_data["text"]) if form.is_valid() else None
        )
        context = self.admin_site.each_context(request) | {
            "title": _("Find similar articles"),
            "opts": self.opts,
            "form": form,
            "similar": similar,
        }
        return TemplateResponse(request, "admin/articles/article/similar.html", context)

    def state_token(self, rows: Sequence[Article]) -> str:
        """Return a string that differs also after an article is published, ended or scheduled."""
        publications = Publication.objects.filter(article__in=[row.pk for row in rows])
        record = publications.aggregate(all=Count("pk"), last=Sum("pk", filter=Q(ends_at=None)))
        return f"{super().state_token(rows)} {record['all']} {record['last']}"

    def _viewable_article(self, request: HttpRequest, pk: int) -> Article:
        articles = self.get_queryset(request).select_related(
            "column", "magazine", "issue__magazine"
        )
        article = articles.filter(pk=pk).first()
        if article is None or not self.has_view_permission(request, article):
            raise Http404
        return article

    @admin.display(description=_("status"))
    def status(self, obj: Article) -> str:
        if obj.pending:
            time = localize(timezone.localtime(obj.pending_from))
            return (_("live, changes at %s") if obj.live else _("scheduled for %s")) % time
        if obj.live:
            return _("live")
        return _("withdrawn") if obj.published else _("never published")

    @admin.display(description=_("magazine and issue"), ordering="issue", empty_value="-")
    def place(self, obj: Article) -> Issue | Magazine | None:
        return obj.issue or obj.magazine

    @admin.display(description=_("last saved"), ordering="updated_at")
    def saved(self, obj: Article) -> str:
        return (
            f"{date_format(timezone.localtime(obj.updated_at), 'm-d H:i')} {obj.updated_by or ''}"
        )

    def view_on_site(self, obj: Article) -> str | None:
        return obj.get_absolute_url() if obj.live else None


@admin.register(Publication)
class PublicationAdmin(ContentAdmin):
    """The record of publication, read-only."""

    form = forms.ModelForm  # nothing is saved, so nothing is guarded
    magazine_lookup = "magazine"
    list_display = [
        "title",
        "number",
        "magazine",
        "column",
        "starts_at",
        "ends_at",
        "published_by",
        "end_reason",
    ]
    list_filter = [("magazine", OwnMagazinesFilter), ("column", OwnMagazinesFilter)]
    list_select_related = ["magazine", "column", "published_by"]
    date_hierarchy = "starts_at"
    search_fields = ["title", "=article__id"]
    ordering = ["-starts_at"]
    fieldsets = [
        (None, {"fields": ["starts_at", "ends_at", "published_by", "ended_by", "end_reason"]}),
        *ArticleAdmin.fieldsets,
    ]

    def get_urls(self):
        return [
            path(
                "<int:pk>/page/",
                self.admin_site.admin_view(self.page_view),
                name="articles_publication_page",
            ),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).defer("body")

    def page_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = (
            self.get_queryset(request)
            .select_related("column", "magazine", "issue__magazine")
            .defer(None)
        )
        publication = record.filter(pk=pk).first()
        if publication is None or not self.has_view_permission(request, publication):
            raise Http404
        return preview(request, publication)

    def view_on_site(self, obj: Publication) -> str | None:
        return obj.get_absolute_url() if obj.is_live() else None

    @admin.display(description=_("article number"), ordering="article_id")
    def number(self, obj: Publication) -> int:
        return obj.article_id

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
