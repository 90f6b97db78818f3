from datetime import date

import pytest

from articles.models import Article, Publication
from tests.builders import a_column, a_magazine, a_publication, an_article, an_issue

pytestmark = pytest.mark.django_db


class TestWithStatus:
    def status(self, **instant) -> tuple:
        article = Article.objects.with_status(**instant).get()
        return article.live, article.pending, article.published, article.pending_from

    def test_draft(self):
        an_article()
        assert self.status() == (False, False, False, None)

    def test_live(self, clock):
        a_publication(starts_at=clock.now)
        assert self.status() == (True, False, True, None)

    def test_scheduled(self, clock):
        a_publication(starts_at=clock.in_(hours=1))
        assert self.status() == (False, True, False, clock.in_(hours=1))
        assert self.status(at=clock.in_(hours=2)) == (True, False, True, None)

    def test_live_with_changes_scheduled_says_when_the_next_comes(self, clock):
        version = a_publication(starts_at=clock.now, ends_at=clock.in_(hours=1))
        a_publication(version.article, starts_at=clock.in_(hours=2))
        a_publication(version.article, starts_at=clock.in_(hours=1), ends_at=clock.in_(hours=2))
        assert self.status() == (True, True, True, clock.in_(hours=1))

    def test_withdrawn(self, clock):
        a_publication(starts_at=clock.in_(hours=-2), ends_at=clock.in_(hours=-1))
        assert self.status() == (False, False, True, None)

    def test_cancelled_before_anyone_saw_it(self, clock):
        a_publication(starts_at=clock.in_(hours=-1), ends_at=clock.in_(hours=-1))
        assert self.status() == (False, False, False, None)


class TestSeenAndPending:
    def test_cancelled_ones_are_neither(self, clock):
        gone = a_publication(starts_at=clock.in_(hours=-2), ends_at=clock.in_(hours=-1))
        live = a_publication(starts_at=clock.now)
        coming = a_publication(starts_at=clock.in_(hours=1))
        ending = a_publication(starts_at=clock.in_(hours=1), ends_at=clock.in_(hours=2))
        a_publication(starts_at=clock.in_(hours=1), ends_at=clock.in_(hours=1))
        assert set(Publication.objects.seen()) == {gone, live, coming, ending}
        assert set(Publication.objects.pending()) == {coming, ending}
        assert set(Publication.objects.pending(clock.in_(hours=-1))) == {live, coming, ending}
        assert set(Publication.objects.pending(clock.in_(hours=1))) == set()


class TestCards:
    def test_newest_date_first_and_then_the_newest_article(self):
        first = a_publication(date=date(2024, 1, 1))
        second = a_publication(date=date(2024, 1, 1))
        newest = a_publication(date=date(2024, 2, 1))
        assert list(Publication.objects.for_cards()) == [newest, second, first]

    def test_a_corrected_piece_keeps_its_place(self, clock):
        first, second = an_article(), an_article()
        first.publish(by=None)
        clock.move(days=1)
        second.publish(by=None)
        clock.move(days=1)
        first.publish(by=None)
        assert [card.article for card in Publication.objects.live().for_cards()] == [second, first]

    def test_saving_a_working_copy_moves_nothing(self, clock):
        column, issue = a_column(), an_issue()
        older, newer = (
            a_publication(column=column, issue=issue, date=date(2024, 1, 1)) for _ in range(2)
        )
        clock.move(days=1)
        older.article.save()
        assert (
            list(Publication.objects.for_cards())
            == list(Publication.objects.all())
            == [newer, older]
        )
        assert list(Publication.objects.for_cards().in_contents_order()) == [older, newer]
        assert "articles_article" not in str(Publication.objects.for_cards().query)

    def test_everything_but_the_text_in_one_query(self, django_assert_num_queries):
        for _ in range(3):
            a_publication(magazine=a_magazine())
        with django_assert_num_queries(1):
            cards = [
                (card.title, card.column.title, card.magazine.title)
                for card in Publication.objects.for_cards()
            ]
        assert len(cards) == 3
        assert "body" in Publication.objects.for_cards()[0].get_deferred_fields()

    def test_table_of_contents_is_ordered_by_place(self):
        issue = an_issue()
        third, first, second = (
            a_publication(issue=issue, position=position) for position in (3, 1, 1)
        )
        assert list(Publication.objects.for_cards().in_contents_order()) == [first, second, third]


class TestNeighbours:
    def walk(self, publication, live) -> list:
        """From a publication to the first one before it, and from there through all that follow."""
        while previous := live.for_cards().before(publication).first():
            publication = previous
        found = [publication]
        while following := live.for_cards().after(found[-1]).first():
            found.append(following)
        return found

    def test_in_an_issue_they_stand_in_the_order_of_its_contents(self):
        issue, column = an_issue(), a_column()
        third, first, second, last = (
            a_publication(
                issue=issue, column=column, position=position, date=date(2024, 1, 10 - position)
            )
            for position in (2, 1, 1, 9)
        )
        a_publication(column=column, position=2)
        a_publication(issue=an_issue(magazine=issue.magazine), column=column, position=2)
        first.article.save()
        for start in [first, second, third, last]:
            assert self.walk(start, Publication.objects.live()) == [first, second, third, last]

    def test_outside_of_issues_the_column_s_older_and_newer_ones(self):
        column = a_column()
        newest, first, second, third = (
            a_publication(column=column, date=date(2024, month, 1)) for month in (5, 1, 1, 3)
        )
        a_publication(date=date(2024, 2, 1))
        first.article.save()
        for start in [first, second, third, newest]:
            assert self.walk(start, Publication.objects.live()) == [first, second, third, newest]

    def test_what_readers_may_not_see_is_stepped_over(self, clock):
        column = a_column()
        first, hidden, last = (
            a_publication(column=column, date=date(2024, month, 1)) for month in (1, 2, 3)
        )
        hidden.article.withdraw(by=None, reason="误")
        an_article(column=column)
        a_publication(column=column, date=date(2024, 2, 2), starts_at=clock.in_(hours=1))
        assert self.walk(last, Publication.objects.live()) == [first, last]

    def test_alone_it_has_none(self):
        publication = a_publication()
        assert not Publication.objects.live().before(publication).exists()
        assert not Publication.objects.live().after(publication).exists()
