from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction

from notices.models import DatePrecision, Notice, NoticeContact, Placement, Scope
from tests.builders import a_magazine, a_notice, a_user

pytestmark = pytest.mark.django_db


def code_of(act, **arguments) -> str:
    with pytest.raises(ValidationError) as refusal:
        act(**arguments)
    return refusal.value.code


class TestNotice:
    def test_stands_at_its_address(self):
        notice = a_notice(title="系统升级公告")
        assert (str(notice), notice.get_absolute_url()) == (
            "系统升级公告",
            f"/notices/{notice.pk}/",
        )

    def test_new_one_is_a_draft_on_all_pages_dated_today(self, clock):
        clock.move(hours=12)
        notice = Notice.objects.create(title="公告", body="<p>文</p>")
        assert (notice.starts_at, notice.scope, notice.placement) == (
            None,
            Scope.ALL,
            Placement.BANNER,
        )
        assert (notice.date, notice.date_precision) == (date(2024, 3, 4), DatePrecision.DAY)
        assert not notice.is_live()

    def test_body_is_cleaned_whatever_saves_it(self):
        notice = a_notice(body='<p onclick="x()">文<script>1</script></p>')
        notice.refresh_from_db()
        assert notice.body == "<p>文</p>"

    @pytest.mark.parametrize(
        ("scope", "named"), [("magazine", False), ("all", True), ("home", True)]
    )
    def test_names_a_magazine_if_it_shows_on_one_s_pages_and_none_otherwise(self, scope, named):
        notice = Notice(
            title="公告", body="<p>文</p>", scope=scope, magazine=a_magazine() if named else None
        )
        with pytest.raises(ValidationError) as refusal:
            notice.full_clean()
        assert [error.code for error in refusal.value.error_dict["__all__"]] == ["scope_magazine"]
        with pytest.raises(IntegrityError), transaction.atomic():
            notice.save()

    @pytest.mark.parametrize(
        ("field", "wrong"),
        [
            ("dismissal_days", 366),
            ("dismissal_days", -1),
            ("technical_telephone", "电话"),
            ("placement", "flying"),
        ],
    )
    def test_fields_are_validated(self, field, wrong):
        with pytest.raises(ValidationError) as refusal:
            Notice(**{"title": "公告", "body": "<p>文</p>", field: wrong}).full_clean()
        assert set(refusal.value.error_dict) == {field}

    def test_newest_first(self):
        older, newest, newer = (a_notice(date=date(2024, *day)) for day in [(1, 1), (3, 1), (1, 1)])
        assert list(Notice.objects.all()) == [newest, newer, older]

    def test_its_magazine_is_kept(self):
        notice = a_notice(scope="magazine", magazine=a_magazine())
        with pytest.raises(models.ProtectedError):
            notice.magazine.delete()


class TestPublish:
    def test_shows_it_at_once(self, clock):
        editor, notice = a_user(), a_notice(starts_at=None)
        clock.move(hours=1)
        notice.publish(by=editor)
        notice.refresh_from_db()
        assert (notice.starts_at, notice.ends_at, notice.updated_by) == (clock.now, None, editor)
        assert notice.updated_at == clock.now
        assert notice.is_live()

    def test_or_from_an_instant_on(self, clock):
        notice = a_notice(starts_at=None)
        notice.publish(by=None, at=clock.in_(hours=1))
        notice.refresh_from_db()
        assert (notice.is_live(), notice.is_scheduled, notice.is_live(clock.in_(hours=1))) == (
            False,
            True,
            True,
        )

    def test_keeps_the_end_that_was_set(self, clock):
        notice = a_notice(starts_at=None, ends_at=clock.in_(hours=5))
        notice.publish(by=None)
        notice.refresh_from_db()
        assert notice.ends_at == clock.in_(hours=5)

    @pytest.mark.parametrize("hours", [-1, 0])
    def test_an_end_that_would_hide_it_is_forgotten(self, clock, hours):
        notice = a_notice(starts_at=clock.in_(hours=-2), ends_at=clock.in_(hours=hours))
        notice.publish(by=None, at=clock.in_(hours=1))
        notice.refresh_from_db()
        assert (notice.starts_at, notice.ends_at) == (clock.in_(hours=1), None)

    def test_again_after_a_withdrawal(self, clock):
        notice = a_notice(starts_at=None)
        notice.publish(by=None)
        clock.move(hours=1)
        notice.withdraw(by=None)
        clock.move(hours=1)
        notice.publish(by=None)
        assert notice.is_live()

    def test_not_for_an_instant_that_has_passed(self, clock):
        notice = a_notice(starts_at=None)
        assert code_of(notice.publish, by=None, at=clock.in_(hours=-1)) == "in_the_past"
        notice.refresh_from_db()
        assert notice.starts_at is None

    def test_writes_the_span_and_nothing_else(self):
        notice = a_notice(starts_at=None, title="已存")
        notice.title = "未存"
        notice.publish(by=None)
        notice.refresh_from_db()
        assert notice.title == "已存"


