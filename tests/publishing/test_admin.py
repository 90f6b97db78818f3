"""Tests of what all admin pages of content share, as an editor of one magazine sends requests."""

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
from tests.forms import form_data, messages_of, submit

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
def browser(chief):
    return a_browser(chief)


def at(name: str, *args) -> str:
    return reverse(f"admin:{name}", args=args)


def errors(response) -> dict[str, list[str]]:
    """Return the error codes of the form by field."""
    form = response.context["adminform"].form
    return {name: [error.code for error in found] for name, found in form.errors.as_data().items()}


class TestGuardedForm:
    @pytest.fixture
    def article(self, own):
        return an_article(magazine=own, title="原题")

    @pytest.fixture
    def address(self, article):
        return at("articles_article_change", article.pk)

    @pytest.fixture
    def refused(self, browser, own, address):
        """The answer to a form sent after another editor saved the same article."""
        opened = form_data(browser.get(address), title="我的题")
        submit(a_browser(an_editor(own, name="李编辑")), address, title="他的题")
        return browser.post(address, opened)

    def test_guarded_form_refuses_to_overwrite_a_newer_save(self, refused, article):
        assert errors(refused) == {"__all__": ["saved_meanwhile"]}
        article.refresh_from_db()
        assert article.title == "他的题"

    def test_guarded_form_names_the_other_user_and_returns_the_text(self, refused):
        assert "李编辑" in refused.content.decode()
        assert form_data(refused)["title"] == ["我的题"]

    def test_guarded_form_saves_when_sent_a_second_time(self, refused, browser, article, address):
        assert browser.post(address, form_data(refused)).status_code == 302
        article.refresh_from_db()
        assert article.title == "我的题"

    def test_guarded_form_refuses_again_after_another_save(
        self, refused, browser, article, address
    ):
        article.updated_by = None  # as a script would
        article.save()
        response = browser.post(address, form_data(refused))
        assert errors(response) == {"__all__": ["saved_meanwhile"]}
        assert gettext("Somebody") in response.content.decode()

    @pytest.mark.parametrize("seen", ["", "nonsense", "2024-99-99T99:99:99", "\0", "9" * 1000])
    def test_guarded_form_refuses_an_invalid_token(self, browser, article, address, seen):
        response = submit(browser, address, title="我的题", seen=seen)
        assert response.status_code == 200
        article.refresh_from_db()
        assert article.title == "原题"

    def test_save_records_the_user(self, browser, chief, article, address):
        submit(browser, address, title="新题")
        article.refresh_from_db()
        assert article.updated_by == chief


PARAMETERS = [
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
    "magazine__id__exact",
    "magazine__isnull",
    "lead__exact",
    "placement__exact",
]


