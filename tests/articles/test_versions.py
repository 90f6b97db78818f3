"""How articles are published, dated, withdrawn and scheduled: each act makes or ends versions."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from articles.content import CONTENT_FIELDS
from articles.models import Article, Publication
from tests.builders import a_picture, a_user, an_article, an_issue

pytestmark = pytest.mark.django_db

TODAY = date(2024, 3, 3)


def spans(article) -> list[tuple]:
    """The article's versions as (title, start, end), the oldest first."""
    return list(
        article.publications.order_by("starts_at", "pk").values_list(
            "title", "starts_at", "ends_at"
        )
    )


def retitled(article, title: str) -> Article:
    Article.objects.filter(pk=article.pk).update(title=title)
    return article


def code_of(act, **arguments) -> str:
    with pytest.raises(ValidationError) as refusal, transaction.atomic():
        act(**arguments)
    return refusal.value.code


class TestPublish:
    def test_gives_readers_what_was_saved(self, clock):
        editor, issue = a_user(), an_issue()
        article = an_article(
            title="题", kicker="引", subtitle="副", authors="于潇", source="财政部", abstract="摘要",
            issue=issue, position=3, cover=a_picture(), cover_alt="图", lead=True, date=date(2020, 1, 2),
        )  # fmt: skip
        article.title = "尚未保存"
        publication = article.publish(by=editor)
        publication.refresh_from_db()
        article.refresh_from_db()
        assert [getattr(publication, name) for name in CONTENT_FIELDS] == [
            getattr(article, name) for name in CONTENT_FIELDS
        ]
        assert (publication.starts_at, publication.ends_at) == (clock.now, None)
        assert (publication.published_by, publication.ended_by, publication.created_at) == (
            editor,
            None,
            clock.now,
        )

    def test_saving_alone_changes_nothing_for_readers(self):
        article = an_article(title="旧", body="<p>旧</p>")
        article.publish(by=None)
        article.title, article.body = "新", "<p>新</p>"
        article.save()
        assert list(Publication.objects.values_list("title", "body")) == [("旧", "<p>旧</p>")]

    def test_ends_what_stood_before_at_the_same_instant(self, clock):
        editor = a_user()
        article = an_article(title="甲")
        article.publish(by=None)
        first, second = clock.now, clock.move(hours=1)
        retitled(article, "乙").publish(by=editor)
        assert spans(article) == [("甲", first, second), ("乙", second, None)]
        assert article.publications.get(title="甲").ended_by == editor

    def test_scheduled_leaves_what_readers_see_until_then(self, clock):
        article = an_article(title="甲")
        article.publish(by=None)
        monday = clock.in_(days=1)
        retitled(article, "乙").publish(by=None, at=monday)
        assert spans(article) == [("甲", clock.now, monday), ("乙", monday, None)]

    def test_publishing_now_ends_where_a_scheduled_version_begins(self, clock):
        article = an_article(title="甲")
        monday = clock.in_(days=1)
        article.publish(by=None, at=monday)
        publication = retitled(article, "乙").publish(by=None)
        assert publication.ends_at == monday
        assert spans(article) == [("乙", clock.now, monday), ("甲", monday, None)]

    def test_another_version_for_the_same_instant_takes_its_place(self, clock):
        article = an_article(title="甲")
        monday = clock.in_(days=1)
        article.publish(by=None, at=monday)
        retitled(article, "乙").publish(by=None, at=monday)
        assert spans(article) == [("甲", monday, monday), ("乙", monday, None)]

    def test_between_two_scheduled_versions(self, clock):
        article = an_article(title="甲")
        one, two, three = (clock.in_(days=days) for days in (1, 2, 3))
        article.publish(by=None, at=one)
        retitled(article, "丙").publish(by=None, at=three)
        retitled(article, "乙").publish(by=None, at=two)
        assert spans(article) == [("甲", one, two), ("乙", two, three), ("丙", three, None)]

    def test_not_for_an_instant_that_has_passed(self, clock):
        article = an_article()
        assert code_of(article.publish, by=None, at=clock.in_(seconds=-61)) == "in_the_past"
        assert spans(article) == []

    def test_current_minute_means_now(self, clock):
        article = an_article(title="甲")
        minute = clock.in_(seconds=-59)
        article.publish(by=None, at=minute)
        assert spans(article) == [("甲", minute, None)]

    @pytest.mark.parametrize("ago", [30, 20])
    def test_what_readers_have_seen_begin_is_not_written_over(self, clock, ago):
        article = an_article(title="甲")
        article.publish(by=None, at=clock.in_(seconds=-20))
        before = spans(article)
        assert code_of(article.publish, by=None, at=clock.in_(seconds=-ago)) == "changed_meanwhile"
        assert spans(article) == before

    def test_what_readers_have_seen_end_is_not_written_over(self, clock):
        article = an_article(title="甲")
        article.publish(by=None)
        clock.move(seconds=30)
        article.withdraw(by=None, reason="误发")
        before = spans(article)
        clock.move(seconds=15)
        assert code_of(article.publish, by=None, at=clock.in_(seconds=-20)) == "changed_meanwhile"
        assert spans(article) == before

    def test_again_after_a_withdrawal_leaves_the_gap(self, clock):
        article = an_article(title="甲")
        article.publish(by=None)
        start, end = clock.now, clock.move(hours=1)
        article.withdraw(by=None, reason="误发")
        again = clock.move(hours=1)
        article.publish(by=None)
        assert spans(article) == [("甲", start, end), ("甲", again, None)]
        assert [version.end_reason for version in article.publications.order_by("starts_at")] == [
            "误发",
            "",
        ]


