from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from magazine.models import Issue, Magazine, Page, Publisher
from tests.builders import a_magazine, a_page, a_picture, a_publisher, an_issue

pytestmark = pytest.mark.django_db


class TestPublisher:
    def test_publisher_has_one_row(self):
        a_publisher(name="甲社")
        Publisher(name="乙社", sponsor="乙").save()
        assert [(publisher.pk, publisher.name) for publisher in Publisher.objects.all()] == [
            (1, "乙社")
        ]

    @pytest.mark.parametrize(
        "add",
        [
            lambda: a_publisher(),
            lambda: Publisher.objects.bulk_create([Publisher(pk=2, name="乙社", sponsor="乙")]),
            lambda: Publisher.objects.update(id=2),
        ],
    )
    def test_publisher_refuses_a_second_row(self, add):
        a_publisher()
        with pytest.raises(IntegrityError), transaction.atomic():
            add()
        assert [publisher.pk for publisher in Publisher.objects.all()] == [1]

    @pytest.mark.parametrize(
        "delete",
        [lambda publisher: publisher.delete(), lambda publisher: Publisher.objects.all().delete()],
        ids=["row", "queryset"],
    )
    def test_publisher_cannot_be_deleted(self, delete):
        publisher = a_publisher()
        with pytest.raises(models.ProtectedError):
            delete(publisher)
        assert Publisher.objects.count() == 1

    def test_publisher_str_is_its_name(self):
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
    def test_police_code_has_the_digits_of_the_number(self, number, code):
        assert Publisher(police_number=number).police_code == code


class TestGreyPeriod:
    START = datetime(2024, 12, 13, tzinfo=timezone.get_default_timezone())
    END = START + timedelta(days=1)
    INSTANT = timedelta(microseconds=1)

    @pytest.mark.parametrize(
        ("at", "grey"),
        [(START - INSTANT, False), (START, True), (END - INSTANT, True), (END, False)],
    )
    def test_is_grey_from_the_start_until_before_the_end(self, at, grey):
        assert a_publisher(grey_starts_at=self.START, grey_ends_at=self.END).is_grey(at) is grey

    def test_is_grey_uses_the_current_time(self):
        now = timezone.now()
        assert Publisher(
            grey_starts_at=now - timedelta(hours=1), grey_ends_at=now + timedelta(hours=1)
        ).is_grey()

    @pytest.mark.parametrize("period", [{}, {"grey_starts_at": START}, {"grey_ends_at": END}])
    def test_is_grey_is_false_without_both_ends(self, period):
        assert Publisher(**period).is_grey(self.START) is False

    @pytest.mark.parametrize(
        ("start", "end"), [(START, None), (None, END), (END, START), (START, START)]
    )
    def test_grey_period_requires_a_start_and_a_later_end(self, start, end):
        publisher = Publisher(name="社", sponsor="社", grey_starts_at=start, grey_ends_at=end)
        with pytest.raises(ValidationError) as refusal:
            publisher.full_clean()
        assert [error.code for error in refusal.value.error_dict["__all__"]] == ["grey_period"]
        with pytest.raises(IntegrityError), transaction.atomic():
            publisher.save()


class TestMagazine:
    def test_magazine_address_contains_its_slug(self):
        magazine = a_magazine(title="财务研究", slug="cwyj")
        assert (str(magazine), magazine.get_absolute_url()) == ("财务研究", "/magazines/cwyj/")

    def test_magazine_id_is_its_own_key(self):
        magazine = a_magazine()
        assert magazine.magazine_id == magazine.pk

    def test_magazines_are_sorted_by_order_then_age(self):
        third, first, second = a_magazine(order=2), a_magazine(order=1), a_magazine(order=1)
        assert list(Magazine.objects.all()) == [first, second, third]

    @pytest.mark.parametrize("name", ["title", "slug"])
    def test_magazine_title_and_slug_are_unique(self, name):
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
    def test_magazine_validates_its_numbers(self, field, wrong):
        with pytest.raises(ValidationError) as refusal:
            Magazine(title="刊", slug="kan", **{field: wrong}).full_clean()
        assert list(refusal.value.error_dict) == [field]

    def test_magazine_accepts_real_numbers(self):
        Magazine(
            title="刊",
            slug="kan",
            issn="1007-578X",
            cn_number="11-3880/F",
            postal_issue_code="2-41",
            price="15.00",
        ).full_clean()

    def test_magazine_texts_are_sanitized_on_every_save(self):
        magazine = a_magazine(introduction='<p style="color:red">创刊<script>1</script></p>')
        magazine.refresh_from_db()
        assert magazine.introduction == "<p>创刊</p>"

    def test_magazine_with_issues_cannot_be_deleted(self):
        issue = an_issue()
        with pytest.raises(models.ProtectedError):
            issue.magazine.delete()


