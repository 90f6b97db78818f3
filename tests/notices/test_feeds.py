from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.utils import timezone

from tests.builders import a_magazine, a_notice, a_publisher, a_user
from tests.queries import Queries

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


def entries(client) -> list[ElementTree.Element]:
    response = client.get("/feeds/notices/")
    assert (response.status_code, response["Content-Type"]) == (
        200,
        "application/atom+xml; charset=utf-8",
    )
    assert not response.cookies
    return ElementTree.fromstring(response.content).findall(f"{ATOM}entry")  # noqa: S314 - our own


def test_entry_holds_the_whole_notice_with_addresses_in_full(client):
    a_publisher()
    body = '<p>见<a href="/pages/about/">说明</a>。</p><p><img src="/media/a.png" alt=""></p>'
    notice = a_notice(title="系统维护", body=body, signature="某某杂志社")
    notice.contacts.create(magazine=a_magazine(), label="编辑部", telephone="010-12345678")
    [entry] = entries(client)
    assert entry.find(f"{ATOM}title").text == "系统维护"
    assert entry.find(f"{ATOM}id").text == f"tag:testserver,2026:/notices/{notice.pk}/"
    assert [name.text for name in entry.findall(f"{ATOM}author/{ATOM}name")] == ["某某杂志社"]
    content = entry.find(f"{ATOM}content").text
    assert 'href="http://testserver/pages/about/"' in content
    assert 'src="http://testserver/media/a.png"' in content
    assert 'href="tel:010-12345678"' in content
    assert "编辑部" in content


def test_shows_what_is_live_newest_first(client):
    now, hour = timezone.now(), timedelta(hours=1)
    a_notice(starts_at=None)
    a_notice(starts_at=now + hour)
    a_notice(starts_at=now - 2 * hour, ends_at=now - hour)
    today = timezone.localdate()
    for days, title in enumerate(["今", "昨"]):
        a_notice(title=title, date=today - timedelta(days=days), placement="list")
    assert [entry.find(f"{ATOM}title").text for entry in entries(client)] == ["今", "昨"]


@pytest.mark.parametrize("rows", [1, 3])
def test_costs_the_same_at_any_size(client, rows):
    for _ in range(rows):
        a_notice().contacts.create(magazine=a_magazine(), label="编辑部", telephone="010-12345678")
    client.get("/feeds/notices/")
    with Queries() as queries:
        client.get("/feeds/notices/")
    assert len(queries) == 3


@pytest.mark.parametrize(
    ("condition", "validator"), [("if-none-match", "ETag"), ("if-modified-since", "Last-Modified")]
)
def test_answers_304_until_a_notice_comes_changes_or_goes(client, clock, condition, validator):
    first = a_notice(starts_at=clock.now)
    a_notice(starts_at=clock.in_(hours=2), ends_at=clock.in_(hours=5))

    def answer(known) -> int:
        cache.clear()
        return client.get("/feeds/notices/", headers={condition: known[validator]}).status_code

    known = client.get("/feeds/notices/")
    for hours, status in [(1, 304), (1, 200), (1, 304), (2, 200), (1, 304)]:
        clock.move(hours=hours)
        assert answer(known) == status, clock.now
        known = client.get("/feeds/notices/")
    first.title = "改"
    first.save()
    assert answer(known) == 200
    clock.move(hours=1)
    known = client.get("/feeds/notices/")
    first.withdraw(by=a_user())
    assert answer(known) == 200
