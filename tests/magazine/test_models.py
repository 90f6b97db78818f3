from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from magazine.models import Issue, Magazine, Page, Publisher
from tests.builders import a_magazine, a_page, a_picture, a_publisher, an_issue

pytestmark = pytest.mark.django_db


class TestPublisher:
    def test_there_is_one_row(self):
        a_publisher(name="甲社")
        Publisher(name="乙社", sponsor="乙").save()
        assert [(house.pk, house.name) for house in Publisher.objects.all()] == [(1, "乙社")]

    @pytest.mark.parametrize(
        "add",
        [
            lambda: a_publisher(),
            lambda: Publisher.objects.bulk_create([Publisher(pk=2, name="乙社", sponsor="乙")]),
            lambda: Publisher.objects.update(id=2),
        ],
    )
    def test_no_second_row_by_any_door(self, add):
        a_publisher()
        with pytest.raises(IntegrityError), transaction.atomic():
            add()
        assert [house.pk for house in Publisher.objects.all()] == [1]

    @pytest.mark.parametrize(
        "delete",
        [lambda house: house.delete(), lambda house: Publisher.objects.all().delete()],
        ids=["row", "queryset"],
    )
    def test_cannot_be_deleted(self, delete):
        house = a_publisher()
        with pytest.raises(models.ProtectedError):
            delete(house)
        assert Publisher.objects.count() == 1

    def test_is_called_by_its_name(self):
        assert str(a_publisher(name="某某杂志社")) == "某某杂志社"

    @pytest.mark.parametrize(
        ("number", "code"),
        [
            ("京公网安备 11010802030967号", "11010802030967"),
            ("京公网安备11010802030967号", "11010802030967"),
            ("11010802030967", "11010802030967"),
            ("", ""),
        ],
    )
    def test_police_code_is_the_number_s_digits(self, number, code):
        assert Publisher(police_number=number).police_code == code


class TestGreyPeriod:
    START = datetime(2024, 12, 13, tzinfo=timezone.get_default_timezone())
    END = START + timedelta(days=1)
    INSTANT = timedelta(microseconds=1)

    @pytest.mark.parametrize(
        ("at", "grey"),
        [(START - INSTANT, False), (START, True), (END - INSTANT, True), (END, False)],
    )
    def test_from_its_start_until_just_before_its_end(self, at, grey):
        assert a_publisher(grey_starts_at=self.START, grey_ends_at=self.END).is_grey(at) is grey

    def test_is_asked_about_now(self):
        now = timezone.now()
        assert Publisher(
            grey_starts_at=now - timedelta(hours=1), grey_ends_at=now + timedelta(hours=1)
        ).is_grey()

    @pytest.mark.parametrize("period", [{}, {"grey_starts_at": START}, {"grey_ends_at": END}])
    def test_without_both_ends_nothing_is_grey(self, period):
        assert Publisher(**period).is_grey(self.START) is False

    @pytest.mark.parametrize(
        ("start", "end"), [(START, None), (None, END), (END, START), (START, START)]
    )
    def test_has_a_start_and_a_later_end(self, start, end):
        house = Publisher(name="社", sponsor="社", grey_starts_at=start, grey_ends_at=end)
        with pytest.raises(ValidationError) as refusal:
            house.full_clean()
        assert [error.code for error in refusal.value.error_dict["__all__"]] == ["grey_period"]
        with pytest.raises(IntegrityError), transaction.atomic():
            house.save()


class TestMagazine:
    def test_stands_at_its_address(self):
        magazine = a_magazine(title="财务研究", slug="cwyj")
        assert (str(magazine), magazine.get_absolute_url()) == ("财务研究", "/magazines/cwyj/")

    def test_belongs_to_itself(self):
        magazine = a_magazine()
        assert magazine.magazine_id == magazine.pk

    def test_by_their_order_and_then_by_age(self):
        third, first, second = a_magazine(order=2), a_magazine(order=1), a_magazine(order=1)
        assert list(Magazine.objects.all()) == [first, second, third]

    @pytest.mark.parametrize("name", ["title", "slug"])
    def test_title_and_address_are_unique(self, name):
        taken = {name: getattr(a_magazine(), name)}
        with pytest.raises(IntegrityError), transaction.atomic():
            a_magazine(**taken)

    @pytest.mark.parametrize(
        ("field", "wrong"),
        [
            ("issn", "1007-5780"),
            ("cn_number", "99-3880/F"),
            ("postal_issue_code", "2—41"),
            ("price", -1),
            ("office_email", "编辑部"),
            ("office_telephone", "电话"),
        ],
    )
    def test_numbers_are_validated(self, field, wrong):
        with pytest.raises(ValidationError) as refusal:
            Magazine(title="刊", slug="kan", **{field: wrong}).full_clean()
        assert list(refusal.value.error_dict) == [field]

    def test_real_numbers_pass(self):
        Magazine(
            title="刊",
            slug="kan",
            issn="1007-578X",
            cn_number="11-3880/F",
            postal_issue_code="2-41",
            price="15.00",
        ).full_clean()

    def test_texts_are_cleaned_whatever_saves_them(self):
        magazine = a_magazine(introduction='<p style="color:red">创刊<script>1</script></p>')
        magazine.refresh_from_db()
        assert magazine.introduction == "<p>创刊</p>"

    def test_is_kept_while_it_has_issues(self):
        issue = an_issue()
        with pytest.raises(models.ProtectedError):
            issue.magazine.delete()


