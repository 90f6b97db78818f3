from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import Role
from notices.models import Notice, NoticeContact
from tests.builders import a_browser, a_magazine, a_notice, a_publisher, an_admin, an_editor
from tests.forms import form_data, submit

pytestmark = pytest.mark.django_db

WRITTEN = {"title": "新公告", "body": "<p>文。</p>"}
ROW = {"contacts-TOTAL_FORMS": "1", "contacts-0-order": "0"}


@pytest.fixture
def magazine():
    return a_magazine(
        title="本刊", office_email="office@example.cn", office_telephone="010-1234567"
    )


@pytest.fixture
def desk(magazine):
    return a_browser(an_editor(magazine))


@pytest.fixture
def notice(magazine) -> Notice:
    return a_notice(magazine=magazine, scope="magazine", starts_at=None, title="甲公告")


def at(name: str, *args) -> str:
    return reverse(f"admin:notices_notice_{name}", args=args)


def test_an_editor_writes_for_the_own_magazines_pages(desk, magazine):
    assert submit(desk, at("add"), **WRITTEN, scope="magazine").status_code == 302
    notice = Notice.objects.get()
    assert (notice.scope, notice.magazine, notice.starts_at) == ("magazine", magazine, None)


@pytest.mark.parametrize("scope", ["all", "home"])
@pytest.mark.parametrize("whose", ["", "own"])
def test_an_editor_cannot_write_for_all_pages(desk, magazine, scope, whose):
    response = submit(
        desk, at("add"), **WRITTEN, scope=scope, magazine=magazine.pk if whose else ""
    )
    assert "scope" in response.context["adminform"].form.errors
    assert not Notice.objects.exists()


def test_the_administrator_writes_for_all_pages():
    assert submit(a_browser(an_admin()), at("add"), **WRITTEN, scope="all").status_code == 302
    assert Notice.objects.get().magazine is None


def test_a_new_one_knows_who_gives_it(desk):
    a_publisher(name="某杂志社", technical_telephone="010-12345678")
    values = form_data(desk.get(at("add")))
    assert (values["signature"], values["technical_telephone"]) == (["某杂志社"], ["010-12345678"])


@pytest.mark.parametrize("status", ["live", "scheduled", "over", "draft", "nonsense"])
def test_are_found_by_what_readers_see_of_them(desk, magazine, status):
    hour, now = timedelta(hours=1), timezone.now()
    spans = {
        "live": {"starts_at": now - hour},
        "scheduled": {"starts_at": now + hour},
        "over": {"starts_at": now - hour, "ends_at": now},
        "draft": {"starts_at": None},
    }
    for name, span in spans.items():
        a_notice(title=name, magazine=magazine, scope="magazine", **span)
    found = desk.get(at("changelist"), {"status": status}).context["cl"].queryset
    assert {notice.title for notice in found} == ({status} if status in spans else set(spans))


def test_saving_shows_it_to_nobody(desk, client, magazine):
    submit(desk, at("add"), **WRITTEN, scope="magazine")
    assert client.get(Notice.objects.get().get_absolute_url()).status_code == 404


def test_its_start_is_not_typed(desk, notice):
    submit(
        desk,
        at("change", notice.pk),
        starts_at="2020-01-01 08:00",
        starts_at_0="2020-01-01",
        starts_at_1="08:00",
    )
    notice.refresh_from_db()
    assert notice.starts_at is None


def test_it_does_not_end_before_it_starts(desk, magazine):
    notice = a_notice(magazine=magazine, scope="magazine")
    response = submit(desk, at("change", notice.pk), ends_at_0="2020-01-01", ends_at_1="08:00")
    assert gettext("The end is before the start.") in response.content.decode()


@pytest.mark.parametrize("span", [{"hours": -1}, {"hours": 1}])
def test_what_is_over_begins_anew_only_by_publishing(desk, magazine, span):
    instant = timezone.now() + timedelta(**span)
    notice = a_notice(magazine=magazine, scope="magazine", starts_at=instant, ends_at=instant)
    submit(desk, at("change", notice.pk), ends_at_0="", ends_at_1="")
    notice.refresh_from_db()
    assert notice.ends_at == instant
    submit(desk, f"{at('publish')}?ids={notice.pk}")
    notice.refresh_from_db()
    assert notice.is_live()
    assert notice.ends_at is None


def test_its_text_is_cleaned(desk, notice):
    submit(desk, at("change", notice.pk), body='<p onclick="x()">文<script>x()</script></p>')
    notice.refresh_from_db()
    assert notice.body == "<p>文</p>"


