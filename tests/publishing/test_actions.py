"""Publishing, scheduling and withdrawing from the admin, of articles and of notices."""

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
from publishing import actions as publishing
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
from tests.forms import filled_in, submit, told

pytestmark = pytest.mark.django_db

TOMORROW = {"at_0": "2099-01-02", "at_1": "08:00"}


@pytest.fixture
def own():
    return a_magazine(title="本刊")


@pytest.fixture
def editor(own):
    return an_editor(own)


@pytest.fixture
def desk(editor):
    return a_browser(editor)


@pytest.fixture
def draft(own) -> Article:
    return an_article(magazine=own, title="甲文")


@pytest.fixture
def live(own) -> Article:
    return a_publication(magazine=own, title="乙文").article


def act(name: str, *things, model: str = "articles_article") -> str:
    ids = ",".join(str(getattr(thing, "pk", thing)) for thing in things)
    return f"{reverse(f'admin:{model}_{name}')}?ids={ids}"


def change(thing) -> str:
    return reverse(
        f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change", args=[thing.pk]
    )


def lists(name: str = "articles_article") -> str:
    return reverse(f"admin:{name}_changelist")


def wrong(response) -> list[str]:
    return [
        error.code
        for found in response.context["form"].errors.as_data().values()
        for error in found
    ]


