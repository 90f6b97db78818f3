from datetime import date

import pytest

from articles.home import home_page
from tests.builders import a_column, a_magazine, a_publication, an_article

pytestmark = pytest.mark.django_db


class TestColumns:
    def test_show_their_newest_cards(self, clock):
        second, first = a_column(order=2), a_column(order=1)
        days = [date(2024, month, 1) for month in (3, 5, 4, 8, 7, 6, 2)]
        publications = [a_publication(column=second, date=day) for day in days]
        other = a_publication(column=first)
        newest = sorted(publications, key=lambda publication: publication.date, reverse=True)[:6]
        assert [(column, column.latest) for column in home_page().columns] == [
            (first, [other]),
            (second, newest),
        ]

    def test_without_anything_readers_may_see_are_left_out(self, clock):
        column = a_column()
        an_article(column=column)
        a_publication(column=column, starts_at=clock.in_(hours=1))
        a_publication(column=column, starts_at=clock.in_(hours=-2), ends_at=clock.in_(hours=-1))
        assert home_page().columns == []

    def test_that_are_not_for_the_home_page_are_left_out(self):
        shown = a_publication().column
        a_publication(column=a_column(on_home_page=False))
        assert home_page().columns == [shown]


def test_leads_are_the_newest_lead_stories(clock):
    column = a_column()
    leads = [
        a_publication(column=column, lead=True, date=date(2024, 1, day))
        for day in (1, 7, 3, 4, 6, 5)
    ]
    a_publication(column=column, lead=True, starts_at=clock.in_(hours=1))
    a_publication(column=column)
    newest = sorted(leads, key=lambda publication: publication.date, reverse=True)
    assert home_page().leads == newest[:5]


@pytest.mark.parametrize("rows", [1, 3])
def test_costs_three_queries_and_no_text(rows, django_assert_num_queries):
    for _ in range(rows):
        column = a_column()
        for _ in range(rows):
            a_publication(column=column, magazine=a_magazine(), lead=True)
    with django_assert_num_queries(3) as queries:
        leads, columns, _ = home_page()
        cards = [*leads, *(card for column in columns for card in column.latest)]
        assert len(
            [(card.title, card.column.title, card.abstract) for card in cards]
        ) == rows**2 + min(rows**2, 5)
    assert not any("body" in query["sql"] for query in queries.captured_queries)
