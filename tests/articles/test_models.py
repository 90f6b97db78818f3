from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from articles.content import CONTENT_FIELDS, ArticleContent
from articles.models import Article, Publication
from tests.builders import (
    a_column,
    a_magazine,
    a_picture,
    a_publication,
    a_user,
    an_article,
    an_issue,
)

pytestmark = pytest.mark.django_db

TODAY = date(2024, 3, 3)


class TestColumn:
    def test_stands_at_its_address(self):
        column = a_column(title="要闻", slug="news")
        assert (str(column), column.get_absolute_url()) == ("要闻", "/columns/news/")

    def test_by_their_order_and_then_by_age(self):
        third, first, second = a_column(order=2), a_column(order=1), a_column(order=1)
        assert list(type(first).objects.all()) == [first, second, third]

    def test_is_kept_while_it_has_articles(self):
        with pytest.raises(models.ProtectedError):
            an_article().column.delete()


class TestContent:
    @pytest.mark.parametrize(
        ("text", "entries"),
        [
            ("", []),
            ("于潇", ["于潇"]),
            ("于潇\n刘义\r\n柴跃廷", ["于潇", "刘义", "柴跃廷"]),
            ("于潇、刘义；柴跃廷;欧阳 静", ["于潇", "刘义", "柴跃廷", "欧阳 静"]),
            ("于潇，刘义, 柴跃廷,OECD", ["于潇", "刘义", "柴跃廷", "OECD"]),
            ("Smith, John", ["Smith, John"]),
            ("  于潇  \n\n、；\n　刘义　", ["于潇", "刘义"]),
        ],
    )
    def test_lists_hold_one_entry_a_line(self, text, entries):
        article = Article(authors=text, keywords=text)
        assert article.author_list == entries
        assert article.keyword_list == entries

    def test_only_title_column_and_body_are_required(self):
        with pytest.raises(ValidationError) as refusal:
            Article().full_clean()
        assert set(refusal.value.error_dict) == {"title", "column", "body"}
        Article(title="题", column=a_column(), body="<p>文</p>").full_clean()

    def test_working_copy_and_version_hold_the_same_fields_and_address(self):
        publication = a_publication(title="题")
        shared = [field.name for field in ArticleContent._meta.get_fields()]
        assert shared == CONTENT_FIELDS
        assert publication.get_absolute_url() == publication.article.get_absolute_url()
        assert publication.get_absolute_url() == f"/articles/{publication.article_id}/"
        assert (str(publication), str(publication.article)) == ("题", "题")

    def test_body_is_cleaned_whatever_saves_it(self):
        article = an_article(body='<p onclick="x()">文<script>1</script></p>')
        article.refresh_from_db()
        assert article.body == "<p>文</p>"