class TestContacts:
    def test_are_taken_from_the_magazines_office(self, desk, magazine, notice):
        assert (
            submit(
                desk, at("change", notice.pk), **ROW, **{"contacts-0-magazine": magazine.pk}
            ).status_code
            == 302
        )
        contact = notice.contacts.get()
        assert (contact.label, contact.email, contact.telephone) == (
            "本刊",
            "office@example.cn",
            "010-1234567",
        )

    def test_are_written_changed_and_deleted(self, desk, notice):
        address = at("change", notice.pk)
        submit(
            desk, address, **ROW, **{"contacts-0-label": "某刊", "contacts-0-email": "a@example.cn"}
        )
        submit(desk, address, **{"contacts-0-email": "b@example.cn"})
        assert notice.contacts.get().email == "b@example.cn"
        submit(desk, address, **{"contacts-0-DELETE": "on"})
        assert not notice.contacts.exists()

    def test_say_how_one_is_reached(self, desk, notice):
        response = submit(desk, at("change", notice.pk), **ROW, **{"contacts-0-label": "某刊"})
        assert response.status_code == 200
        assert not notice.contacts.exists()

    def test_of_another_notice_are_out_of_reach(self, desk, notice):
        theirs = a_notice(magazine=a_magazine(), scope="magazine").contacts.create(
            label="他刊", telephone="010-7654321"
        )
        for changed in [{"contacts-0-label": "改"}, {"contacts-0-DELETE": "on"}]:
            taken = {
                "contacts-INITIAL_FORMS": "1",
                "contacts-0-id": theirs.pk,
                "contacts-0-notice": notice.pk,
            }
            submit(desk, at("change", notice.pk), **ROW, **taken, **changed)
        contact = NoticeContact.objects.get()
        assert (contact.notice_id, contact.label) == (theirs.notice_id, "他刊")

    def test_are_not_put_into_another_notice(self, desk, notice):
        theirs = a_notice(magazine=a_magazine(), scope="magazine")
        added = {
            "contacts-0-label": "改",
            "contacts-0-telephone": "010-7654321",
            "contacts-0-notice": theirs.pk,
        }
        submit(desk, at("change", notice.pk), **ROW, **added)
        assert not theirs.contacts.exists()

    def test_name_no_other_magazine(self, desk, notice):
        other = a_magazine(title="他刊", office_telephone="010-7654321")
        assert "他刊" not in desk.get(at("change", notice.pk)).content.decode()
        assert (
            submit(
                desk, at("change", notice.pk), **ROW, **{"contacts-0-magazine": other.pk}
            ).status_code
            == 200
        )
        assert not notice.contacts.exists()

    def test_of_all_magazines_are_the_administrators_to_name(self):
        notice, magazines = (
            a_notice(),
            [a_magazine(office_telephone="010-7654321") for _ in range(3)],
        )
        rows = {f"contacts-{row}-magazine": magazine.pk for row, magazine in enumerate(magazines)}
        orders = {f"contacts-{row}-order": row for row in range(3)}
        sent = {"contacts-TOTAL_FORMS": "3"} | rows | orders
        submit(a_browser(an_admin()), at("change", notice.pk), **sent)
        assert [contact.label for contact in notice.contacts.all()] == [
            magazine.title for magazine in magazines
        ]

    def test_are_read_by_proofreaders_and_not_changed(self, magazine, notice):
        notice.contacts.create(label="某刊", telephone="010-1234567")
        desk = a_browser(an_editor(magazine, Role.PROOFREADER))
        page = desk.get(at("change", notice.pk))
        assert "010-1234567" in page.content.decode()
        assert "contacts-0-label" not in form_data(page)
        assert desk.post(at("change", notice.pk), {"contacts-0-label": "改"}).status_code == 403

    @pytest.mark.parametrize("count", ["", "x", "-1", "100000", "9" * 30])
    def test_survive_nonsense(self, desk, notice, count):
        response = submit(desk, at("change", notice.pk), **{"contacts-TOTAL_FORMS": count})
        assert response.status_code in {200, 302}
        assert not notice.contacts.exists()


class TestDeleting:
    def test_a_draft(self, desk, notice):
        assert desk.post(at("delete", notice.pk), {"post": "yes"}).status_code == 302
        assert not Notice.objects.exists()

    @pytest.mark.parametrize("hours", [-1, 1], ids=["live", "scheduled"])
    def test_what_readers_may_have_seen_is_kept(self, magazine, hours):
        notice = a_notice(
            magazine=magazine, scope="magazine", starts_at=timezone.now() + timedelta(hours=hours)
        )
        draft = a_notice(magazine=magazine, scope="magazine", starts_at=None)
        chosen = {
            "action": "delete_selected",
            "_selected_action": [notice.pk, draft.pk],
            "post": "yes",
        }
        for desk in [a_browser(an_editor(magazine, Role.CHIEF)), a_browser(an_admin())]:
            assert desk.post(at("delete", notice.pk), {"post": "yes"}).status_code == 403
            assert desk.post(at("changelist"), chosen).status_code == 403
            assert at("delete", notice.pk) not in desk.get(at("change", notice.pk)).content.decode()
        assert Notice.objects.count() == 2


class TestList:
    @pytest.mark.parametrize(
        ("starts", "ends", "said"),
        [
            (None, None, "never published"),
            (-1, None, "live"),
            (1, None, "scheduled"),
            (-2, -1, "withdrawn or over"),
            (1, 1, "withdrawn or over"),
        ],
    )
    def test_says_the_status(self, desk, magazine, starts, ends, said):
        now = timezone.now()
        span = {
            name: hours and now + timedelta(hours=hours)
            for name, hours in [("starts_at", starts), ("ends_at", ends)]
        }
        a_notice(magazine=magazine, scope="magazine", **span)
        assert f'field-status">{gettext(said)}<' in desk.get(at("changelist")).content.decode()

    def test_is_searched_in_the_text_too(self, desk, notice):
        for word, found in [("甲公", [notice]), ("正文", [notice]), ("没有", [])]:
            assert list(desk.get(at("changelist"), {"q": word}).context["cl"].result_list) == found


def test_what_readers_see_is_linked(desk, notice):
    assert notice.get_absolute_url() not in desk.get(at("change", notice.pk)).content.decode()
    notice.publish(by=None)
    assert notice.get_absolute_url() in desk.get(at("change", notice.pk)).content.decode()


def test_publishing_makes_an_opened_form_old(desk, notice):
    """Or the form would take back, unseen, when the notice ends."""
    opened = form_data(desk.get(at("change", notice.pk)))
    notice.publish(by=None)
    assert desk.post(at("change", notice.pk), opened).status_code == 200
