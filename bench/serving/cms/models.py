from django.db import models
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtail.search import index


class ListPage(Page):
    intro = RichTextField(blank=True)


class ArticlePage(Page):
    date = models.DateField()
    authors = models.TextField(blank=True)
    keywords = models.TextField(blank=True)
    abstract = models.TextField(blank=True)
    body = RichTextField()

    def get_context(self, request, *args, **kwargs):
        latest = ArticlePage.objects.live().exclude(pk=self.pk).order_by("-first_published_at")[:6]
        return super().get_context(request, *args, **kwargs) | {"latest": latest}


class Article(index.Indexed, models.Model):
    """A document for bench/search/wagtail_search.py."""

    title = models.TextField()
    authors = models.TextField()
    keywords = models.TextField()
    abstract = models.TextField()
    body = models.TextField()

    search_fields = [
        index.SearchField("title", boost=2),  # as Wagtail's own pages have it
        index.SearchField("authors"),
        index.SearchField("keywords"),
        index.SearchField("abstract"),
        index.SearchField("body"),
    ]

    def __str__(self) -> str:
        return self.title
