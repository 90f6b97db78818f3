from datetime import date, timedelta

import pytest
from django.utils import timezone

from articles.archive import live_months
from tests.builders import a_column, a_publication, an_article

pytestmark = pytest.mark.django_db


def titles(response) -> list[str]:
    return [publication.title for publication in response.context["page"]]


@pytest.fixture
def years(clock) -> None:
    column = a_column()
    for day in [
        date(2024, 1, 31),
        date(2024, 1, 1),
        date(2023, 12, 31),
        date(2019, 6, 15),
        date(2019, 7, 1),
    ]:
        a_publication(title=str(day), date=day, column=column)


class TestMonths:
    def test_are_those_with_something_live_newest_first(self, years):
        assert [f"{month:%Y-%m-%d}" for month in live_months()] == [
            "2024-01-01", "2023-12-01", "2019-07-01", "2019-06-01",
        ]  # fmt: skip

    def test_none_where_nothing_is_live(self, clock):
        assert live_months() == []

    def test_what_readers_may_not_see_does_not_count(self, years, clock):
        an_article(date=date(2001, 1, 1))
        a_publication(date=date(2002, 1, 1), starts_at=clock.in_(hours=1))
        a_publication(
            date=date(2030, 1, 1), starts_at=clock.in_(hours=-2), ends_at=clock.in_(hours=-1)
        )
        a_publication(
            date=date(2018, 6, 1), starts_at=clock.in_(hours=-2), ends_at=clock.in_(hours=-1)
        )
        assert len(live_months()) == 4
        assert date(2002, 1, 1) in live_months(clock.in_(hours=2))

    def test_years_that_have_no_address_are_left_out(self, client, clock):
        for day in [date(1, 1, 1), date(206, 7, 1), date(1000, 2, 28), date(9999, 12, 31)]:
            a_publication(date=day)
        assert [month.year for month in live_months()] == [9999, 1000]
        for address in ["/archive/", "/sitemap.xml", "/sitemap-archive-1.xml", "/", "/feeds/"]:
            assert client.get(address).status_code == 200

    def test_cost_one_query(self, years, django_assert_num_queries):
        with django_assert_num_queries(1):
            live_months()


class TestPages:
    def test_archive_links_every_year_and_month(self, client, years):
        page = client.get("/archive/").text
        for link in ["2024/", "2024/1/", "2023/", "2023/12/", "2019/", "2019/6/", "2019/7/"]:
            assert page.count(f'href="/archive/{link}"') == 1
        assert page.count('href="/archive/') == 7 + 1  # the footer's
        assert 'href="/archive/2019/8/"' not in page

    def test_archive_of_an_empty_house_is_there(self, client):
        assert client.get("/archive/").status_code == 200

    def test_month_lists_its_own_the_newest_first(self, client, years):
        assert titles(client.get("/archive/2024/1/")) == ["2024-01-31", "2024-01-01"]
        assert titles(client.get("/archive/2023/12/")) == ["2023-12-31"]

    def test_year_lists_its_own_and_links_its_months(self, client, years):
        response = client.get("/archive/2019/")
        assert titles(response) == ["2019-07-01", "2019-06-15"]
        assert 'href="/archive/2019/7/"' in response.text
        assert 'href="/archive/2024/' not in response.text

    def test_month_says_where_it_is(self, client, years):
        page = client.get("/archive/2019/7/").text
        assert '<h1 class="page-title">2019年7月</h1>' in page
        assert '<a href="/archive/2019/">' in page
        assert '<a href="/archive/2019/7/" aria-current="page">' in page

    def test_long_month_is_cut_into_pages(self, client, clock):
        column = a_column()
        for number in range(23):
            a_publication(title=f"第{number}篇", date=date(2024, 1, number + 1), column=column)
        assert titles(client.get("/archive/2024/1/", {"page": "2"})) == ["第2篇", "第1篇", "第0篇"]
        assert (
            'href="http://testserver/archive/2024/1/?page=2"'
            in client.get("/archive/2024/1/", {"page": "2"}).text
        )
        assert client.get("/archive/2024/1/", {"page": "99"}).status_code == 404

    @pytest.mark.parametrize(
        "address",
        ["2018/", "2024/2/", "2024/0/", "2024/13/", "2024/01/", "0/", "0000/", "0001/1/", "99999/", "9999/12/", "x/",
         "2024/x/", "-1/", "２０２４/", "2024/１/", "2024/1/1/", "%00/"],
    )  # fmt: skip
    def test_period_without_anything_is_not_found(self, client, years, address):
        assert client.get(f"/archive/{address}").status_code == 404

    def test_nothing_hidden_gives_a_period_its_page(self, client, clock):
        tomorrow = timezone.now() + timedelta(days=1)
        a_publication(date=date(2002, 1, 1), starts_at=tomorrow)
        assert client.get("/archive/2002/1/").status_code == 404
