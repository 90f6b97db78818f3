"""Load articles from standard input into Wagtail, with the numbers of our site."""

import json
import sys
from datetime import date

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from wagtail.models import Page, Site  # noqa: E402

from cms.models import ArticlePage, ListPage  # noqa: E402

call_command("migrate", verbosity=0)
Page.objects.filter(depth__gt=1).delete()
Site.objects.all().delete()
root = Page.objects.get(depth=1).add_child(instance=ListPage(title="cms", slug="cms"))
Site.objects.create(hostname="127.0.0.1", root_page=root, is_default_site=True)
articles = root.add_child(instance=ListPage(title="articles", slug="articles", show_in_menus=True))
for row in json.load(sys.stdin):
    articles.add_child(instance=ArticlePage(**row | {"date": date.fromisoformat(row["date"])}))
