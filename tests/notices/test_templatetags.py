import pytest

from notices.templatetags.notices import latest_notices, page_notices
from tests.builders import a_magazine, a_notice, a_page, a_publication, an_issue
from web.site_version import version_tracker

pytestmark = pytest.mark.django_db


class TestPageNotices:
    def test_each_where_it_shows(self):
        magazine, other = a_magazine(), a_magazine()
        everywhere, at_home = a_notice(order=1), a_notice(order=2, scope="home")
        of_magazine = a_notice(order=3, scope="magazine", magazine=magazine)
        assert page_notices() == [everywhere]
        assert page_notices(home=True) == [everywhere, at_home]
        assert page_notices(magazine=magazine) == [everywhere, of_magazine]
        assert page_notices(magazine=other) == [everywhere]
        assert page_notices(magazine="") == [everywhere]

    def test_live_ones_that_stand_on_pages(self, clock):
        live = a_notice(starts_at=clock.now)
        a_notice(starts_at=None)
        a_notice(starts_at=clock.in_(hours=1))
        a_notice(ends_at=clock.now)
        a_notice(placement="list")
        assert page_notices() == [live]

    def test_read_once_for_many_pages(self, django_assert_num_queries):
        notice = a_notice()
        notice.contacts.create(label="刊", telephone="010-12345678")
        version_tracker.refresh()
        with django_assert_num_queries(2):
            page_notices()
        with django_assert_num_queries(0):
            told = [(shown.revision, len(shown.contacts.all())) for shown in page_notices()]
        assert told == [(notice.revision, 1)]

    def test_none_is_an_answer_worth_keeping(self, django_assert_num_queries):
        version_tracker.refresh()
        with django_assert_num_queries(1):
            page_notices()
            page_notices()


class TestOnPages:
    def test_each_stands_on_its_pages(self, client):
        issue, other = an_issue(), a_magazine()
        article = a_publication(issue=issue)
        notices = {
            "all": a_notice(title="全站公告"),
            "home": a_notice(title="首页公告", scope="home", placement="popup"),
            "magazine": a_notice(
                title="本刊公告", scope="magazine", magazine=issue.magazine, placement="popup"
            ),
        }
        shown = {}
        for thing in [None, issue.magazine, issue, article, other, a_page(), article.column]:
            page = client.get(thing.get_absolute_url() if thing else "/").text
            shown[thing] = {
                name for name, notice in notices.items() if f'data-notice="{notice.pk}"' in page
            }
        assert shown.pop(None) == {"all", "home"}
        assert [shown.pop(thing) for thing in [issue.magazine, issue, article]] == [
            {"all", "magazine"}
        ] * 3
        assert set(map(frozenset, shown.values())) == {frozenset({"all"})}

    def test_popup_tells_everything_without_a_script(self, client):
        notice = a_notice(
            placement="popup", title="系统升级", body="<p>近日升级。</p>", dismissal_days=3
        )
        notice.contacts.create(label="财务研究", email="cwyj@example.cn")
        dialog = client.get("/").text.partition("<dialog")[2].partition("</dialog>")[0]
        for told in ["系统升级", "<p>近日升级。</p>", "财务研究", "mailto:cwyj@example.cn"]:
            assert told in dialog
        assert " open" in dialog.partition(">")[0]
        assert f'data-revision="{notice.revision}"' in dialog
        assert 'data-days="3"' in dialog

    def test_an_edited_notice_counts_as_new(self, client):
        notice = a_notice(placement="popup", title="甲")
        before = notice.revision
        notice.title = "乙"
        notice.save()
        page = client.get("/").text
        assert before not in page
        assert notice.revision in page

    def test_its_own_page_says_it_once(self, client):
        notice = a_notice(placement="popup", body="<p>近日升级。</p>")
        assert client.get(notice.get_absolute_url()).text.count("<p>近日升级。</p>") == 1


def test_latest_notices_are_the_newest_live_ones_of_every_placement(clock):
    notices = [a_notice(date=f"2024-01-0{day}", placement="list") for day in range(1, 5)]
    a_notice(date="2024-02-01", starts_at=None)
    a_notice(date="2024-02-01", starts_at=clock.in_(hours=1))
    assert list(latest_notices(3)) == notices[:0:-1]
