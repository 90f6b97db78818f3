"""Tests of publishing, scheduling and withdrawing articles and notices from the admin."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import Role
from articles.models import Article, Publication
from notices.models import Notice
from publishing import actions
from tests.builders import (
    a_browser,
    a_magazine,
    a_notice,
    a_publication,
    an_admin,
    an_article,
    an_editor,
    an_issue,
)
from tests.forms import form_data, messages_of, submit

pytestmark = pytest.mark.django_db

TOMORROW = {"at_0": "2099-01-02", "at_1": "08:00"}


@pytest.fixture
def own():
    return a_magazine(title="本刊")


@pytest.fixture
def editor(own):
    return an_editor(own)


@pytest.fixture
def browser(editor):
    return a_browser(editor)


@pytest.fixture
def draft(own) -> Article:
    return an_article(magazine=own, title="甲文")


@pytest.fixture
def live(own) -> Article:
    return a_publication(magazine=own, title="乙文").article


def address_of(name: str, *rows, model: str = "articles_article") -> str:
    """Return the address of the confirmation page of an action for rows or primary keys."""
    ids = ",".join(str(getattr(row, "pk", row)) for row in rows)
    return f"{reverse(f'admin:{model}_{name}')}?ids={ids}"


def change_page(row) -> str:
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return reverse(name, args=[row.pk])


def changelist(name: str = "articles_article") -> str:
    return reverse(f"admin:{name}_changelist")


def error_codes(response) -> list[str]:
    codes = []
    for errors in response.context["form"].errors.as_data().values():
        codes += [error.code for error in errors]
    return codes


class TestPublishingActions:
    def test_confirmation_page_changes_nothing(self, browser, draft, live):
        for name in ["publish", "withdraw", "cancel_schedule"]:
            response = browser.get(address_of(name, draft, live))
            assert (response.status_code, list(response.context["rows"])) == (200, [draft, live])
        assert Publication.objects.count() == 1
        assert not LogEntry.objects.exists()

    def test_publish_without_an_instant_is_immediate(self, browser, editor, draft):
        response = submit(browser, address_of("publish", draft))
        assert (response.status_code, response["Location"]) == (302, change_page(draft))
        publication = Publication.objects.live().get()
        assert (publication.article, publication.published_by) == (draft, editor)
        assert messages_of(response) == [
            gettext("Published or scheduled: %(titles)s.") % {"titles": "甲文"}
        ]
        assert browser.get(draft.get_absolute_url()).status_code == 200

    def test_publish_with_a_future_instant_schedules(self, browser, draft):
        submit(browser, address_of("publish", draft), **TOMORROW)
        publication = Publication.objects.pending().get()
        assert (
            timezone.localtime(publication.starts_at).strftime("%Y-%m-%d %H:%M")
            == "2099-01-02 08:00"
        )
        assert not Publication.objects.live().exists()

    def test_withdraw_records_the_reason(self, browser, editor, live):
        response = submit(browser, address_of("withdraw", live), reason="\ufeff数据\u202e有误")
        publication = Publication.objects.get()
        assert (publication.is_live(), publication.ended_by, publication.end_reason) == (
            False,
            editor,
            "数据有误",
        )
        assert messages_of(response) == [gettext("Withdrawn: %(titles)s.") % {"titles": "乙文"}]

    @pytest.mark.parametrize("reason", ["", "  ", "\u200b", "长" * 501])
    def test_withdraw_requires_a_visible_reason_that_fits(self, browser, live, reason):
        assert submit(browser, address_of("withdraw", live), reason=reason).status_code == 200
        assert Publication.objects.live().exists()

    def test_cancel_schedule_leaves_the_live_version(self, browser, live):
        submit(browser, address_of("publish", live), **TOMORROW)
        response = submit(browser, address_of("cancel_schedule", live))
        assert Publication.objects.live().get().ends_at is None
        assert not Publication.objects.pending().exists()
        assert messages_of(response)[-1] == gettext("No longer scheduled: %(titles)s.") % {
            "titles": "乙文"
        }

    def test_publish_and_withdraw_a_notice(self, browser, own):
        notice = a_notice(magazine=own, scope="magazine", starts_at=None)
        submit(browser, address_of("publish", notice, model="notices_notice"))
        assert Notice.objects.live().get() == notice
        submit(browser, address_of("withdraw", notice, model="notices_notice"))
        assert not Notice.objects.live().exists()

    @pytest.mark.parametrize("model", ["articles_article", "notices_notice"])
    def test_publish_refuses_a_past_instant_with_a_message(self, browser, own, draft, model):
        notice = a_notice(magazine=own, scope="magazine", starts_at=None)
        row = draft if model == "articles_article" else notice
        response = submit(
            browser, address_of("publish", row, model=model), at_0="2020-01-01", at_1="08:00"
        )
        assert error_codes(response) == ["in_the_past"]
        assert (
            gettext("This time has passed. Leave it empty to publish at once.")
            in response.content.decode()
        )
        assert not Publication.objects.exists()
        assert not Notice.objects.live().exists()

    @pytest.mark.parametrize(
        "at",
        [
            ("x", "y"),
            ("0001-01-01", "00:00"),
            ("2099-01-02", ""),
            ("", "08:00"),
            ("2099-13-45", "99:99"),
            ("\0", "\0"),
        ],
    )
    def test_publish_refuses_an_invalid_instant(self, browser, draft, at):
        assert (
            submit(browser, address_of("publish", draft), at_0=at[0], at_1=at[1]).status_code == 200
        )
        assert not Publication.objects.exists()

    def test_action_adds_a_log_entry_for_every_row(self, browser, editor, draft, live):
        submit(browser, address_of("publish", draft, live))
        entries = LogEntry.objects.order_by("object_id")
        assert {(entry.user, entry.object_id) for entry in entries} == {
            (editor, str(draft.pk)),
            (editor, str(live.pk)),
        }
        assert (
            gettext("Publish or schedule")
            in browser.get(
                reverse("admin:articles_article_history", args=[draft.pk])
            ).content.decode()
        )

    def test_publish_refuses_a_row_saved_after_the_page_was_opened(self, browser, draft):
        """An editor publishes the text that the confirmation page showed."""
        opened = form_data(browser.get(address_of("publish", draft)))
        draft.save()
        response = browser.post(address_of("publish", draft), opened)
        assert response.status_code == 200
        assert not Publication.objects.exists()
        assert browser.post(address_of("publish", draft), form_data(response)).status_code == 302

    @pytest.mark.parametrize("name", ["publish", "withdraw", "cancel_schedule"])
    def test_publish_refuses_a_row_changed_by_another_action(self, browser, own, live, name):
        submit(browser, address_of("publish", live), **TOMORROW)
        opened = form_data(browser.get(address_of("publish", live)))
        submit(browser, address_of(name, live), reason="有误")
        versions = Publication.objects.count()
        response = a_browser(an_editor(own)).post(address_of("publish", live), opened)
        assert response.status_code == 200
        assert error_codes(response) == ["changed_meanwhile"]
        assert Publication.objects.count() == versions
        # Sent again from the new page, it is accepted.
        assert browser.post(address_of("publish", live), form_data(response)).status_code == 302

    def test_publish_warns_of_a_later_scheduled_version(self, browser, live):
        submit(browser, address_of("publish", live), **TOMORROW)
        [warning, _] = messages_of(submit(browser, address_of("publish", live)))[-2:]
        assert "乙文" in warning
        assert "2099" in warning

    def test_success_message_escapes_titles(self, browser, own):
        article = an_article(magazine=own, title="<b>100%s</b>")
        response = browser.post(address_of("publish", article), follow=True)
        assert "&lt;b&gt;100%s&lt;/b&gt;" in response.content.decode()
        assert "<b>100%s" not in response.content.decode()


class TestManyRows:
    def test_publish_gives_many_rows_one_instant(self, browser, own):
        articles = [an_article(issue=an_issue(magazine=own)) for _ in range(12)]
        response = submit(browser, address_of("publish", *articles))
        assert response["Location"] == changelist()
        assert Publication.objects.live().count() == 12
        assert Publication.objects.values("starts_at").distinct().count() == 1
        assert messages_of(response)[0].count("文章") == 10
        assert "……" in messages_of(response)[0]

    def test_withdraw_of_many_rows_changes_all_or_none(self, browser, own, live):
        last = an_article(magazine=own, title="末文")
        response = submit(browser, address_of("withdraw", live, last), reason="有误")
        assert error_codes(response) == ["not_published"]
        assert "末文" in response.content.decode()
        assert Publication.objects.live().get().article == live
        assert not LogEntry.objects.exists()

    def test_publish_of_a_repeated_key_publishes_once(self, browser, draft):
        submit(browser, address_of("publish", draft, draft))
        assert Publication.objects.count() == 1

    @pytest.mark.parametrize(
        "ids", ["", "x", "1,", ",", "1;2", "-1", "1.0", "\0", "9" * 30, "９", "1 or 1=1", "0"]
    )
    def test_confirmation_page_refuses_invalid_keys(self, browser, draft, ids):
        assert (
            browser.get(reverse("admin:articles_article_publish"), {"ids": ids}).status_code == 404
        )

    def test_confirmation_page_without_keys_is_not_found(self, browser):
        assert browser.get(reverse("admin:articles_article_publish")).status_code == 404

    def test_confirmation_page_refuses_too_many_keys(self, browser, draft):
        assert browser.get(address_of("publish", *[draft] * actions.MAX_ROWS)).status_code == 200
        assert (
            browser.get(address_of("publish", *[draft] * (actions.MAX_ROWS + 1))).status_code == 404
        )

    def test_publish_refuses_all_rows_if_one_is_of_another_magazine(self, browser, draft):
        theirs = an_article(magazine=a_magazine(title="他刊"), title="秘密")
        for method in [browser.get, browser.post]:
            response = method(address_of("publish", draft, theirs))
            assert response.status_code == 404
            assert "秘密" not in response.content.decode()
        assert not Publication.objects.exists()

    def test_publish_refuses_all_rows_if_one_may_not_be_published(self, browser, editor, draft):
        """The user is an editor of one magazine and a proofreader of the other."""
        there = a_magazine()
        editor.memberships.create(magazine=there, role=Role.PROOFREADER)
        assert (
            browser.post(address_of("publish", draft, an_article(magazine=there))).status_code
            == 403
        )
        assert not Publication.objects.exists()

    def test_confirmation_page_costs_the_same_for_1_and_3_rows(
        self, browser, own, django_assert_num_queries
    ):
        articles = [an_article(issue=an_issue(magazine=own)) for _ in range(3)]
        browser.get(address_of("publish", *articles))
        with CaptureQueriesContext(connection) as captured:
            browser.get(address_of("publish", articles[0]))
        with django_assert_num_queries(len(captured)):
            browser.get(address_of("publish", *articles))


class TestBulkActions:
    @pytest.mark.parametrize("name", ["publish", "withdraw"])
    def test_bulk_action_redirects_to_the_confirmation_page(self, browser, draft, live, name):
        chosen = {"action": f"{name}_selected", "_selected_action": [live.pk, draft.pk]}
        response = browser.post(changelist(), chosen)
        assert (response.status_code, response["Location"]) == (302, address_of(name, draft, live))
        assert Publication.objects.count() == 1

    def test_bulk_action_omits_rows_of_another_magazine(self, browser, draft):
        theirs = an_article(magazine=a_magazine())
        chosen = {"action": "publish_selected", "_selected_action": [draft.pk, theirs.pk]}
        assert browser.post(changelist(), chosen)["Location"] == address_of("publish", draft)
        assert browser.post(changelist(), chosen | {"select_across": "1"})[
            "Location"
        ] == address_of("publish", draft)

    def test_bulk_action_refuses_too_many_rows_with_a_message(
        self, browser, draft, live, monkeypatch
    ):
        monkeypatch.setattr(actions, "MAX_ROWS", 1)
        chosen = {"action": "publish_selected", "_selected_action": [draft.pk, live.pk]}
        response = browser.post(changelist(), chosen)
        assert response["Location"] == changelist()
        assert messages_of(response) == [gettext("Select at most %(max)d at once.") % {"max": 1}]

    def test_bulk_actions_are_hidden_from_proofreaders(self, own, draft):
        response = a_browser(an_editor(own, Role.PROOFREADER)).get(changelist())
        assert [draft] == list(response.context["cl"].result_list)
        assert "publish_selected" not in response.content.decode()
        assert "withdraw_selected" not in response.content.decode()


class TestButtons:
    def buttons(self, browser, address) -> list[str]:
        buttons = browser.get(address).context["publishing_buttons"]
        return [action for action, _label in buttons]

    def test_buttons_of_an_article_follow_its_state(self, browser, draft, live):
        assert self.buttons(browser, reverse("admin:articles_article_add")) == ["publish"]
        assert self.buttons(browser, change_page(draft)) == ["publish"]
        assert self.buttons(browser, change_page(live)) == ["publish", "withdraw"]
        submit(browser, address_of("publish", live), **TOMORROW)
        assert self.buttons(browser, change_page(live)) == [
            "publish",
            "withdraw",
            "cancel_schedule",
        ]

    def test_buttons_of_a_notice_follow_its_state(self, browser, own):
        soon = timezone.now() + timedelta(hours=1)
        for starts_at, expected in [(None, ["publish"]), (soon, ["publish", "withdraw"])]:
            notice = a_notice(magazine=own, scope="magazine", starts_at=starts_at)
            assert self.buttons(browser, change_page(notice)) == expected

    def test_buttons_are_rendered(self, browser, live):
        text = browser.get(change_page(live)).content.decode()
        assert 'name="_act" value="publish"' in text
        assert 'name="_act" value="withdraw"' in text

    def test_buttons_are_hidden_from_proofreaders(self, own, live):
        browser = a_browser(an_editor(own, Role.PROOFREADER))
        assert self.buttons(browser, change_page(live)) == []
        assert "_act" not in browser.get(change_page(live)).content.decode()

    def test_button_saves_and_redirects_to_the_confirmation_page(self, browser, draft):
        response = submit(browser, change_page(draft), title="新题", _act="publish")
        assert (response.status_code, response["Location"]) == (302, address_of("publish", draft))
        draft.refresh_from_db()
        assert draft.title == "新题"
        assert not Publication.objects.exists()

    def test_button_of_the_add_page_saves_and_redirects(self, browser, draft):
        sent = {"title": "新文", "body": "<p>文</p>", "column": draft.column.pk}
        response = submit(browser, reverse("admin:articles_article_add"), **sent, _act="publish")
        assert response["Location"] == address_of("publish", Article.objects.get(title="新文"))

    def test_button_does_not_redirect_if_the_form_is_invalid(self, browser, draft):
        response = submit(browser, change_page(draft), title="", _act="publish")
        assert response.status_code == 200
        assert response.context["adminform"].form.errors

    @pytest.mark.parametrize("name", ["", "x", "delete", "__class__"])
    def test_button_with_an_unknown_action_only_saves(self, browser, draft, name):
        response = submit(browser, change_page(draft), title="新题", _act=name)
        assert response["Location"] == changelist()

    def test_button_sent_by_a_proofreader_is_refused_on_the_next_page(self, own, draft):
        browser = a_browser(an_editor(own, Role.PROOFREADER))
        response = submit(browser, change_page(draft), title="新题", _act="publish")
        assert browser.get(response["Location"]).status_code == 403
        assert browser.post(response["Location"]).status_code == 403
        assert not Publication.objects.exists()


def test_publish_without_a_magazine_is_for_administrators(browser):
    article = an_article(magazine=None)
    assert browser.post(address_of("publish", article)).status_code == 404
    assert a_browser(an_admin()).post(address_of("publish", article)).status_code == 302
