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
    help = "Furnish the house with demo content. What is there already stays as it is."

    def handle(self, **options) -> None:
        house = tomllib.loads((CONTENT / "site.toml").read_text("utf-8"))
        with transaction.atomic():
            self.say(
                "publisher", [Publisher.objects.get_or_create(pk=1, defaults=house["publisher"])[1]]
            )
            magazines = self.load_addressed(Magazine, house["magazines"])
            self.say(
                "issues", [load_issue(row, magazines[row["magazine"]]) for row in house["issues"]]
            )
            columns = self.load_addressed(Column, house["columns"])
            self.load_addressed(Page, house["pages"])
            articles = load_articles(read_articles(), magazines, columns)
            self.say("articles", articles)
            self.say("notices", [load_notice(house["notice"], magazines)])
            if any(articles):  # the first came before there was anything to relate
                call_command("refresh_related", stdout=StringIO())

    def load_addressed(self, model: type[Model], rows: list[dict[str, Any]]) -> dict[str, Any]:
        """The things of these rows, by the address each has here."""
        loaded = [load_or_find(model, row, order) for order, row in enumerate(rows, 1)]
        self.say(f"{model._meta.model_name}s", [added for _, added in loaded])
        return {row["slug"]: thing for row, (thing, _) in zip(rows, loaded, strict=True)}

    def say(self, things: str, added: list[bool]) -> None:
        self.stdout.write(f"{things}: {sum(added)} added, {len(added) - sum(added)} there already")


def load_or_find(model: type[Model], row: dict[str, Any], order: int) -> tuple[Any, bool]:
    """The row's thing, and whether it is new. Editors may have given it another address, or another title."""
    there = model.objects.filter(Q(slug=row["slug"]) | Q(title=row["title"])).order_by("pk").first()
    if there:
        return there, False
    thing = model(**row, order=order)
    if isinstance(thing, Magazine):
        thing.cover = as_upload(magazine_cover, thing.title_en, thing.issn, thing.accent)
    thing.save()
    return thing, True


def load_issue(row: dict[str, Any], magazine: Magazine) -> bool:
    cover = partial(
        as_upload, issue_cover, magazine.title_en, magazine.accent, row["year"], row["number"]
    )
    defaults = {"published_on": row["published_on"], "cover": cover}
    return magazine.issues.get_or_create(year=row["year"], number=row["number"], defaults=defaults)[
        1
    ]


def read_articles() -> list[dict[str, Any]]:
    """The articles as their files say, those first that stand lowest in lists."""
    articles = [read_article(path) for path in sorted(CONTENT.glob("*.html"))]
    return sorted(articles, key=lambda article: (article["date"], -article.get("position", 0)))


def read_article(path: Path) -> dict[str, Any]:
    _, head, body = path.read_text("utf-8").split("+++\n", 2)
    return tomllib.loads(head) | {"name": path.stem, "body": body}


def load_articles(
    rows: list[dict[str, Any]], magazines: dict[str, Magazine], columns: dict[str, Column]
) -> list[bool]:
    """An article is known by its first publication: that stays what it was, whatever editors made of the article."""
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
    # Editors may have given it another title, or brought it up to date.
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
    """The body with its `demo:KIND` pictures drawn and stored, as if an editor had uploaded them."""

    def address(match: re.Match) -> str:
        picture = reencode_picture(
            as_upload(article_picture, match[1], accent, f"{name} in the text")
        )
        return f'src="{default_storage.url(store_picture(picture))}" width="{picture.width}" height="{picture.height}"'

    return re.sub(r'src="demo:(\w+)"', address, body)


def as_upload(draw: Callable[..., bytes], *args) -> ContentFile:
    """A drawing as an upload, which the models look at and store like any other."""
    return ContentFile(draw(*args), "drawing.jpg")
