"""Create valid rows for tests. A test passes only the values that it is about."""

from datetime import timedelta
from io import BytesIO
from itertools import count

from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.models import Membership, Role, User
from articles.content import CONTENT_FIELDS
from articles.models import Article, Column, Publication
from magazine.models import Issue, Magazine, Page, Publisher
from notices.models import Notice

numbers = count(1)


def a_user(**values) -> User:
    """Create a member of staff without a role."""
    number = next(numbers)
    return User.objects.create_user(
        **{
            "username": f"user{number}",
            "name": f"同事{number}",
            "is_staff": True,
            "password": "password",
            **values,
        }
    )


def an_editor(magazine: Magazine | None = None, role: str = Role.EDITOR, **values) -> User:
    user = a_user(**values)
    Membership.objects.create(user=user, magazine=magazine or a_magazine(), role=role)
    return user


def a_browser(user: User) -> Client:
    """Return a test client in which a user is logged in."""
    client = Client()
    client.force_login(user)
    return client


def an_admin(**values) -> User:
    return a_user(is_superuser=True, **values)


def a_publisher(**values) -> Publisher:
    return Publisher.objects.create(
        **{"name": "某某杂志社", "sponsor": "某某杂志社有限公司", **values}
    )


def a_magazine(**values) -> Magazine:
    number = next(numbers)
    return Magazine.objects.create(
        **{"title": f"刊物{number}", "slug": f"magazine-{number}", **values}
    )


def an_issue(**values) -> Issue:
    """Create an issue, released yesterday by default."""
    magazine = values.pop("magazine", None) or a_magazine()
    yesterday = timezone.localdate() - timedelta(days=1)
    values = {"year": 2024, "number": next(numbers), "published_on": yesterday, **values}
    return Issue.objects.create(magazine=magazine, **values)


def a_page(**values) -> Page:
    number = next(numbers)
    return Page.objects.create(
        **{
            "title": f"页面{number}",
            "slug": f"page-{number}",
            "body": f"<p>页面{number}的正文。</p>",
            **values,
        }
    )


def a_column(**values) -> Column:
    number = next(numbers)
    return Column.objects.create(**{"title": f"栏目{number}", "slug": f"column-{number}", **values})


def an_article(**values) -> Article:
    """Create a draft in a shared column. An article of an issue belongs to its magazine."""
    number = next(numbers)
    column = values.pop("column", None) or a_column()
    issue = values.get("issue")
    if issue:
        values.setdefault("magazine", issue.magazine)
    return Article.objects.create(
        **{
            "title": f"文章{number}",
            "body": f"<p>文章{number}的正文。</p>",
            "column": column,
            **values,
        }
    )


def a_publication(article: Article | None = None, *, starts_at=None, **values) -> Publication:
    """Insert a publication of an article, live since an hour ago by default.

    Unlike Article.publish, it may lie in the past.
    """
    content = {name: values.pop(name) for name in CONTENT_FIELDS if name in values}
    article = article or an_article(**content)
    starts_at = starts_at or timezone.now() - timedelta(hours=1)
    content = article.content() | content
    content["date"] = content["date"] or timezone.localdate(starts_at)
    return Publication.objects.create(article=article, starts_at=starts_at, **content, **values)


def a_notice(**values) -> Notice:
    """Create a banner on all pages, live since an hour ago; `starts_at=None` creates a draft."""
    number = next(numbers)
    starts_at = timezone.now() - timedelta(hours=1)
    return Notice.objects.create(
        **{
            "title": f"公告{number}",
            "body": f"<p>公告{number}的正文。</p>",
            "starts_at": starts_at,
            **values,
        }
    )


def a_picture(width: int = 30, height: int = 20) -> ContentFile:
    content = BytesIO()
    Image.new("RGB", (width, height)).save(content, "PNG")
    return ContentFile(content.getvalue(), "picture.png")