class TestIssue:
    @pytest.mark.parametrize(
        ("total", "name"),
        [(None, "2024年第1期"), (0, "2024年第1期"), (1093, "2024年第1期（总第1093期）")],
    )
    def test_name(self, total, name):
        issue = Issue(magazine=Magazine(title="中国财政"), year=2024, number=1, total_number=total)
        assert (issue.name, str(issue)) == (name, f"中国财政 {name}")

    def test_stands_at_its_magazine_s_address(self):
        issue = an_issue(magazine=a_magazine(slug="zgcz"), year=2024, number=12)
        assert issue.get_absolute_url() == "/magazines/zgcz/2024/12/"

    def test_once_in_a_magazine(self):
        issue = an_issue(year=2024, number=1)
        an_issue(year=2024, number=1)
        with pytest.raises(IntegrityError), transaction.atomic():
            an_issue(magazine=issue.magazine, year=2024, number=1)

    @pytest.mark.parametrize(("field", "wrong"), [("year", 1899), ("year", 2201), ("number", 0)])
    def test_year_and_number_are_plausible(self, field, wrong):
        with pytest.raises(ValidationError) as refusal:
            Issue(
                **{"magazine": a_magazine(), "year": 2024, "number": 1, field: wrong}
            ).full_clean()
        assert list(refusal.value.error_dict) == [field]

    def test_cover_is_stored_under_a_random_name(self):
        issue = an_issue(cover=a_picture())
        assert issue.cover.name.startswith("pictures/")
        assert "picture.png" not in issue.cover.name


class TestReleased:
    TODAY = date(2024, 3, 3)

    @pytest.mark.parametrize(
        ("published_on", "released"),
        [
            (None, False),
            (TODAY - timedelta(days=1), True),
            (TODAY, True),
            (TODAY + timedelta(days=1), False),
        ],
    )
    def test_once_its_day_has_come(self, clock, published_on, released):
        issue = an_issue(published_on=published_on)
        assert Issue.objects.released().exists() is released
        assert issue.is_released is released

    def test_the_day_is_beijing_s(self, clock):
        issue = an_issue(published_on=date(2024, 3, 4))
        clock.move(hours=11, minutes=59)
        assert not issue.is_released
        clock.move(minutes=1)
        assert issue.is_released
        assert list(Issue.objects.released()) == [issue]

    def test_can_be_asked_about_another_day(self, clock):
        issue = an_issue(published_on=date(2024, 3, 9))
        assert list(Issue.objects.released(on=date(2024, 3, 9))) == [issue]
        assert list(Issue.objects.released(on=date(2024, 3, 8))) == []

    def test_newest_first(self, clock):
        magazine = a_magazine()
        second = an_issue(magazine=magazine, number=2, published_on=self.TODAY)
        third = an_issue(magazine=magazine, number=3, published_on=self.TODAY)
        first = an_issue(magazine=magazine, number=1, published_on=date(2024, 1, 1))
        assert list(Issue.objects.released()) == [third, second, first]


class TestCurrent:
    def test_newest_released_of_each_magazine_in_their_order(self, django_assert_num_queries):
        second, first, silent = a_magazine(order=2), a_magazine(order=1), a_magazine(order=3)
        an_issue(magazine=second, published_on=date(2024, 1, 1))
        newest = an_issue(magazine=second, published_on=date(2024, 2, 1))
        other = an_issue(magazine=first, published_on=date(2023, 1, 1))
        an_issue(magazine=first, published_on=timezone.localdate() + timedelta(days=1))
        an_issue(magazine=silent, published_on=None)
        with django_assert_num_queries(1):
            assert [(issue, issue.magazine) for issue in Issue.objects.current()] == [
                (other, first),
                (newest, second),
            ]

    def test_can_be_asked_about_another_day(self):
        magazine = a_magazine()
        older = an_issue(magazine=magazine, published_on=date(2024, 1, 1))
        newer = an_issue(magazine=magazine, published_on=date(2024, 2, 1))
        assert list(Issue.objects.current(on=date(2024, 1, 31))) == [older]
        assert list(Issue.objects.current(on=date(2024, 2, 1))) == [newer]
        assert list(Issue.objects.current(on=date(2023, 12, 31))) == []


class TestPage:
    def test_stands_at_its_address(self):
        page = a_page(title="关于我们", slug="about")
        assert (str(page), page.get_absolute_url()) == ("关于我们", "/pages/about/")

    def test_by_their_order_and_then_by_age(self):
        third, first, second = a_page(order=2), a_page(order=1), a_page(order=1)
        assert list(Page.objects.all()) == [first, second, third]


def test_saving_says_when(clock):
    page = a_page()
    clock.move(hours=1)
    page.save()
    assert page.updated_at == clock.now
