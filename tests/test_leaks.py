"""Rows that could leak: hidden content and hostile markup, looked for in everything readers get."""

from datetime import timedelta
from html import unescape
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.models import Publication
from tests.builders import (
    a_column,
    a_magazine,
    a_notice,
    a_page,
    a_publication,
    a_publisher,
    an_article,
    an_issue,
)

pytestmark = pytest.mark.django_db

HIDDEN = "不得外泄"
HOUR = timedelta(hours=1)
MARKUP = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def content(text: str) -> dict[str, str]:
    """Return values with `text` for every text field of an article."""
    return {
        "kicker": text,
        "title": text,
        "subtitle": text,
        "authors": text,
        "source": text,
        "original_title": text,
        "responsible_editor": text[:50],
        "abstract": text,
        "keywords": text,
        "body": f"<p>{text}</p>",
        "cover_alt": text,
        "pages": text[:50],
    }


def addresses(column, magazine, issue, text: str) -> list[str]:
    """Return everything readers can request that could show a row with `text`."""
    visible = Publication.objects.live().filter(column=column).first()
    paths = [
        "/",
        "/archive/",
        "/notices/",
        "/feeds/",
        "/feeds/notices/",
        "/sitemap.xml",
        f"/archive/{timezone.localdate().year}/",
        f"/search/?q={quote(text[:40])}",
        f"/search/suggest/?q={quote(text[:40])}",
        column.get_absolute_url(),
        magazine.get_absolute_url(),
        issue.get_absolute_url(),
        reverse("magazine:issues", args=[magazine.slug]),
        reverse("articles:column_feed", args=[column.slug]),
        reverse("articles:magazine_feed", args=[magazine.slug]),
        visible.get_absolute_url(),
        reverse("articles:bibtex", args=[visible.article_id]),
        reverse("articles:ris", args=[visible.article_id]),
        reverse("articles:qr_code", args=[visible.article_id]),
    ]
    for name in ["articles", "issues", "magazines", "columns", "notices", "pages"]:
        paths.append(f"/sitemap-{name}-1.xml")
    return paths


class TestHiddenRows:
    def test_hidden_rows_are_in_no_page_feed_file_or_suggestion(self, client: Client):
        now = timezone.now()
        a_publisher()
        magazine = a_magazine()
        column = a_column()
        issue = an_issue(magazine=magazine)
        place = {"column": column, "magazine": magazine, "issue": issue, "lead": True}
        a_publication(title="可见", authors="可见作者", **place)
        replaced = a_publication(**content(HIDDEN), **place, ends_at=now - HOUR / 2)
        a_publication(replaced.article, **content("新版"), starts_at=now - HOUR / 2)
        hidden = [
            an_article(**content(HIDDEN), **place).pk,
            a_publication(**content(HIDDEN), **place, starts_at=now + HOUR).article_id,
            a_publication(
                **content(HIDDEN), **place, starts_at=now - HOUR, ends_at=now - HOUR
            ).article_id,
        ]
        withdrawn = a_publication(
            **content(HIDDEN), **place, starts_at=now - 2 * HOUR, ends_at=now - HOUR
        )
        a_notice(title=HIDDEN, body=f"<p>{HIDDEN}</p>", starts_at=None)
        a_notice(title=HIDDEN, body=f"<p>{HIDDEN}</p>", starts_at=now + HOUR)
        a_notice(title=HIDDEN, body=f"<p>{HIDDEN}</p>", ends_at=now - HOUR / 2)
        for path in addresses(column, magazine, issue, HIDDEN):
            response = client.get(path)
            assert response.status_code in {200, 404}, path
            # The search form repeats what was searched for.
            shown = unescape(response.text).replace(f'value="{HIDDEN}"', "")
            if path.startswith("/search/?"):
                assert "/articles/" not in shown.partition("<main")[2], path
            else:
                assert HIDDEN not in shown, path
        for pk in hidden:
            for name in ["article", "bibtex", "ris", "qr_code", "card"]:
                assert client.get(reverse(f"articles:{name}", args=[pk])).status_code == 404
        page = client.get(withdrawn.get_absolute_url())
        assert page.status_code == 410
        assert f"<p>{HIDDEN}</p>" not in page.text


class TestHostileMarkup:
    def test_markup_in_text_fields_never_reaches_a_page_as_markup(self, client: Client):
        a_publisher(name=MARKUP, copyright_line=MARKUP, address=MARKUP, report_line=MARKUP[:100])
        magazine = a_magazine(title=MARKUP[:100], sponsor=MARKUP, introduction=f"<p>{MARKUP}</p>")
        column = a_column(title=MARKUP[:50], description=MARKUP)
        issue = an_issue(magazine=magazine)
        place = {"column": column, "magazine": magazine, "issue": issue, "lead": True}
        publication = a_publication(**content(MARKUP), **place)
        page = a_page(title=MARKUP, body=f"<p>{MARKUP}</p>")
        notice = a_notice(title=MARKUP[:100], body=f"<p>{MARKUP}</p>", signature=MARKUP)
        paths = addresses(column, magazine, issue, MARKUP)
        paths += [page.get_absolute_url(), notice.get_absolute_url()]
        for path in paths:
            response = client.get(path)
            assert response.status_code in {200, 404}, path
            if response["Content-Type"].startswith(("text/html", "application/", "image/")):
                is_file = path.endswith((".bib", ".ris"))
                is_json = path.startswith("/search/suggest/")
                if not is_file and not is_json:
                    assert "<script>alert" not in response.text, path
                    assert "<img src=x" not in response.text, path
        assert publication.title in unescape(client.get(publication.get_absolute_url()).text)