class TestPublishingWhatIsLive:
    def test_now_keeps_its_start(self, clock):
        notice = a_notice(starts_at=clock.in_(hours=-1))
        notice.publish(by=None)
        notice.refresh_from_db()
        assert (notice.starts_at, notice.is_live()) == (clock.in_(hours=-1), True)

    def test_later_is_refused_and_it_stays(self, clock):
        notice = a_notice(starts_at=clock.in_(hours=-1))
        with pytest.raises(ValidationError) as caught:
            notice.publish(by=None, at=clock.in_(hours=1))
        assert caught.value.code == "live_already"
        notice.refresh_from_db()
        assert notice.is_live()


class TestWithdraw:
    def test_takes_it_from_readers_at_once(self, clock):
        editor, notice = a_user(), a_notice(starts_at=clock.in_(hours=-1))
        notice.withdraw(by=editor)
        notice.refresh_from_db()
        assert (notice.ends_at, notice.updated_by, notice.is_live()) == (clock.now, editor, False)

    def test_what_is_scheduled_never_appears(self, clock):
        notice = a_notice(starts_at=clock.in_(hours=1))
        notice.withdraw(by=None)
        notice.refresh_from_db()
        assert notice.starts_at == notice.ends_at == clock.in_(hours=1)
        assert not notice.is_scheduled
        assert not notice.is_live(clock.in_(hours=1))

    def test_nothing_to_withdraw(self, clock):
        for span in [(None, None), (-2, -1), (1, 1)]:
            starts_at, ends_at = (hours and clock.in_(hours=hours) for hours in span)
            notice = a_notice(starts_at=starts_at, ends_at=ends_at)
            assert code_of(notice.withdraw, by=None) == "not_published"
            notice.refresh_from_db()
            assert notice.ends_at == ends_at


class TestStaleInstance:
    """The instance at hand was loaded before another process changed the row."""

    def test_publish_uses_the_row_that_was_withdrawn_meanwhile(self, clock):
        notice = a_notice(starts_at=clock.in_(hours=-1))
        stale = Notice.objects.get(pk=notice.pk)
        notice.withdraw(by=None)
        clock.move(minutes=1)
        stale.publish(by=None)
        for shown in (stale, Notice.objects.get(pk=notice.pk)):
            assert (shown.starts_at, shown.ends_at) == (clock.now, None)

    def test_publish_refuses_to_delay_a_notice_that_went_live_meanwhile(self, clock):
        notice = a_notice(starts_at=None)
        stale = Notice.objects.get(pk=notice.pk)
        notice.publish(by=None)
        assert code_of(stale.publish, by=None, at=clock.in_(hours=1)) == "live_already"
        assert Notice.objects.get(pk=notice.pk).is_live()

    def test_withdraw_ends_a_notice_that_was_published_meanwhile(self, clock):
        editor = a_user()
        notice = a_notice(starts_at=None)
        stale = Notice.objects.get(pk=notice.pk)
        notice.publish(by=None)
        clock.move(minutes=1)
        stale.withdraw(by=editor)
        assert (stale.ends_at, stale.updated_by) == (clock.now, editor)
        assert not Notice.objects.get(pk=notice.pk).is_live()

    def test_withdraw_refuses_a_notice_that_was_withdrawn_meanwhile(self, clock):
        notice = a_notice(starts_at=clock.in_(hours=-1))
        stale = Notice.objects.get(pk=notice.pk)
        notice.withdraw(by=None)
        ended_at = notice.ends_at
        clock.move(minutes=1)
        assert code_of(stale.withdraw, by=None) == "not_published"
        assert Notice.objects.get(pk=notice.pk).ends_at == ended_at


@pytest.mark.django_db(transaction=True)
def test_withdraw_in_two_transactions_succeeds_once():
    notice = a_notice()
    barrier = Barrier(2)

    def withdraw(instance: Notice) -> str:
        try:
            barrier.wait()
            instance.withdraw(by=None)
        except ValidationError as refusal:
            return refusal.code
        finally:
            connection.close()
        return "done"

    instances = [Notice.objects.get(pk=notice.pk) for _ in range(2)]
    with ThreadPoolExecutor(2) as threads:
        outcome = list(threads.map(withdraw, instances))
    assert sorted(outcome) == ["done", "not_published"]


