from datetime import date

import pytest

from notices.models import Notice
from tests.builders import a_magazine, a_notice

pytestmark = pytest.mark.django_db


def test_cards_are_the_newest_first_and_without_their_text(django_assert_num_queries):
    older, newest, newer = (a_notice(date=date(2024, *day)) for day in [(1, 1), (3, 1), (1, 1)])
    with django_assert_num_queries(1):
        cards = list(Notice.objects.for_cards())
        assert [(card, card.title) for card in cards] == [
            (newest, newest.title), (newer, newer.title), (older, older.title),
        ]  # fmt: skip
    assert cards[0].get_deferred_fields() == {"body"}


def test_shown_on_pages_are_popups_and_banners_by_order_and_the_newest_first(clock):
    third = a_notice(order=2, placement="popup")
    second = a_notice(order=1, starts_at=clock.in_(hours=-2))
    first = a_notice(order=1, starts_at=clock.in_(hours=-1))
    newer = a_notice(order=1, starts_at=clock.in_(hours=-1))
    a_notice(placement="list")
    assert list(Notice.objects.shown_on_pages()) == [newer, first, second, third]


@pytest.mark.parametrize("rows", [1, 3])
def test_shown_on_pages_come_with_their_contacts(rows, django_assert_num_queries):
    for _ in range(rows):
        notice = a_notice()
        for _ in range(rows):
            notice.contacts.create(magazine=a_magazine())
    with django_assert_num_queries(2):
        shown = Notice.objects.shown_on_pages()
        assert [len(notice.contacts.all()) for notice in shown] == [rows] * rows
        assert len({notice.revision for notice in shown}) == rows
