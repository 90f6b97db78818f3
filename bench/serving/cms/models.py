from django.db import models
from wagtail.fields import RichTextField
from wagtail.models import Page


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