class TestRevision:
    TOLD = [
        ("title", "另题"),
        ("body", "<p>另文</p>"),
        ("signature", "另一单位"),
        ("technical_telephone", "010-11111111"),
        ("closing", "敬请谅解"),
        ("date", date(2020, 1, 1)),
        ("date_precision", "month"),
    ]
    NOT_TOLD = [
        ("placement", "popup"),
        ("scope", "home"),
        ("order", 9),
        ("dismissal_days", 9),
        ("ends_at", None),
    ]

    def revision(self, notice) -> str:
        return Notice.objects.get(pk=notice.pk).revision

    @pytest.mark.parametrize(("field", "value"), TOLD)
    def test_changes_with_what_readers_are_told(self, field, value):
        notice = a_notice()
        before = self.revision(notice)
        setattr(notice, field, value)
        notice.save()
        assert self.revision(notice) != before

    @pytest.mark.parametrize(("field", "value"), NOT_TOLD)
    def test_stays_with_all_else(self, field, value):
        notice = a_notice()
        before = self.revision(notice)
        setattr(notice, field, value)
        notice.save()
        assert self.revision(notice) == before

    @pytest.mark.parametrize(
        ("field", "value"),
        [("label", "另一刊"), ("email", "b@example.cn"), ("telephone", "010-22222222")],
    )
    def test_changes_with_its_contacts(self, field, value):
        notice = a_notice()
        revisions = [self.revision(notice)]
        contact = notice.contacts.create(label="刊", email="a@example.cn", telephone="010-11111111")
        revisions.append(self.revision(notice))
        setattr(contact, field, value)
        contact.save()
        revisions.append(self.revision(notice))
        assert len(set(revisions)) == 3
        contact.delete()
        assert self.revision(notice) == revisions[0]

    def test_every_field_is_either_told_or_not(self):
        known = {name for name, _ in self.TOLD + self.NOT_TOLD}
        assert {field.name for field in Notice._meta.local_fields} - known == {
            "id", "updated_at", "updated_by", "starts_at", "magazine",
        }  # fmt: skip


class TestContact:
    OFFICE = {
        "title": "财务研究",
        "office_email": "cwyj@example.cn",
        "office_telephone": "010-12345678",
    }

    def test_is_taken_from_the_magazine_s_office(self):
        contact = a_notice().contacts.create(magazine=a_magazine(**self.OFFICE))
        contact.refresh_from_db()
        assert (contact.label, contact.email, contact.telephone) == (
            "财务研究",
            "cwyj@example.cn",
            "010-12345678",
        )
        assert str(contact) == "财务研究"

    def test_what_was_entered_stays(self):
        contact = a_notice().contacts.create(
            magazine=a_magazine(**self.OFFICE), label="编务", telephone="010-87654321"
        )
        contact.refresh_from_db()
        assert (contact.label, contact.email, contact.telephone) == (
            "编务",
            "cwyj@example.cn",
            "010-87654321",
        )

    def test_is_a_record_of_what_was_told(self):
        magazine = a_magazine(**self.OFFICE)
        contact = a_notice().contacts.create(magazine=magazine)
        magazine.office_email = "neu@example.cn"
        magazine.save()
        contact.refresh_from_db()
        assert contact.email == "cwyj@example.cn"
        magazine.delete()
        contact.refresh_from_db()
        assert (contact.magazine, contact.label) == (None, "财务研究")

    @pytest.mark.parametrize(
        "entered",
        [{}, {"label": "刊"}, {"email": "a@example.cn"}, {"telephone": "010-12345678"}],
        ids=str,
    )
    def test_needs_a_label_and_a_way_to_reach_it(self, entered):
        contact = NoticeContact(notice=a_notice(), **entered)
        with pytest.raises(ValidationError) as refusal:
            contact.full_clean()
        assert [error.code for error in refusal.value.error_dict["__all__"]] == ["empty_contact"]

    def test_an_office_without_telephone_and_email_is_not_enough(self):
        with pytest.raises(ValidationError):
            NoticeContact(notice=a_notice(), magazine=a_magazine()).full_clean()

    def test_form_is_filled_from_the_office_too(self):
        contact = NoticeContact(notice=a_notice(), magazine=a_magazine(**self.OFFICE))
        contact.full_clean()
        assert contact.email == "cwyj@example.cn"

    def test_stand_in_their_order(self):
        notice = a_notice()
        third, first, second = (
            notice.contacts.create(label="刊", order=order) for order in (2, 1, 1)
        )
        assert list(notice.contacts.all()) == [first, second, third]