class TestArticle:
    def test_issue_brings_its_magazine(self):
        issue = an_issue()
        article = Article(title="题", column=a_column(), body="<p>文</p>", issue=issue)
        article.full_clean()
        assert article.magazine == issue.magazine

    def test_of_its_own_magazine_s_issue_and_column(self):
        article = Article(
            title="题",
            body="<p>文</p>",
            magazine=a_magazine(),
            issue=an_issue(),
            column=a_column(magazine=a_magazine()),
        )
        with pytest.raises(ValidationError) as refusal:
            article.full_clean()
        assert {
            name: [error.code for error in errors]
            for name, errors in refusal.value.error_dict.items()
        } == {
            "issue": ["issue_of_another_magazine"],
            "column": ["column_of_another_magazine"],
        }

    def test_column_of_a_magazine_is_not_for_articles_of_none(self):
        article = Article(title="题", body="<p>文</p>", column=a_column(magazine=a_magazine()))
        with pytest.raises(ValidationError) as refusal:
            article.full_clean()
        assert set(refusal.value.error_dict) == {"column"}

    def test_column_of_its_own_magazine_is_for_it(self):
        magazine = a_magazine()
        Article(
            title="题", body="<p>文</p>", magazine=magazine, column=a_column(magazine=magazine)
        ).full_clean()

    def test_issue_without_magazine_is_refused_by_the_database(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            an_article(issue=an_issue(), magazine=None)

    def test_cover_is_said_in_words(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            an_article(cover=a_picture())
        an_article(cover=a_picture(), cover_alt="一枚算盘")

    def test_latest_saved_stand_first(self, clock):
        older, newer = an_article(), an_article()
        clock.move(minutes=1)
        older.save()
        assert list(Article.objects.all()) == [older, newer]


def upsert(version) -> None:
    version.title = "改"
    Publication.objects.bulk_create(
        [version], update_conflicts=True, update_fields=["title"], unique_fields=["id"]
    )


EDITS = {
    "save": lambda version: version.save(),
    "save of some fields": lambda version: version.save(update_fields=["title"]),
    "save of a new row under the old key": lambda version: Publication(
        pk=version.pk, article=version.article, title="改", column=version.column, starts_at=version.starts_at,
        date=version.date,
    ).save(),
    "update": lambda version: Publication.objects.update(title="改"),
    "update of the date": lambda version: Publication.objects.update(date=TODAY - timedelta(days=1)),
    "update of the start": lambda version: Publication.objects.update(starts_at=None),
    "update among permitted ones": lambda version: Publication.objects.update(ends_at=None, title="改"),
    "update of the article's": lambda version: version.article.publications.update(title="改"),
    "update of a live one": lambda version: Publication.objects.live().update(body="改"),
    "update through the base manager": lambda version: Publication._base_manager.update(title="改"),
    "bulk update": lambda version: Publication.objects.bulk_update([version], ["title"]),
    "bulk create over it": upsert,
    "update or create": lambda version: Publication.objects.update_or_create(pk=version.pk, defaults={"title": "改"}),
    "move to another article": lambda version: an_article().publications.add(version),
}  # fmt: skip

DELETIONS = {
    "delete": lambda version: version.delete(),
    "queryset": lambda version: Publication.objects.all().delete(),
    "live": lambda version: Publication.objects.live().delete(),
    "article's versions": lambda version: version.article.publications.all().delete(),
    "base manager": lambda version: Publication._base_manager.all().delete(),
    "article": lambda version: version.article.delete(),
    "articles": lambda version: Article.objects.all().delete(),
    "column": lambda version: version.column.delete(),
    "magazine": lambda version: version.magazine.delete(),
    "issue": lambda version: version.issue.delete(),
    "publisher": lambda version: version.published_by.delete(),
    "ender": lambda version: version.ended_by.delete(),
}


class TestPublication:
    def stored(self) -> list[dict]:
        return list(Publication.objects.order_by("pk").values())

    @pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
    def test_is_never_edited(self, edit):
        version = a_publication()
        before = self.stored()
        version.title = "改"
        with pytest.raises((TypeError, IntegrityError)), transaction.atomic():
            edit(version)
        assert self.stored() == before

    @pytest.mark.parametrize("delete", DELETIONS.values(), ids=DELETIONS)
    def test_is_never_deleted(self, delete):
        version = a_publication(issue=an_issue(), published_by=a_user(), ended_by=a_user())
        before = self.stored()
        with pytest.raises(models.ProtectedError), transaction.atomic():
            delete(version)
        assert self.stored() == before

    def test_article_that_readers_never_saw_can_be_deleted(self):
        an_article().delete()
        assert not Article.objects.exists()

    def test_many_can_be_written_at_once(self):
        version = a_publication(ends_at=None)
        content = {name: getattr(version, name) for name in CONTENT_FIELDS}
        others = [
            Publication(article=an_article(), starts_at=version.starts_at, **content)
            for _ in range(3)
        ]
        Publication.objects.bulk_create(others, batch_size=2)
        assert Publication.objects.count() == 4

    def test_one_of_an_article_is_open_ended(self, clock):
        version = a_publication(starts_at=clock.in_(hours=-1))
        with pytest.raises(IntegrityError), transaction.atomic():
            a_publication(version.article, starts_at=clock.in_(hours=1))

    def test_does_not_end_before_it_starts(self, clock):
        with pytest.raises(IntegrityError), transaction.atomic():
            a_publication(starts_at=clock.now, ends_at=clock.in_(seconds=-1))

    def test_stands_for_a_span(self, clock):
        with pytest.raises(IntegrityError), transaction.atomic():
            Publication.objects.create(
                article=an_article(),
                title="题",
                body="<p>文</p>",
                column=a_column(),
                date=TODAY,
                starts_at=None,
            )
