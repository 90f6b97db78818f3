"""What every admin page of the house has in common, seen by an editor of one magazine with a scripting tool."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import gettext

from accounts.models import Role
from articles.models import Article, Column
from magazine.models import Issue, Magazine
from tests.builders import (
    a_browser,
    a_column,
    a_magazine,
    a_notice,
    a_page,
    a_publication,
    a_publisher,
    a_user,
    an_admin,
    an_article,
    an_editor,
    an_issue,
)
from tests.forms import filled_in, submit, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def own() -> Magazine:
    return a_magazine(title="本刊")


@pytest.fixture
def other() -> Magazine:
    return a_magazine(title="他刊")


@pytest.fixture
def chief(own):
    return an_editor(own, Role.CHIEF, name="张主编")


@pytest.fixture
def desk(chief):
    return a_browser(chief)


def at(name: str, *args) -> str:
    return reverse(f"admin:{name}", args=args)


def errors(response) -> dict[str, list[str]]:
    """The codes of what the form says is wrong, by field."""
    return {
        name: [error.code for error in found]
        for name, found in response.context["adminform"].form.errors.as_data().items()
    }


class TestGuardedForm:
    @pytest.fixture
    def article(self, own):
        return an_article(magazine=own, title="原题")

    @pytest.fixture
    def address(self, article):
        return at("articles_article_change", article.pk)

    @pytest.fixture
    def refused(self, desk, own, address):
        """What comes back from a form that was sent after a colleague had saved the same article."""
        opened = filled_in(desk.get(address), title="我的题")
        submit(a_browser(an_editor(own, name="李编辑")), address, title="他的题")
        return desk.post(address, opened)

    def test_does_not_save_over_what_another_has_saved(self, refused, article):
        assert errors(refused) == {"__all__": ["saved_meanwhile"]}
        article.refresh_from_db()
        assert article.title == "他的题"

    def test_says_who_it_was_and_keeps_the_text(self, refused):
        assert "李编辑" in refused.content.decode()
        assert filled_in(refused)["title"] == ["我的题"]

    def test_saves_if_asked_a_second_time(self, refused, desk, article, address):
        assert desk.post(address, filled_in(refused)).status_code == 302
        article.refresh_from_db()
        assert article.title == "我的题"

    def test_refuses_again_if_it_was_saved_yet_again(self, refused, desk, article, address):
        article.updated_by = None  # as a script would
        article.save()
        response = desk.post(address, filled_in(refused))
        assert errors(response) == {"__all__": ["saved_meanwhile"]}
        assert gettext("Somebody") in response.content.decode()

    @pytest.mark.parametrize("seen", ["", "nonsense", "2024-99-99T99:99:99", "\0", "9" * 1000])
    def test_takes_nonsense_for_an_old_version(self, desk, article, address, seen):
        response = submit(desk, address, title="我的题", seen=seen)
        assert response.status_code == 200
        article.refresh_from_db()
        assert article.title == "原题"

    def test_notes_who_saved(self, desk, chief, article, address):
        submit(desk, address, title="新题")
        article.refresh_from_db()
        assert article.updated_by == chief


LOOKUPS = [
    *[
        "p",
        "o",
        "q",
        "e",
        "all",
        "_facets",
        "_to_field",
        "status",
        "id",
        "title",
        "year",
        "nothing",
        "nothing__x__y",
    ],
    *["magazine__id__exact", "magazine__isnull", "lead__exact", "placement__exact"],
]


class TestLists:
    """Of another magazine a list shows nothing, and no filter beside it names anything."""

    @pytest.mark.parametrize(
        ("name", "make"),
        [
            ("magazine_magazine", lambda magazine: magazine),
            ("magazine_issue", lambda magazine: an_issue(magazine=magazine, number=magazine.pk)),
            (
                "articles_column",
                lambda magazine: a_column(magazine=magazine, title=f"{magazine}栏目"),
            ),
            (
                "articles_article",
                lambda magazine: an_article(magazine=magazine, title=f"{magazine}文章"),
            ),
            (
                "articles_publication",
                lambda magazine: a_publication(magazine=magazine, title=f"{magazine}文章"),
            ),
            (
                "notices_notice",
                lambda magazine: a_notice(
                    magazine=magazine, scope="magazine", title=f"{magazine}公告"
                ),
            ),
        ],
    )
    def test_show_the_own_magazine_and_nothing_of_another(self, desk, own, other, name, make):
        mine, _ = make(own), make(other)
        response = desk.get(at(f"{name}_changelist"))
        assert list(response.context["cl"].result_list) == [mine]
        assert str(own) in response.content.decode()
        assert str(other) not in response.content.decode()
        assert str(other) in a_browser(an_admin()).get(at(f"{name}_changelist")).content.decode()

    def test_columns_of_all_magazines_are_everybodys_to_see(self, desk, other):
        shared = a_column(magazine=None)
        a_column(magazine=other)
        assert list(desk.get(at("articles_column_changelist")).context["cl"].result_list) == [
            shared
        ]

    def test_filters_offer_own_columns_and_shared_ones(self, desk, own, other):
        a_column(magazine=own, title="本栏")
        a_column(magazine=None, title="共栏")
        a_column(magazine=other, title="他栏")
        [columns] = [
            spec
            for spec in desk.get(at("articles_article_changelist")).context["cl"].filter_specs
            if spec.title == gettext("column")
        ]
        assert {label for _, label in columns.lookup_choices} == {"本栏", "共栏"}

    @pytest.mark.parametrize(
        ("name", "query", "found"),
        [
            ("magazine_issue", "q=2024", True),
            ("magazine_issue", "q=本刊", True),
            ("magazine_issue", "q=2023", False),
            ("magazine_issue", "year=2024", True),
            ("magazine_issue", "year=2023", False),
            ("magazine_issue", "published_on__year=2024&published_on__month=1", True),
            ("magazine_issue", "published_on__year=2024&published_on__month=2", False),
            ("articles_article", "q=要素", True),
            ("articles_article", "q=没有", False),
            ("articles_article", "lead__exact=1", True),
            ("articles_article", "lead__exact=0", False),
            ("articles_article", "updated_at__year=2000", False),
        ],
    )
    def test_search_filters_and_dates(self, desk, own, name, query, found):
        issue = an_issue(magazine=own, year=2024, number=1, published_on="2024-01-05")
        an_article(issue=issue, title="数据要素", lead=True)
        response = desk.get(f"{at(f'{name}_changelist')}?{query}")
        assert bool(response.context["cl"].result_list) == found

    @pytest.mark.parametrize(
        "query",
        [
            "title__regex=(a%2B)%2B$",
            "body__iregex=.",
            "title__icontains=a",
            "updated_by__password__startswith=m",
            "updated_by__username=admin",
            "magazine__memberships__user__password__startswith=m",
            "magazine__title=x",
            "issue__magazine__title=x",
            "id__in=1,2",
        ],
    )
    def test_ask_nothing_but_what_their_filters_ask(self, desk, own, query):
        an_article(magazine=own)
        assert desk.get(f"{at('articles_article_changelist')}?{query}").status_code == 400

    @pytest.mark.parametrize(
        "name",
        [
            "magazine_magazine",
            "magazine_issue",
            "articles_column",
            "articles_article",
            "articles_publication",
            "notices_notice",
        ],
    )
    def test_survive_nonsense(self, desk, own, name):
        a_notice(magazine=own, scope="magazine")
        a_publication(magazine=own, issue=an_issue(magazine=own), column=a_column(magazine=own))
        dates = [
            f"{field}__{part}={value}"
            for field in ["updated_at", "starts_at", "published_on", "date"]
            for part, value in [
                ("year", "0"),
                ("year", "1"),
                ("year", "9999"),
                ("year", "x"),
                ("day", "%00"),
            ]
        ]
        values = [
            f"{lookup}={value}" for lookup in LOOKUPS for value in ["", "x", "9" * 30, "%00财"]
        ]
        answers = {
            query: desk.get(f"{at(f'{name}_changelist')}?{query}").status_code
            for query in dates + values
        }
        assert set(answers.values()) <= {200, 302, 400}, answers

    @pytest.mark.parametrize("value", ["x", "", "\0", "9" * 30, "-1", "1,2"])
    def test_actions_on_nonsense_are_refused(self, desk, own, value):
        an_article(magazine=own)
        sent = {"action": "delete_selected", "_selected_action": [value], "post": "yes"}
        assert desk.post(at("articles_article_changelist"), sent).status_code == 400
        assert Article.objects.count() == 1

    def test_actions_reach_nothing_of_another_magazine(self, desk, own, other):
        mine, theirs = an_article(magazine=own), an_article(magazine=other)
        sent = {
            "action": "delete_selected",
            "_selected_action": [mine.pk, theirs.pk],
            "post": "yes",
        }
        desk.post(at("articles_article_changelist"), sent)
        desk.post(at("articles_article_changelist"), sent | {"select_across": "1"})
        assert list(Article.objects.all()) == [theirs]

    def test_editing_in_a_list_asks_for_every_row(self, desk, monkeypatch):
        """No list of ours that editors reach is edited in place; the first one that is must ask for each row."""
        shared = a_column(magazine=None, order=1)
        monkeypatch.setattr(admin.site.get_model_admin(Column), "list_editable", ["order"])
        assert (
            submit(
                desk, at("articles_column_changelist"), **{"form-0-order": "9"}, _save="1"
            ).status_code
            == 403
        )
        shared.refresh_from_db()
        assert shared.order == 1

    @pytest.mark.parametrize(
        ("name", "make"),
        [
            ("magazine_magazine", a_magazine),
            ("magazine_issue", lambda: an_issue(updated_by=a_user())),
            ("magazine_page", lambda: a_page(updated_by=a_user())),
            ("articles_column", lambda: a_column(magazine=a_magazine())),
            (
                "articles_article",
                lambda: a_publication(an_article(issue=an_issue(), updated_by=a_user())),
            ),
            (
                "articles_publication",
                lambda: a_publication(magazine=a_magazine(), published_by=a_user()),
            ),
            (
                "notices_notice",
                lambda: a_notice(magazine=a_magazine(), scope="magazine", updated_by=a_user()),
            ),
            ("accounts_user", an_editor),
        ],
    )
    def test_ask_the_database_as_often_for_three_rows_as_for_one(self, name, make):
        desk = a_browser(an_admin())

        def queries() -> int:
            desk.get(at(f"{name}_changelist"))  # what is cached is cached now
            with CaptureQueriesContext(connection) as captured:
                desk.get(at(f"{name}_changelist"))
            return len(captured)

        make()
        for_one = queries()
        make(), make()
        assert queries() == for_one


class TestAutocompletes:
    @pytest.fixture
    def address(self):
        return f"{at('autocomplete')}?app_label=articles&model_name=article&field_name="

    def test_offer_the_own_issues_only(self, desk, own, other, address):
        mine = an_issue(magazine=own)
        an_issue(magazine=other)
        assert [row["id"] for row in desk.get(f"{address}issue").json()["results"]] == [
            str(mine.pk)
        ]
        assert desk.get(f"{address}issue&term=他刊").json()["results"] == []

    def test_offer_own_columns_and_shared_ones(self, desk, own, other, address):
        offered = {str(a_column(magazine=own).pk), str(a_column(magazine=None).pk)}
        a_column(magazine=other)
        assert {row["id"] for row in desk.get(f"{address}column").json()["results"]} == offered

    @pytest.mark.parametrize("field", ["title", "updated_by", "nothing", ""])
    def test_offer_nothing_else(self, desk, address, field):
        assert desk.get(f"{address}{field}").status_code == 403

    def test_do_not_name_users(self, desk):
        address = f"{at('autocomplete')}?app_label=accounts&model_name=membership&field_name=user"
        assert desk.get(address).status_code == 403

    @pytest.mark.parametrize(
        "query", ["term=%00", "term=x", f"term={'9' * 30}", "page=x", "page=-1", "page=99"]
    )
    def test_survive_nonsense(self, desk, own, address, query):
        an_issue(magazine=own)
        assert desk.get(f"{address}issue&{query}").status_code in {200, 404}

    def test_ask_the_database_as_often_for_three_rows_as_for_one(
        self, own, desk, address, django_assert_num_queries
    ):
        an_issue(magazine=own)
        with CaptureQueriesContext(connection) as captured:
            desk.get(f"{address}issue")
        an_issue(magazine=own), an_issue(magazine=own)
        with django_assert_num_queries(len(captured)):
            assert len(desk.get(f"{address}issue").json()["results"]) == 3


class TestHandMadeForms:
    """Whoever names in a form what the form does not offer gets it back; nothing is saved."""

    @pytest.fixture
    def article(self, own):
        return an_article(magazine=own, column=a_column(magazine=own), issue=an_issue(magazine=own))

    @pytest.mark.parametrize("field", ["magazine", "column", "issue"])
    def test_something_of_another_magazine(self, desk, other, article, field):
        theirs = {
            "magazine": other,
            "column": a_column(magazine=other),
            "issue": an_issue(magazine=other),
        }[field]
        response = submit(
            desk, at("articles_article_change", article.pk), **{field: theirs.pk}, title="新题"
        )
        assert field in errors(response)
        assert errors(response)[field] == ["invalid_choice"]
        assert Article.objects.get().title == article.title

    def test_somebody_of_two_magazines_mixes_them(self, own, other, chief, article):
        chief.memberships.create(magazine=other, role=Role.EDITOR)
        desk, address = a_browser(chief), at("articles_article_change", article.pk)
        response = submit(
            desk, address, issue=an_issue(magazine=other).pk, column=a_column(magazine=other).pk
        )
        assert errors(response) == {
            "issue": ["issue_of_another_magazine"],
            "column": ["column_of_another_magazine"],
        }

    def test_a_magazine_where_one_only_proofreads(self, desk, other, chief):
        chief.memberships.create(magazine=other, role=Role.PROOFREADER)
        sent = {"title": "新", "body": "<p>文</p>", "column": a_column().pk, "magazine": other.pk}
        response = submit(desk, at("articles_article_add"), **sent)
        assert errors(response) == {"magazine": ["invalid_choice"]}
        assert not Article.objects.exists()

    def test_no_magazine(self, desk, article):
        for changed in [{"magazine": "", "issue": ""}, {"magazine": ""}]:
            response = submit(desk, at("articles_article_change", article.pk), **changed)
            assert errors(response)["magazine"] == ["required"]

    @pytest.mark.parametrize(
        "name", ["magazine_issue", "articles_column", "articles_article", "notices_notice"]
    )
    def test_the_only_magazine_is_chosen_beforehand(self, desk, own, name):
        assert filled_in(desk.get(at(f"{name}_add")))["magazine"] == [str(own.pk)]

    def test_values_in_the_address_are_not_taken(self, desk, own, other):
        theirs = an_issue(magazine=other)
        for query in [
            f"issue={theirs.pk}",
            "issue=x",
            f"issue={'9' * 30}",
            "title=x&magazine=x",
            "date=x",
            "seen=x",
        ]:
            form = filled_in(desk.get(f"{at('articles_article_add')}?{query}"))
            assert (form["title"], form["magazine"], form.get("issue", [""])) == (
                [""],
                [str(own.pk)],
                [""],
            )

    def test_saving_as_new_asks_for_the_right_to_add(self, own, article):
        desk = a_browser(an_editor(own, Role.PROOFREADER))
        assert (
            submit(desk, at("articles_article_change", article.pk), _saveasnew="1").status_code
            == 403
        )
        assert Article.objects.count() == 1

    @pytest.mark.parametrize(
        "query", ["_to_field=password", "_to_field=updated_by__password", "_popup=1&_to_field=x"]
    )
    def test_rows_are_found_by_no_other_field(self, desk, article, query):
        assert desk.get(f"{at('articles_article_change', article.pk)}?{query}").status_code == 400

    def test_a_popup_opens_nothing_of_another_magazine(self, desk, other):
        theirs = an_issue(magazine=other)
        response = desk.get(f"{at('magazine_issue_change', theirs.pk)}?_popup=1&_to_field=id")
        assert (response.status_code, response["Location"]) == (302, at("index"))

    def test_deleting_takes_nothing_along(self, desk, own, article):
        for address in [
            at("magazine_issue_delete", article.issue.pk),
            at("articles_column_delete", article.column.pk),
        ]:
            assert desk.post(address, {"post": "yes"}).status_code == 200
        assert (Issue.objects.count(), Article.objects.count()) == (1, 1)


class TestTraces:
    @pytest.mark.parametrize("view", ["change", "delete", "history"])
    def test_another_magazines_rows_seem_not_to_exist(self, desk, other, view):
        there = desk.get(
            at(f"articles_article_{view}", an_article(magazine=other, title="秘密").pk)
        )
        gone = desk.get(at(f"articles_article_{view}", 10**9))
        assert (
            (there.status_code, there["Location"])
            == (gone.status_code, gone["Location"])
            == (302, at("index"))
        )
        assert "秘密" not in "".join(told(there))

    def test_the_overview_lists_ones_own_actions_only(self, desk, own):
        submit(
            a_browser(an_editor(own)),
            at("articles_article_change", an_article(magazine=own, title="他改的").pk),
        )
        submit(desk, at("articles_article_change", an_article(magazine=own, title="我改的").pk))
        text = desk.get(at("index")).content.decode()
        assert LogEntry.objects.count() == 2
        assert "我改的" in text
        assert "他改的" not in text

    def test_no_shortcut_leads_to_any_rows_public_address(self, desk, other, own):
        for kind in range(1, 40):
            assert desk.get(f"/admin/r/{kind}/{an_issue(magazine=other).pk}/").status_code == 404
        issue = an_issue(magazine=own)
        text = desk.get(at("magazine_issue_change", issue.pk)).content.decode()
        assert f'href="{issue.get_absolute_url()}"' in text


class TestPolicy:
    """Only where the editor runs do its inline scripts run."""

    @pytest.fixture
    def addresses(self, own):
        a_publisher()
        publication = a_publication(magazine=own)
        article = at("articles_article_change", publication.article_id)
        return {
            True: [
                article,
                at("articles_article_add"),
                at("notices_notice_add"),
                at("magazine_page_add"),
            ],
            False: [
                at("index"),
                at("articles_article_changelist"),
                at("articles_publication_change", publication.pk),
                at("articles_article_history", publication.article_id),
                at("articles_article_preview", publication.article_id),
                f"{at('articles_article_publish')}?ids={publication.article_id}",
                at("magazine_issue_add"),
                at("accounts_user_add"),
                at("password_change"),
            ],
        }

    @pytest.mark.parametrize("loose", [True, False])
    def test_of_every_kind_of_at(self, addresses, loose):
        desk = a_browser(an_admin())
        for address in addresses[loose]:
            policy = desk.get(address)["Content-Security-Policy"]
            assert ("'unsafe-inline'" in policy) == loose, address
            assert "default-src 'none'" in policy

    def test_who_may_only_read_gets_no_editor(self, own):
        notice = a_notice(magazine=own, scope="magazine")
        response = a_browser(an_editor(own, Role.PROOFREADER)).get(
            at("notices_notice_change", notice.pk)
        )
        assert "ckeditor" not in response.content.decode()
        assert "'unsafe-inline'" not in response["Content-Security-Policy"]

    def test_of_the_login(self, client):
        assert "'unsafe-inline'" not in client.get(at("login"))["Content-Security-Policy"]


class TestWhatTakesLong:
    @pytest.mark.parametrize("text", ["<div>" * 90_000, "&" * 500_000, "<p>" + "文" * 3_000_000])
    def test_is_refused_with_a_reason_and_at_once(self, text):
        response = submit(
            a_browser(an_admin()),
            reverse("admin:articles_article_add"),
            title="题",
            column=a_column().pk,
            body=text,
        )
        assert gettext(
            "This text is too long or too deeply nested. Paste it in parts, or as plain text."
        ) in (response.content.decode())

    def test_many_words_are_looked_for_all_the_same(self):
        assert (
            a_browser(an_admin())
            .get(reverse("admin:articles_article_changelist"), {"q": "字 " * 1400})
            .status_code
            == 200
        )

    @pytest.mark.parametrize("key", ["abc", "\0", "9" * 20])
    def test_a_key_that_is_none_is_bad(self, key):
        assert (
            submit(
                a_browser(an_admin()), reverse("admin:articles_article_add"), column=key
            ).status_code
            == 400
        )


def test_an_address_that_readers_may_have_seen_stays(own):
    submit(
        a_browser(an_admin()),
        reverse("admin:magazine_magazine_change", args=[own.pk]),
        slug="other",
    )
    assert Magazine.objects.get(pk=own.pk).slug == own.slug


def test_an_issue_stays_with_its_magazine(own):
    issue = an_issue(magazine=own)
    other = a_magazine().pk
    submit(
        a_browser(an_admin()),
        reverse("admin:magazine_issue_change", args=[issue.pk]),
        magazine=other,
    )
    issue.refresh_from_db()
    assert issue.magazine == own
