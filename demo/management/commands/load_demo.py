import re
import tomllib
from collections.abc import Callable
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction
from django.db.models import Model, Q

from articles.models import Article, Column, Publication
from demo.covers import issue_cover, magazine_cover
from demo.pictures import article_picture
from magazine.models import Accent, Magazine, Page, Publisher
from media.fields import store_picture
from media.validation import reencode_picture
from notices.models import Notice, NoticeContact

CONTENT = Path(__file__).resolve().parents[2] / "content"


class Command(BaseCommand):
    help = "Load the demo content. Existing rows are not changed."

    def handle(self, **options) -> None:
        content = tomllib.loads((CONTENT / "site.toml").read_text("utf-8"))
        with transaction.atomic():
            self.report(
                "publisher",
                [Publisher.objects.get_or_create(pk=1, defaults=content["publisher"])[1]],
            )
            magazines = self.load_addressed(Magazine, content["magazines"])
            self.report(
                "issues", [load_issue(row, magazines[row["magazine"]]) for row in content["issues"]]
            )
            columns = self.load_addressed(Column, content["columns"])
            self.load_addressed(Page, content["pages"])
            articles = load_articles(read_articles(), magazines, columns)
            self.report("articles", articles)
            self.report("notices", [load_notice(content["notice"], magazines)])
            if any(articles):  # the first articles had no related ones yet
                call_command("refresh_related", stdout=StringIO())

    def load_addressed(self, model: type[Model], rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Return the objects of these rows by their slug in the content files."""
        loaded = [load_or_find(model, row, order) for order, row in enumerate(rows, 1)]
        self.report(f"{model._meta.model_name}s", [added for _, added in loaded])
        return {row["slug"]: instance for row, (instance, _) in zip(rows, loaded, strict=True)}

    def report(self, name: str, added: list[bool]) -> None:
        self.stdout.write(f"{name}: {sum(added)} added, {len(added) - sum(added)} there already")


def load_or_find(model: type[Model], row: dict[str, Any], order: int) -> tuple[Any, bool]:
    """Return the object of a row and whether it is new.

    Editors may have changed its slug or its title.
    """
    there = model.objects.filter(Q(slug=row["slug"]) | Q(title=row["title"])).order_by("pk").first()
    if there:
        return there, False
    instance = model(**row, order=order)
    if isinstance(instance, Magazine):
        instance.cover = as_upload(
            magazine_cover, instance.title_en, instance.issn, instance.accent
        )
    instance.save()
    return instance, True


def load_issue(row: dict[str, Any], magazine: Magazine) -> bool:
    cover = partial(
        as_upload, issue_cover, magazine.title_en, magazine.accent, row["year"], row["number"]
    )
    defaults = {"published_on": row["published_on"], "cover": cover}
    return magazine.issues.get_or_create(year=row["year"], number=row["number"], defaults=defaults)[
        1
    ]


def read_articles() -> list[dict[str, Any]]:
    """Read the articles, those first that come last in lists."""
    articles = [read_article(path) for path in sorted(CONTENT.glob("*.html"))]
    return sorted(articles, key=lambda article: (article["date"], -article.get("position", 0)))


def read_article(path: Path) -> dict[str, Any]:
    _, head, body = path.read_text("utf-8").split("+++\n", 2)
    return tomllib.loads(head) | {"name": path.stem, "body": body}


def load_articles(
    rows: list[dict[str, Any]], magazines: dict[str, Magazine], columns: dict[str, Column]
) -> list[bool]:
    """Load the articles without a first publication, which editors cannot change."""
    published = Publication.objects.filter(date__in={row["date"] for row in rows})
    there = set(published.values_list("date", "title"))
    new = [(row["date"], row["title"]) not in there for row in rows]
    for row, is_new in zip(rows, new, strict=True):
        if is_new:
            load_article(row, magazines.get(row.get("magazine")), columns[row["column"]])
    return new


def load_article(row: dict[str, Any], magazine: Magazine | None, column: Column) -> None:
    plain = {
        "title",
        "kicker",
        "subtitle",
        "source",
        "source_url",
        "original_title",
        "responsible_editor",
    }
    plain |= {"abstract", "date", "position", "pages", "lead", "cover_alt"}
    accent = magazine.accent if magazine else Accent.OCHRE
    article = Article(
        **{name: value for name, value in row.items() if name in plain},
        column=column,
        magazine=magazine,
        authors="\n".join(row.get("authors", [])),
        keywords="\n".join(row.get("keywords", [])),
        body=with_pictures(row["body"], accent, row["name"]),
    )
    if "issue" in row:
        year, number = row["issue"].split("-")
        article.issue = magazine.issues.get(year=year, number=number)
    if "cover" in row:
        article.cover = as_upload(article_picture, row["cover"], accent, row["name"])
    article.save()
    article.publish(by=None)


def load_notice(row: dict[str, Any], magazines: dict[str, Magazine]) -> bool:
    # Editors may have changed its title or its date.
    if Notice.objects.filter(Q(title=row["title"]) | Q(date=row["date"])).exists():
        return False
    notice = Notice.objects.create(
        **{name: value for name, value in row.items() if name != "contacts"}
    )
    for order, contact in enumerate(row["contacts"], 1):
        contact = contact | {"magazine": magazines[contact["magazine"]]}
        NoticeContact.objects.create(**contact, notice=notice, order=order)
    notice.publish(by=None)
    return True


def with_pictures(body: str, accent: str, name: str) -> str:
    """Return the body with its `demo:KIND` pictures drawn and stored like uploads."""

    def address(match: re.Match) -> str:
        picture = reencode_picture(
            as_upload(article_picture, match[1], accent, f"{name} in the text")
        )
        url = default_storage.url(store_picture(picture))
        return f'src="{url}" width="{picture.width}" height="{picture.height}"'

    return re.sub(r'src="demo:(\w+)"', address, body)


def as_upload(draw: Callable[..., bytes], *args) -> ContentFile:
    """Return a drawing as an uploaded file, which the models validate like any other."""
    return ContentFile(draw(*args), "drawing.jpg")
