import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from magazine.models import Issue, Magazine, Page, Publisher
from tests.builders import (
    a_browser,
    a_magazine,
    a_page,
    a_picture,
    a_publisher,
    an_admin,
    an_editor,
    an_issue,
)
from tests.forms import form_data, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator():
    return a_browser(an_admin())


def at(name: str, *args) -> str:
    return reverse(f"admin:magazine_{name}", args=args)


class TestPublisher:
    def test_publisher_is_added_once(self, administrator):
        assert (
            submit(administrator, at("publisher_add"), name="某社", sponsor="某社").status_code
            == 302
        )
        assert administrator.get(at("publisher_add")).status_code == 403
        assert (
            administrator.post(at("publisher_add"), {"name": "乙社", "sponsor": "乙社"}).status_code
            == 403
        )
        assert Publisher.objects.get().name == "某社"

    def test_publisher_can_be_changed(self, administrator):
        publisher = a_publisher()
        assert (
            submit(
                administrator, at("publisher_change", publisher.pk), telephone="010-1234567"
            ).status_code
            == 302
        )
        publisher.refresh_from_db()
        assert publisher.telephone == "010-1234567"

    def test_publisher_cannot_be_deleted(self, administrator):
        publisher = a_publisher()
        chosen = {"action": "delete_selected", "_selected_action": publisher.pk, "post": "yes"}
        assert (
            administrator.post(at("publisher_delete", publisher.pk), {"post": "yes"}).status_code
            == 403
        )
        administrator.post(at("publisher_changelist"), chosen)
        assert Publisher.objects.exists()
        assert (
            "delete_selected" not in administrator.get(at("publisher_changelist")).content.decode()
        )

    def test_publisher_requires_both_ends_of_a_grey_period(self, administrator):
        publisher = a_publisher()
        response = submit(
            administrator,
            at("publisher_change", publisher.pk),
            grey_starts_at_0="2024-01-01",
            grey_starts_at_1="00:00",
        )
        assert [
            error.code for error in response.context["adminform"].form.errors.as_data()["__all__"]
        ] == ["grey_period"]


class TestMagazine:
    def test_magazine_can_be_changed_by_its_heads(self):
        magazine = a_magazine()
        response = submit(
            a_browser(an_editor(magazine, Role.HEAD)),
            at("magazine_change", magazine.pk),
            introduction='<p style="font-size:9pt" onclick="x()">本刊<script>x()</script></p>',
        )
        assert response.status_code == 302
        magazine.refresh_from_db()
        assert magazine.introduction == "<p>本刊</p>"

    def test_magazine_is_read_only_for_its_editors(self):
        magazine = a_magazine()
        browser = a_browser(an_editor(magazine))
        assert (
            'name="_save"' not in browser.get(at("magazine_change", magazine.pk)).content.decode()
        )
        assert browser.post(at("magazine_change", magazine.pk), {"title": "新"}).status_code == 403

    def test_magazine_slug_is_proposed_on_the_add_page_only(self, administrator):
        magazine = a_magazine()
        assert "prepopulated" in administrator.get(at("magazine_add")).content.decode()
        page = administrator.get(at("magazine_change", magazine.pk))
        assert page.context["adminform"].prepopulated_fields == []

    def test_magazine_with_issues_cannot_be_deleted(self, administrator):
        magazine = an_issue().magazine
        assert (
            administrator.post(at("magazine_delete", magazine.pk), {"post": "yes"}).status_code
            == 200
        )
        assert Magazine.objects.exists()


class TestIssue:
    @pytest.fixture
    def magazine(self):
        return a_magazine(title="本刊")

    @pytest.fixture
    def browser(self, magazine):
        return a_browser(an_editor(magazine))

    def test_issue_is_added_with_a_cover(self, browser, magazine):
        response = submit(
            browser, at("issue_add"), year="2024", number="1", total_number="777", cover=a_picture()
        )
        assert response.status_code == 302
        issue = Issue.objects.get()
        assert (issue.magazine, issue.name) == (magazine, "2024年第1期（总第777期）")
        assert issue.cover.name.endswith(".png")

    def test_issue_must_be_unique(self, browser, magazine):
        an_issue(magazine=magazine, year=2024, number=1)
        response = submit(browser, at("issue_add"), year="2024", number="1")
        assert response.status_code == 200
        assert Issue.objects.count() == 1

    def test_issue_refuses_an_invalid_picture_at_its_field(self, browser):
        upload = SimpleUploadedFile("cover.png", b"<svg onload=alert(1)>")
        response = submit(browser, at("issue_add"), year="2024", number="1", cover=upload)
        assert list(response.context["adminform"].form.errors) == ["cover"]
        assert not Issue.objects.exists()

    def test_issue_changelist_shows_its_name(self, browser, magazine):
        an_issue(magazine=magazine, year=2024, number=1, total_number=777)
        assert "2024年第1期（总第777期）" in browser.get(at("issue_changelist")).content.decode()

    def test_issue_can_be_deleted_by_heads_only(self, browser, magazine):
        issue = an_issue(magazine=magazine)
        assert browser.post(at("issue_delete", issue.pk), {"post": "yes"}).status_code == 403
        head = a_browser(an_editor(magazine, Role.HEAD))
        assert head.post(at("issue_delete", issue.pk), {"post": "yes"}).status_code == 302


class TestPage:
    def test_page_text_is_sanitized(self, administrator):
        submit(
            administrator,
            at("page_add"),
            title="关于",
            slug="about",
            body="<h1>关于</h1><script>x()</script>",
        )
        assert Page.objects.get().body == "<h2>关于</h2>"

    def test_page_order_is_changed_in_the_changelist(self, administrator):
        first, second = a_page(order=1), a_page(order=2)
        before = timezone.now()
        submit(administrator, at("page_changelist"), **{"form-0-order": "3"}, _save="1")
        assert list(Page.objects.all()) == [second, first]
        first.refresh_from_db()
        assert first.updated_by is not None
        assert first.updated_at > before

    def test_page_changelist_refuses_an_invalid_order(self, administrator):
        page = a_page(order=1)
        for value in ["-1", "x", "9" * 30, "\0"]:
            response = administrator.get(at("page_changelist"))
            form = form_data(response, _save="1", **{"form-0-order": value})
            assert administrator.post(at("page_changelist"), form).status_code == 200
        page.refresh_from_db()
        assert page.order == 1

    def test_page_admin_is_closed_to_editors(self):
        browser = a_browser(an_editor(role=Role.CHIEF))
        for name, args in [
            ("page_changelist", []),
            ("page_add", []),
            ("page_change", [a_page().pk]),
        ]:
            assert browser.get(at(name, *args)).status_code == 403