class TestChangelists:
    """Changelists and their filters show nothing of other magazines."""

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
    def test_changelist_shows_rows_of_the_own_magazine_only(self, browser, own, other, name, make):
        mine, _ = make(own), make(other)
        response = browser.get(at(f"{name}_changelist"))
        assert list(response.context["cl"].result_list) == [mine]
        assert str(own) in response.content.decode()
        assert str(other) not in response.content.decode()
        assert str(other) in a_browser(an_admin()).get(at(f"{name}_changelist")).content.decode()

    def test_changelist_of_columns_shows_shared_columns(self, browser, other):
        shared = a_column(magazine=None)
        a_column(magazine=other)
        assert list(browser.get(at("articles_column_changelist")).context["cl"].result_list) == [
            shared
        ]

    def test_filter_offers_own_and_shared_columns(self, browser, own, other):
        a_column(magazine=own, title="本栏")
        a_column(magazine=None, title="共栏")
        a_column(magazine=other, title="他栏")
        [columns] = [
            spec
            for spec in browser.get(at("articles_article_changelist")).context["cl"].filter_specs
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
    def test_changelist_searches_and_filters(self, browser, own, name, query, found):
        issue = an_issue(magazine=own, year=2024, number=1, published_on="2024-01-05")
        an_article(issue=issue, title="数据要素", lead=True)
        response = browser.get(f"{at(f'{name}_changelist')}?{query}")
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
    def test_changelist_refuses_lookups_of_no_filter(self, browser, own, query):
        an_article(magazine=own)
        assert browser.get(f"{at('articles_article_changelist')}?{query}").status_code == 400

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
    def test_changelist_survives_invalid_parameters(self, browser, own, name):
        a_notice(magazine=own, scope="magazine")
        a_publication(magazine=own, issue=an_issue(magazine=own), column=a_column(magazine=own))
        queries = []
        for field in ["updated_at", "starts_at", "published_on", "date"]:
            for lookup in ["year=0", "year=1", "year=9999", "year=x", "day=%00"]:
                queries.append(f"{field}__{lookup}")
        for parameter in PARAMETERS:
            for value in ["", "x", "9" * 30, "%00财"]:
                queries.append(f"{parameter}={value}")
        statuses = {}
        for query in queries:
            statuses[query] = browser.get(f"{at(f'{name}_changelist')}?{query}").status_code
        assert set(statuses.values()) <= {200, 302, 400}, statuses

    @pytest.mark.parametrize("value", ["x", "", "\0", "9" * 30, "-1", "1,2"])
    def test_bulk_action_refuses_invalid_keys(self, browser, own, value):
        an_article(magazine=own)
        sent = {"action": "delete_selected", "_selected_action": [value], "post": "yes"}
        assert browser.post(at("articles_article_changelist"), sent).status_code == 400
        assert Article.objects.count() == 1

    def test_bulk_action_omits_rows_of_another_magazine(self, browser, own, other):
        mine, theirs = an_article(magazine=own), an_article(magazine=other)
        sent = {
            "action": "delete_selected",
            "_selected_action": [mine.pk, theirs.pk],
            "post": "yes",
        }
        browser.post(at("articles_article_changelist"), sent)
        browser.post(at("articles_article_changelist"), sent | {"select_across": "1"})
        assert list(Article.objects.all()) == [theirs]

    def test_list_editable_checks_the_permission_of_every_row(self, browser, monkeypatch):
        """No changelist that editors see is editable yet; the first one must check each row."""
        shared = a_column(magazine=None, order=1)
        monkeypatch.setattr(admin.site.get_model_admin(Column), "list_editable", ["order"])
        changed = {"form-0-order": "9", "_save": "1"}
        response = submit(browser, at("articles_column_changelist"), **changed)
        assert response.status_code == 403
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
    def test_changelist_costs_the_same_for_1_and_3_rows(self, name, make):
        browser = a_browser(an_admin())

        def queries() -> int:
            browser.get(at(f"{name}_changelist"))  # fill the caches
            with CaptureQueriesContext(connection) as captured:
                browser.get(at(f"{name}_changelist"))
            return len(captured)

        make()
        for_one = queries()
        make(), make()
        assert queries() == for_one


class TestAutocompletes:
    @pytest.fixture
    def address(self):
        return f"{at('autocomplete')}?app_label=articles&model_name=article&field_name="

    def test_autocomplete_offers_own_issues_only(self, browser, own, other, address):
        mine = an_issue(magazine=own)
        an_issue(magazine=other)
        assert [row["id"] for row in browser.get(f"{address}issue").json()["results"]] == [
            str(mine.pk)
        ]
        assert browser.get(f"{address}issue&term=他刊").json()["results"] == []

    def test_autocomplete_offers_own_and_shared_columns(self, browser, own, other, address):
        offered = {str(a_column(magazine=own).pk), str(a_column(magazine=None).pk)}
        a_column(magazine=other)
        assert {row["id"] for row in browser.get(f"{address}column").json()["results"]} == offered

    @pytest.mark.parametrize("field", ["title", "updated_by", "nothing", ""])
    def test_autocomplete_refuses_other_fields(self, browser, address, field):
        assert browser.get(f"{address}{field}").status_code == 403

    def test_autocomplete_names_no_users(self, browser):
        address = f"{at('autocomplete')}?app_label=accounts&model_name=membership&field_name=user"
        assert browser.get(address).status_code == 403

    @pytest.mark.parametrize(
        "query", ["term=%00", "term=x", f"term={'9' * 30}", "page=x", "page=-1", "page=99"]
    )
    def test_autocomplete_survives_invalid_parameters(self, browser, own, address, query):
        an_issue(magazine=own)
        assert browser.get(f"{address}issue&{query}").status_code in {200, 404}

    def test_autocomplete_costs_the_same_for_1_and_3_rows(
        self, own, browser, address, django_assert_num_queries
    ):
        an_issue(magazine=own)
        with CaptureQueriesContext(connection) as captured:
            browser.get(f"{address}issue")
        an_issue(magazine=own), an_issue(magazine=own)
        with django_assert_num_queries(len(captured)):
            assert len(browser.get(f"{address}issue").json()["results"]) == 3


class TestForms:
    """A form that contains a value which it did not offer is refused, and nothing is saved."""

    @pytest.fixture
    def article(self, own):
        return an_article(magazine=own, column=a_column(magazine=own), issue=an_issue(magazine=own))

    @pytest.mark.parametrize("field", ["magazine", "column", "issue"])
    def test_form_refuses_a_row_of_another_magazine(self, browser, other, article, field):
        theirs = {
            "magazine": other,
            "column": a_column(magazine=other),
            "issue": an_issue(magazine=other),
        }[field]
        response = submit(
            browser, at("articles_article_change", article.pk), **{field: theirs.pk}, title="新题"
        )
        assert field in errors(response)
        assert errors(response)[field] == ["invalid_choice"]
        assert Article.objects.get().title == article.title

    def test_form_refuses_to_mix_two_magazines_of_the_user(self, own, other, chief, article):
        chief.memberships.create(magazine=other, role=Role.EDITOR)
        browser, address = a_browser(chief), at("articles_article_change", article.pk)
        response = submit(
            browser, address, issue=an_issue(magazine=other).pk, column=a_column(magazine=other).pk
        )
        assert errors(response) == {
            "issue": ["issue_of_another_magazine"],
            "column": ["column_of_another_magazine"],
        }

    def test_form_refuses_a_magazine_in_which_the_user_only_proofreads(self, browser, other, chief):
        chief.memberships.create(magazine=other, role=Role.PROOFREADER)
        sent = {"title": "新", "body": "<p>文</p>", "column": a_column().pk, "magazine": other.pk}
        response = submit(browser, at("articles_article_add"), **sent)
        assert errors(response) == {"magazine": ["invalid_choice"]}
        assert not Article.objects.exists()

    def test_form_requires_a_magazine(self, browser, article):
        for changed in [{"magazine": "", "issue": ""}, {"magazine": ""}]:
            response = submit(browser, at("articles_article_change", article.pk), **changed)
            assert errors(response)["magazine"] == ["required"]

    @pytest.mark.parametrize(
        "name", ["magazine_issue", "articles_column", "articles_article", "notices_notice"]
    )
    def test_form_preselects_the_only_magazine(self, browser, own, name):
        assert form_data(browser.get(at(f"{name}_add")))["magazine"] == [str(own.pk)]

    def test_form_ignores_values_in_the_address(self, browser, own, other):
        theirs = an_issue(magazine=other)
        for query in [
            f"issue={theirs.pk}",
            "issue=x",
            f"issue={'9' * 30}",
            "title=x&magazine=x",
            "date=x",
            "seen=x",
        ]:
            form = form_data(browser.get(f"{at('articles_article_add')}?{query}"))
            assert (form["title"], form["magazine"], form.get("issue", [""])) == (
                [""],
                [str(own.pk)],
                [""],
            )

    def test_save_as_new_requires_the_add_permission(self, own, article):
        browser = a_browser(an_editor(own, Role.PROOFREADER))
        address = at("articles_article_change", article.pk)
        assert submit(browser, address, _saveasnew="1").status_code == 403
        assert Article.objects.count() == 1

    @pytest.mark.parametrize(
        "query", ["_to_field=password", "_to_field=updated_by__password", "_popup=1&_to_field=x"]
    )
    def test_change_page_refuses_other_key_fields(self, browser, article, query):
        assert (
            browser.get(f"{at('articles_article_change', article.pk)}?{query}").status_code == 400
        )

    def test_popup_opens_no_row_of_another_magazine(self, browser, other):
        theirs = an_issue(magazine=other)
        response = browser.get(f"{at('magazine_issue_change', theirs.pk)}?_popup=1&_to_field=id")
        assert (response.status_code, response["Location"]) == (302, at("index"))

    def test_delete_does_not_cascade(self, browser, own, article):
        for address in [
            at("magazine_issue_delete", article.issue.pk),
            at("articles_column_delete", article.column.pk),
        ]:
            assert browser.post(address, {"post": "yes"}).status_code == 200
        assert (Issue.objects.count(), Article.objects.count()) == (1, 1)


class TestOtherMagazines:
    @pytest.mark.parametrize("view", ["change", "delete", "history"])
    def test_row_of_another_magazine_answers_like_a_missing_one(self, browser, other, view):
        there = browser.get(
            at(f"articles_article_{view}", an_article(magazine=other, title="秘密").pk)
        )
        gone = browser.get(at(f"articles_article_{view}", 10**9))
        assert (
            (there.status_code, there["Location"])
            == (gone.status_code, gone["Location"])
            == (302, at("index"))
        )
        assert "秘密" not in "".join(messages_of(there))

    def test_index_lists_the_users_own_actions_only(self, browser, own):
        submit(
            a_browser(an_editor(own)),
            at("articles_article_change", an_article(magazine=own, title="他改的").pk),
        )
        submit(browser, at("articles_article_change", an_article(magazine=own, title="我改的").pk))
        text = browser.get(at("index")).content.decode()
        assert LogEntry.objects.count() == 2
        assert "我改的" in text
        assert "他改的" not in text

    def test_view_on_site_redirect_does_not_exist(self, browser, other, own):
        for kind in range(1, 40):
            assert browser.get(f"/admin/r/{kind}/{an_issue(magazine=other).pk}/").status_code == 404
        issue = an_issue(magazine=own)
        text = browser.get(at("magazine_issue_change", issue.pk)).content.decode()
        assert f'href="{issue.get_absolute_url()}"' in text


class TestContentSecurityPolicy:
    """Inline scripts are allowed only on pages that load the rich text editor."""

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

    @pytest.mark.parametrize("is_relaxed", [True, False])
    def test_policy_is_relaxed_on_edit_pages_with_rich_text_only(self, addresses, is_relaxed):
        browser = a_browser(an_admin())
        for address in addresses[is_relaxed]:
            policy = browser.get(address)["Content-Security-Policy"]
            assert ("'unsafe-inline'" in policy) == is_relaxed, address
            assert "default-src 'none'" in policy

    def test_policy_is_strict_for_users_who_may_only_read(self, own):
        notice = a_notice(magazine=own, scope="magazine")
        response = a_browser(an_editor(own, Role.PROOFREADER)).get(
            at("notices_notice_change", notice.pk)
        )
        assert "ckeditor" not in response.content.decode()
        assert "'unsafe-inline'" not in response["Content-Security-Policy"]

    def test_policy_of_the_login_page_is_strict(self, client):
        assert "'unsafe-inline'" not in client.get(at("login"))["Content-Security-Policy"]


class TestExpensiveRequests:
    @pytest.mark.parametrize("text", ["<div>" * 90_000, "&" * 500_000, "<p>" + "文" * 3_000_000])
    def test_long_rich_text_is_refused_with_a_message(self, text):
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

    def test_search_with_many_words_is_answered(self):
        browser = a_browser(an_admin())
        response = browser.get(at("articles_article_changelist"), {"q": "字 " * 1400})
        assert response.status_code == 200

    @pytest.mark.parametrize("key", ["abc", "\0", "9" * 20])
    def test_autocomplete_field_refuses_an_invalid_key(self, key):
        response = submit(a_browser(an_admin()), at("articles_article_add"), column=key)
        assert response.status_code == 400


def test_slug_cannot_be_changed(own):
    submit(
        a_browser(an_admin()),
        reverse("admin:magazine_magazine_change", args=[own.pk]),
        slug="other",
    )
    assert Magazine.objects.get(pk=own.pk).slug == own.slug


def test_issue_cannot_move_to_another_magazine(own):
    issue = an_issue(magazine=own)
    other = a_magazine().pk
    submit(
        a_browser(an_admin()),
        reverse("admin:magazine_issue_change", args=[issue.pk]),
        magazine=other,
    )
    issue.refresh_from_db()
    assert issue.magazine == own