class TestIssue:
    @pytest.mark.parametrize(
        ("total", "name"),
        [(None, "2024年第1期"), (0, "2024年第1期"), (1093, "2024年第1期（总第1093期）")],
    )
    def test_issue_name(self, total, name):
        issue = Issue(magazine=Magazine(title="中国财政"), year=2024, number=1, total_number=total)
        assert (issue.name, str(issue)) == (name, f"中国财政 {name}")

    def test_issue_address_is_below_its_magazine(self):
        issue = an_issue(magazine=a_magazine(slug="zgcz"), year=2024, number=12)
        assert issue.get_absolute_url() == "/magazines/zgcz/2024/12/"

    def test_issue_is_unique_in_its_magazine(self):
        issue = an_issue(year=2024, number=1)
        an_issue(year=2024, number=1)
        with pytest.raises(IntegrityError), transaction.atomic():
            an_issue(magazine=issue.magazine, year=2024, number=1)

    @pytest.mark.parametrize(("field", "wrong"), [("year", 1899), ("year", 2201), ("number", 0)])
    def test_issue_refuses_an_implausible_year_or_number(self, field, wrong):
        with pytest.raises(ValidationError) as refusal:
            Issue(
                **{"magazine": a_magazine(), "year": 2024, "number": 1, field: wrong}
            ).full_clean()
        assert list(refusal.value.error_dict) == [field]

    def test_issue_cover_is_stored_under_a_random_name(self):
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
    def test_released_includes_issues_from_their_day_on(self, clock, published_on, released):
        issue = an_issue(published_on=published_on)
        assert Issue.objects.released().exists() is released
        assert issue.is_released is released

    def test_released_uses_the_day_in_beijing(self, clock):
        issue = an_issue(published_on=date(2024, 3, 4))
        clock.move(hours=11, minutes=59)
        assert not issue.is_released
        clock.move(minutes=1)
        assert issue.is_released
        assert list(Issue.objects.released()) == [issue]

    def test_released_accepts_another_day(self, clock):
        issue = an_issue(published_on=date(2024, 3, 9))
        assert list(Issue.objects.released(on=date(2024, 3, 9))) == [issue]
        assert list(Issue.objects.released(on=date(2024, 3, 8))) == []

    def test_released_is_sorted_newest_first(self, clock):
        magazine = a_magazine()
        second = an_issue(magazine=magazine, number=2, published_on=self.TODAY)
        third = an_issue(magazine=magazine, number=3, published_on=self.TODAY)
        first = an_issue(magazine=magazine, number=1, published_on=date(2024, 1, 1))
        assert list(Issue.objects.released()) == [third, second, first]


class TestCurrent:
    def test_current_is_the_newest_released_issue_of_each_magazine(self, django_assert_num_queries):
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

    def test_current_accepts_another_day(self):
        magazine = a_magazine()
        older = an_issue(magazine=magazine, published_on=date(2024, 1, 1))
        newer = an_issue(magazine=magazine, published_on=date(2024, 2, 1))
        assert list(Issue.objects.current(on=date(2024, 1, 31))) == [older]
        assert list(Issue.objects.current(on=date(2024, 2, 1))) == [newer]
        assert list(Issue.objects.current(on=date(2023, 12, 31))) == []


class TestPage:
    def test_page_address_contains_its_slug(self):
        page = a_page(title="关于我们", slug="about")
        assert (str(page), page.get_absolute_url()) == ("关于我们", "/pages/about/")

    def test_pages_are_sorted_by_order_then_age(self):
        third, first, second = a_page(order=2), a_page(order=1), a_page(order=1)
        assert list(Page.objects.all()) == [first, second, third]


def test_save_updates_the_time_of_saving(clock):
    page = a_page()
    clock.move(hours=1)
    page.save()
    assert page.updated_at == clock.now