class TestDate:
    """The date readers see belongs to the content; the first publication sets it, and every later one keeps it."""

    def dates(self, article) -> list[date]:
        return [version.date for version in article.publications.seen().order_by("starts_at")]

    def test_is_the_day_of_first_publication_in_beijing(self, clock):
        clock.move(hours=12)
        article = an_article()
        assert article.publish(by=None).date == date(2024, 3, 4)
        article.refresh_from_db()
        assert article.date is None

    def test_corrected_piece_keeps_it(self, clock):
        article = an_article()
        article.publish(by=None)
        clock.move(days=30)
        article.publish(by=None)
        clock.move(days=30)
        article.withdraw(by=None, reason="误")
        article.publish(by=None, at=clock.in_(days=1))
        assert self.dates(article) == [TODAY, TODAY, TODAY]

    def test_is_what_editors_say(self, clock):
        article = an_article(date=date(1999, 12, 31))
        assert article.publish(by=None).date == date(1999, 12, 31)

    def test_corrected_by_the_next_publication(self, clock):
        article = an_article()
        article.publish(by=None)
        clock.move(days=1)
        Article.objects.filter(pk=article.pk).update(date=date(2024, 2, 29))
        article.publish(by=None)
        assert self.dates(article) == [TODAY, date(2024, 2, 29)]

    def test_scheduled_piece_carries_the_day_it_appears(self, clock):
        assert an_article().publish(by=None, at=clock.in_(days=2)).date == date(2024, 3, 5)

    def test_earlier_publication_sets_it_for_what_is_scheduled_too(self, clock):
        article = an_article()
        article.publish(by=None, at=clock.in_(days=2))
        article.publish(by=None)
        assert self.dates(article) == [TODAY, TODAY]

    def test_cancelled_schedule_does_not_count(self, clock):
        article = an_article()
        article.publish(by=None, at=clock.in_(days=2))
        article.cancel_schedule(by=None)
        clock.move(days=1)
        article.publish(by=None)
        assert self.dates(article) == [date(2024, 3, 4)]


class TestWithdraw:
    def test_takes_the_article_from_readers_at_once(self, clock):
        editor, article = a_user(), an_article(title="甲")
        article.publish(by=None)
        start, end = clock.now, clock.move(hours=1)
        article.withdraw(by=editor, reason="事实有误")
        assert spans(article) == [("甲", start, end)]
        version = article.publications.get()
        assert (version.ended_by, version.end_reason) == (editor, "事实有误")

    def test_takes_what_is_scheduled_with_it(self, clock):
        editor, article = a_user(), an_article(title="甲")
        article.publish(by=None)
        start, monday, tuesday = clock.now, clock.in_(days=1), clock.in_(days=2)
        retitled(article, "乙").publish(by=None, at=monday)
        retitled(article, "丙").publish(by=None, at=tuesday)
        now = clock.move(hours=1)
        article.withdraw(by=editor, reason="误")
        assert spans(article) == [
            ("甲", start, now),
            ("乙", monday, monday),
            ("丙", tuesday, tuesday),
        ]
        assert {
            (version.ended_by, version.end_reason) for version in article.publications.all()
        } == {(editor, "误")}

    def test_what_is_only_scheduled_never_appears(self, clock):
        article = an_article(title="甲")
        monday = clock.in_(days=1)
        article.publish(by=None, at=monday)
        article.withdraw(by=None, reason="误")
        assert spans(article) == [("甲", monday, monday)]

    def test_nothing_to_withdraw(self, clock):
        article = an_article()
        assert code_of(article.withdraw, by=None, reason="误") == "not_published"
        article.publish(by=None)
        clock.move(hours=1)
        article.withdraw(by=None, reason="误")
        before = spans(article)
        clock.move(hours=1)
        assert code_of(article.withdraw, by=None, reason="误") == "not_published"
        assert spans(article) == before


class TestCancelSchedule:
    def test_leaves_the_piece_as_it_is(self, clock):
        editor, article = a_user(), an_article(title="甲")
        article.publish(by=editor)
        start, monday = clock.now, clock.in_(days=1)
        retitled(article, "乙").publish(by=editor, at=monday)
        clock.move(hours=1)
        article.cancel_schedule(by=editor)
        assert spans(article) == [("甲", start, None), ("乙", monday, monday)]
        assert article.publications.get(title="甲").ended_by is None
        assert article.publications.get(title="乙").ended_by == editor

    def test_a_draft_stays_a_draft(self, clock):
        article = an_article(title="甲")
        monday = clock.in_(days=1)
        article.publish(by=None, at=monday)
        article.cancel_schedule(by=None)
        assert spans(article) == [("甲", monday, monday)]

    def test_nothing_to_cancel(self, clock):
        article = an_article()
        article.publish(by=None)
        assert code_of(article.cancel_schedule, by=None) == "not_scheduled"
        assert spans(article) == [(article.title, clock.now, None)]


class TestDatesOfScheduledVersions:
    def test_one_from_the_clock_gives_way_to_the_first_day(self, clock):
        article = an_article()
        article.publish(by=None, at=clock.in_(days=5))
        article.publish(by=None)
        assert {publication.date for publication in article.publications.all()} == {
            clock.now.date()
        }

    def test_one_that_was_typed_stays(self, clock):
        article = an_article(date=date(1999, 1, 1))
        later = article.publish(by=None, at=clock.in_(days=5))
        article.date = None
        article.save()
        article.publish(by=None)
        later.refresh_from_db()
        assert later.date == date(1999, 1, 1)
