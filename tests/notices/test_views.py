import re
from datetime import date

import pytest

from tests.builders import a_magazine, a_notice
from web import pagination as paging

pytestmark = pytest.mark.django_db


class TestNotices:
    def test_every_live_one_wherever_it_shows_the_newest_first(self, client, clock):
        shown = [
            a_notice(date=date(2024, 1, 1), placement="list"),
            a_notice(date=date(2024, 1, 2), placement="popup", scope="home"),
            a_notice(date=date(2024, 1, 3), scope="magazine", magazine=a_magazine()),
        ]
        a_notice(starts_at=None)
        a_notice(starts_at=clock.in_(hours=1))
        a_notice(ends_at=clock.now)
        response = client.get("/notices/")
        assert list(response.context["page"]) == shown[::-1]
        assert all(notice.get_absolute_url() in response.text for notice in shown)

    def test_a_page_at_a_time(self, client):
        notices = [a_notice(date=date(2024, 1, 1)) for _ in range(paging.PER_PAGE + 1)]
        assert [
            list(client.get("/notices/", {"page": page}).context["page"]) for page in (1, 2)
        ] == [
            notices[:0:-1],
            notices[:1],
        ]

    def test_none_yet(self, client):
        assert client.get("/notices/").status_code == 200


class TestNotice:
    def test_shows_all_that_it_tells(self, client):
        notice = a_notice(
            title="系统升级公告", body="<p>各位作者：</p><p>系统将于近日升级。</p>", technical_telephone="010-88220000",
            closing="不便之处，敬请谅解。", signature="某某杂志社", date=date(2023, 11, 5),
        )  # fmt: skip
        notice.contacts.create(label="财务研究", email="cwyj@example.cn", telephone="010-12345678")
        page = client.get(notice.get_absolute_url()).text
        told = [
            ">系统升级公告</h1>", "<p>各位作者：</p>", "<p>系统将于近日升级。</p>", "财务研究",
            "mailto:cwyj@example.cn", "010-12345678", "010-88220000", "不便之处，敬请谅解。",
            "某某杂志社", "2023年11月5日",
        ]  # fmt: skip
        assert sorted((text for text in told if text in page), key=page.index) == told

    @pytest.mark.parametrize(
        ("precision", "shown"), [("day", "2023年11月5日"), ("month", "2023年11月")]
    )
    def test_date_is_as_precise_as_it_should_be(self, client, precision, shown):
        notice = a_notice(date=date(2023, 11, 5), date_precision=precision)
        page = client.get(notice.get_absolute_url()).text
        assert set(re.findall(r"2023年11月(?:\d+日)?", page)) == {shown}

    def test_with_nothing_but_title_and_text(self, client):
        page = client.get(a_notice(title="公告").get_absolute_url()).text
        assert ">公告</h1>" in page
        assert "None" not in page
        assert "mailto:" not in page

    def test_of_a_magazine_carries_its_colour(self, client):
        notice = a_notice(scope="magazine", magazine=a_magazine(accent="plum"))
        assert "accent-plum" in client.get(notice.get_absolute_url()).text

    def test_from_its_start_until_just_before_its_end(self, client, clock):
        notice = a_notice(starts_at=clock.in_(hours=1), ends_at=clock.in_(hours=2))
        seen = []
        for _ in range(3):
            seen.append(client.get(notice.get_absolute_url()).status_code)
            clock.move(hours=1)
        assert seen == [404, 200, 404]