class TestActs:
    def test_looking_changes_nothing(self, desk, draft, live):
        for name in ["publish", "withdraw", "cancel_schedule"]:
            response = desk.get(act(name, draft, live))
            assert (response.status_code, list(response.context["things"])) == (200, [draft, live])
        assert Publication.objects.count() == 1
        assert not LogEntry.objects.exists()

    def test_publish_at_once(self, desk, editor, draft):
        response = submit(desk, act("publish", draft))
        assert (response.status_code, response["Location"]) == (302, change(draft))
        publication = Publication.objects.live().get()
        assert (publication.article, publication.published_by) == (draft, editor)
        assert told(response) == [
            gettext("Published or scheduled: %(titles)s.") % {"titles": "甲文"}
        ]
        assert desk.get(draft.get_absolute_url()).status_code == 200

    def test_schedule(self, desk, draft):
        submit(desk, act("publish", draft), **TOMORROW)
        publication = Publication.objects.pending().get()
        assert (
            timezone.localtime(publication.starts_at).strftime("%Y-%m-%d %H:%M")
            == "2099-01-02 08:00"
        )
        assert not Publication.objects.live().exists()

    def test_withdraw_with_its_reason(self, desk, editor, live):
        response = submit(desk, act("withdraw", live), reason="\ufeff数据\u202e有误")
        publication = Publication.objects.get()
        assert (publication.is_live(), publication.ended_by, publication.end_reason) == (
            False,
            editor,
            "数据有误",
        )
        assert told(response) == [gettext("Withdrawn: %(titles)s.") % {"titles": "乙文"}]

    @pytest.mark.parametrize("reason", ["", "  ", "\u200b", "长" * 501])
    def test_withdraw_without_a_reason_that_fits(self, desk, live, reason):
        assert submit(desk, act("withdraw", live), reason=reason).status_code == 200
        assert Publication.objects.live().exists()

    def test_cancel_what_is_scheduled(self, desk, live):
        submit(desk, act("publish", live), **TOMORROW)
        response = submit(desk, act("cancel_schedule", live))
        assert Publication.objects.live().get().ends_at is None
        assert not Publication.objects.pending().exists()
        assert told(response)[-1] == gettext("No longer scheduled: %(titles)s.") % {
            "titles": "乙文"
        }

    def test_notices_publish_and_withdraw(self, desk, own):
        notice = a_notice(magazine=own, scope="magazine", starts_at=None)
        submit(desk, act("publish", notice, model="notices_notice"))
        assert Notice.objects.live().get() == notice
        submit(desk, act("withdraw", notice, model="notices_notice"))
        assert not Notice.objects.live().exists()

    @pytest.mark.parametrize("model", ["articles_article", "notices_notice"])
    def test_a_past_instant_is_refused_and_said(self, desk, own, draft, model):
        notice = a_notice(magazine=own, scope="magazine", starts_at=None)
        thing = draft if model == "articles_article" else notice
        response = submit(desk, act("publish", thing, model=model), at_0="2020-01-01", at_1="08:00")
        assert wrong(response) == ["in_the_past"]
        assert (
            gettext("This instant has passed. Leave it empty to publish at once.")
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
    def test_nonsense_for_an_instant_is_refused(self, desk, draft, at):
        assert submit(desk, act("publish", draft), at_0=at[0], at_1=at[1]).status_code == 200
        assert not Publication.objects.exists()

    def test_every_thing_gets_an_entry_in_its_history(self, desk, editor, draft, live):
        submit(desk, act("publish", draft, live))
        entries = LogEntry.objects.order_by("object_id")
        assert {(entry.user, entry.object_id) for entry in entries} == {
            (editor, str(draft.pk)),
            (editor, str(live.pk)),
        }
        assert (
            gettext("Publish or schedule")
            in desk.get(reverse("admin:articles_article_history", args=[draft.pk])).content.decode()
        )

    def test_somebody_saved_it_meanwhile(self, desk, draft):
        """What is published is what stood on the page that asked."""
        opened = filled_in(desk.get(act("publish", draft)))
        draft.save()
        response = desk.post(act("publish", draft), opened)
        assert response.status_code == 200
        assert not Publication.objects.exists()
        assert desk.post(act("publish", draft), filled_in(response)).status_code == 302

    @pytest.mark.parametrize("name", ["publish", "withdraw", "cancel_schedule"])
    def test_of_two_at_once_the_second_looks_again(self, desk, own, live, name):
        submit(desk, act("publish", live), **TOMORROW)
        opened = filled_in(desk.get(act("publish", live)))
        submit(desk, act(name, live), reason="有误")
        versions = Publication.objects.count()
        response = a_browser(an_editor(own)).post(act("publish", live), opened)
        assert response.status_code == 200
        assert wrong(response) == ["acted_meanwhile"]
        assert Publication.objects.count() == versions
        # Having looked, the same editor may do it nonetheless.
        assert desk.post(act("publish", live), filled_in(response)).status_code == 302

    def test_a_later_version_is_mentioned(self, desk, live):
        submit(desk, act("publish", live), **TOMORROW)
        [warning, _] = told(submit(desk, act("publish", live)))[-2:]
        assert "乙文" in warning
        assert "2099" in warning

    def test_titles_are_shown_as_text(self, desk, own):
        article = an_article(magazine=own, title="<b>100%s</b>")
        response = desk.post(act("publish", article), follow=True)
        assert "&lt;b&gt;100%s&lt;/b&gt;" in response.content.decode()
        assert "<b>100%s" not in response.content.decode()


class TestBatches:
    def test_a_whole_issue_appears_at_one_instant(self, desk, own):
        articles = [an_article(issue=an_issue(magazine=own)) for _ in range(12)]
        response = submit(desk, act("publish", *articles))
        assert response["Location"] == lists()
        assert Publication.objects.live().count() == 12
        assert Publication.objects.values("starts_at").distinct().count() == 1
        assert told(response)[0].count("文章") == 10
        assert "……" in told(response)[0]

    def test_one_that_fails_leaves_all_untouched(self, desk, own, live):
        last = an_article(magazine=own, title="末文")
        response = submit(desk, act("withdraw", live, last), reason="有误")
        assert wrong(response) == ["not_published"]
        assert "末文" in response.content.decode()
        assert Publication.objects.live().get().article == live
        assert not LogEntry.objects.exists()

    def test_named_twice_is_published_once(self, desk, draft):
        submit(desk, act("publish", draft, draft))
        assert Publication.objects.count() == 1

    @pytest.mark.parametrize(
        "ids", ["", "x", "1,", ",", "1;2", "-1", "1.0", "\0", "9" * 30, "９", "1 or 1=1", "0"]
    )
    def test_nonsense_is_no_thing(self, desk, draft, ids):
        assert desk.get(reverse("admin:articles_article_publish"), {"ids": ids}).status_code == 404

    def test_without_any_named(self, desk):
        assert desk.get(reverse("admin:articles_article_publish")).status_code == 404

    def test_not_more_than_a_request_can_bear(self, desk, draft):
        assert desk.get(act("publish", *[draft] * publishing.MAX_AT_ONCE)).status_code == 200
        assert desk.get(act("publish", *[draft] * (publishing.MAX_AT_ONCE + 1))).status_code == 404

    def test_with_one_of_another_magazine_nothing_happens(self, desk, draft):
        theirs = an_article(magazine=a_magazine(title="他刊"), title="秘密")
        for method in [desk.get, desk.post]:
            response = method(act("publish", draft, theirs))
            assert response.status_code == 404
            assert "秘密" not in response.content.decode()
        assert not Publication.objects.exists()

    def test_with_one_that_may_not_be_published_nothing_happens(self, desk, editor, draft):
        """An editor here, a proofreader there: both articles are seen, only one may be published."""
        there = a_magazine()
        editor.memberships.create(magazine=there, role=Role.PROOFREADER)
        assert desk.post(act("publish", draft, an_article(magazine=there))).status_code == 403
        assert not Publication.objects.exists()

    def test_the_page_asks_the_database_as_often_for_three_as_for_one(
        self, desk, own, django_assert_num_queries
    ):
        articles = [an_article(issue=an_issue(magazine=own)) for _ in range(3)]
        desk.get(act("publish", *articles))
        with CaptureQueriesContext(connection) as captured:
            desk.get(act("publish", articles[0]))
        with django_assert_num_queries(len(captured)):
            desk.get(act("publish", *articles))


class TestActions:
    @pytest.mark.parametrize("name", ["publish", "withdraw"])
    def test_lead_to_the_page_that_asks(self, desk, draft, live, name):
        chosen = {"action": f"{name}_selected", "_selected_action": [live.pk, draft.pk]}
        response = desk.post(lists(), chosen)
        assert (response.status_code, response["Location"]) == (302, act(name, draft, live))
        assert Publication.objects.count() == 1

    def test_leave_out_what_is_of_another_magazine(self, desk, draft):
        theirs = an_article(magazine=a_magazine())
        chosen = {"action": "publish_selected", "_selected_action": [draft.pk, theirs.pk]}
        assert desk.post(lists(), chosen)["Location"] == act("publish", draft)
        assert desk.post(lists(), chosen | {"select_across": "1"})["Location"] == act(
            "publish", draft
        )

    def test_too_many_are_refused_with_the_reason(self, desk, draft, live, monkeypatch):
        monkeypatch.setattr(publishing, "MAX_AT_ONCE", 1)
        chosen = {"action": "publish_selected", "_selected_action": [draft.pk, live.pk]}
        response = desk.post(lists(), chosen)
        assert response["Location"] == lists()
        assert told(response) == [gettext("At most %(most)d at once.") % {"most": 1}]

    def test_proofreaders_have_none(self, own, draft):
        response = a_browser(an_editor(own, Role.PROOFREADER)).get(lists())
        assert [draft] == list(response.context["cl"].result_list)
        assert "publish_selected" not in response.content.decode()
        assert "withdraw_selected" not in response.content.decode()


class TestButtons:
    def buttons(self, desk, address) -> list[str]:
        return [name for name, _label in desk.get(address).context["acts"]]

    def test_are_those_that_make_sense(self, desk, draft, live):
        assert self.buttons(desk, reverse("admin:articles_article_add")) == ["publish"]
        assert self.buttons(desk, change(draft)) == ["publish"]
        assert self.buttons(desk, change(live)) == ["publish", "withdraw"]
        submit(desk, act("publish", live), **TOMORROW)
        assert self.buttons(desk, change(live)) == ["publish", "withdraw", "cancel_schedule"]

    def test_of_a_notice(self, desk, own):
        soon = timezone.now() + timedelta(hours=1)
        for starts_at, acts in [(None, ["publish"]), (soon, ["publish", "withdraw"])]:
            notice = a_notice(magazine=own, scope="magazine", starts_at=starts_at)
            assert self.buttons(desk, change(notice)) == acts

    def test_stand_on_the_page(self, desk, live):
        text = desk.get(change(live)).content.decode()
        assert 'name="_act" value="publish"' in text
        assert 'name="_act" value="withdraw"' in text

    def test_proofreaders_have_none(self, own, live):
        desk = a_browser(an_editor(own, Role.PROOFREADER))
        assert self.buttons(desk, change(live)) == []
        assert "_act" not in desk.get(change(live)).content.decode()

    def test_save_first_and_ask_then(self, desk, draft):
        response = submit(desk, change(draft), title="新题", _act="publish")
        assert (response.status_code, response["Location"]) == (302, act("publish", draft))
        draft.refresh_from_db()
        assert draft.title == "新题"
        assert not Publication.objects.exists()

    def test_save_what_is_new_and_ask_then(self, desk, draft):
        sent = {"title": "新文", "body": "<p>文</p>", "column": draft.column.pk}
        response = submit(desk, reverse("admin:articles_article_add"), **sent, _act="publish")
        assert response["Location"] == act("publish", Article.objects.get(title="新文"))

    def test_ask_nothing_if_there_is_something_to_mend(self, desk, draft):
        response = submit(desk, change(draft), title="", _act="publish")
        assert response.status_code == 200
        assert response.context["adminform"].form.errors

    @pytest.mark.parametrize("name", ["", "x", "delete", "__class__"])
    def test_others_only_save(self, desk, draft, name):
        response = submit(desk, change(draft), title="新题", _act=name)
        assert response["Location"] == lists()

    def test_pressed_by_a_proofreader_all_the_same(self, own, draft):
        desk = a_browser(an_editor(own, Role.PROOFREADER))
        response = submit(desk, change(draft), title="新题", _act="publish")
        assert desk.get(response["Location"]).status_code == 403
        assert desk.post(response["Location"]).status_code == 403
        assert not Publication.objects.exists()


def test_what_belongs_to_no_magazine_is_the_administrators(desk):
    article = an_article(magazine=None)
    assert desk.post(act("publish", article)).status_code == 404
    assert a_browser(an_admin()).post(act("publish", article)).status_code == 302
