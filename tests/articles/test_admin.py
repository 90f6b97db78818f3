from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import Role
from articles.models import Article, Column, Publication
from tests.builders import (
    a_browser,
    a_column,
    a_magazine,
    a_picture,
    a_publication,
    a_user,
    an_admin,
    an_article,
    an_editor,
    an_issue,
)
from tests.forms import form_data, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def magazine():
    return a_magazine(title="本刊")


@pytest.fixture
def desk(magazine):
    return a_browser(an_editor(magazine))


def at(name: str, *args) -> str:
    return reverse(f"admin:articles_{name}", args=args)


def errors(response) -> dict:
    return {
        name: [error.code for error in found]
        for name, found in response.context["adminform"].form.errors.as_data().items()
    }


class TestWriting:
    @pytest.fixture
    def written(self):
        return {"title": "新文", "body": "<p>文。</p>", "column": a_column().pk}

    def test_title_column_and_body_are_enough(self, desk, magazine, written):
        assert submit(desk, at("article_add"), **written).status_code == 302
        article = Article.objects.get()
        assert (article.title, article.body, article.magazine) == ("新文", "<p>文。</p>", magazine)

    @pytest.mark.parametrize("missing", ["title", "column", "body"])
    def test_none_of_them_is_left_out(self, desk, written, missing):
        assert errors(submit(desk, at("article_add"), **written | {missing: ""})) == {
            missing: ["required"]
        }

    def test_a_text_of_which_nothing_is_left_is_no_text(self, desk, written):
        response = submit(
            desk, at("article_add"), **written | {"body": "<p>　　&nbsp;</p><script>x()</script>"}
        )
        assert errors(response) == {"body": ["required"]}

    def test_what_word_brings_is_cleaned_away(self, desk, written):
        pasted = '<p class="MsoNormal" style="mso-x:y;font-family:宋体">　　文<b onclick="x()">字</b><o:p></o:p></p><p></p>'
        submit(desk, at("article_add"), **written | {"body": pasted})
        assert Article.objects.get().body == "<p>文<strong>字</strong></p>"

    def test_lines_lose_what_nobody_sees_of_what_is_pasted(self, desk, written):
        pasted = {
            "title": "\ufeff甲\u202e乙\x08",
            "authors": "于\u200b潇\r\n刘义",
            "abstract": "一\r\n\t二\ufffe",
        }
        assert submit(desk, at("article_add"), **written | pasted).status_code == 302
        article = Article.objects.get()
        assert (article.title, article.author_list) == ("甲乙", ["于潇", "刘义"])
        assert article.abstract.split() == ["一", "二"]

    @pytest.mark.parametrize(
        ("typed", "stored"),
        [
            ("www.example.cn/a", "https://www.example.cn/a"),
            ("http://www.example.cn/a", "http://www.example.cn/a"),
            ("https://www.example.cn/a", "https://www.example.cn/a"),
        ],
    )
    def test_a_source_without_a_scheme_is_taken_for_https(self, desk, written, typed, stored):
        submit(desk, at("article_add"), **written, source_url=typed)
        assert Article.objects.get().source_url == stored

    @pytest.mark.parametrize("typed", ["javascript:alert(1)", "data:text/html,x", "//"])
    def test_a_source_is_an_address_of_the_web(self, desk, written, typed):
        assert "source_url" in errors(submit(desk, at("article_add"), **written, source_url=typed))

    def test_a_picture_is_said_in_words(self, desk, written):
        response = submit(desk, at("article_add"), **written, cover=a_picture())
        assert gettext("Say in words what the cover picture shows.") in response.content.decode()
        assert (
            submit(
                desk, at("article_add"), **written, cover=a_picture(), cover_alt="一幅画"
            ).status_code
            == 302
        )

    def test_saving_does_not_change_what_readers_see(self, desk, client, magazine):
        article = a_publication(magazine=magazine, title="旧题").article
        submit(desk, at("article_change", article.pk), title="新题")
        text = client.get(article.get_absolute_url()).content.decode()
        assert "旧题" in text
        assert "新题" not in text

    def test_the_administrator_takes_the_magazine_from_the_issue(self, written):
        issue = an_issue()
        response = submit(a_browser(an_admin()), at("article_add"), **written, issue=issue.pk)
        assert response.status_code == 302
        assert Article.objects.get().magazine == issue.magazine

    def test_once_published_it_is_not_deleted(self, desk, magazine):
        article = a_publication(magazine=magazine).article
        assert desk.post(at("article_delete", article.pk), {"post": "yes"}).status_code == 200
        chosen = {"action": "delete_selected", "_selected_action": article.pk, "post": "yes"}
        desk.post(at("article_changelist"), chosen)
        assert (Article.objects.count(), Publication.objects.count()) == (1, 1)


class TestStatus:
    @pytest.fixture
    def articles(self, magazine) -> dict[str, Article]:
        now = timezone.now()
        soon, later = now + timedelta(hours=1), now + timedelta(hours=2)
        over = {"starts_at": now - timedelta(hours=3), "ends_at": now - timedelta(hours=2)}
        changing = a_publication(magazine=magazine, ends_at=soon).article
        a_publication(changing, starts_at=soon)
        cancelled = a_publication(magazine=magazine, starts_at=later, ends_at=later).article
        return {
            "draft": an_article(magazine=magazine),
            "cancelled": cancelled,
            "live": a_publication(magazine=magazine).article,
            "scheduled": a_publication(magazine=magazine, starts_at=soon).article,
            "changing": changing,
            "withdrawn": a_publication(magazine=magazine, **over).article,
        }

    @pytest.mark.parametrize(
        ("status", "found"),
        [
            ("live", {"live", "changing"}),
            ("pending", {"scheduled", "changing"}),
            ("withdrawn", {"withdrawn"}),
            ("draft", {"draft", "cancelled"}),
            ("nonsense", {"draft", "cancelled", "live", "scheduled", "changing", "withdrawn"}),
        ],
    )
    def test_filters_the_list(self, desk, articles, status, found):
        response = desk.get(at("article_changelist"), {"status": status})
        assert set(response.context["cl"].result_list) == {articles[name] for name in found}

    def test_counts_beside_the_filters_agree(self, desk, articles):
        response = desk.get(at("article_changelist"), {"_facets": "True"})
        text = response.content.decode()
        assert response.status_code == 200
        assert f"{gettext('withdrawn')} (1)" in text
        assert f"{gettext('never published')} (2)" in text

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("draft", "never published"),
            ("cancelled", "never published"),
            ("live", "live"),
            ("withdrawn", "withdrawn"),
            ("scheduled", "scheduled for %s"),
            ("changing", "live, changes at %s"),
        ],
    )
    def test_is_said_in_the_list(self, desk, articles, name, said):
        response = desk.get(at("article_changelist"), {"id": articles[name].pk})
        assert list(response.context["cl"].result_list) == [articles[name]]
        assert f'field-status">{gettext(said).partition("%s")[0]}' in response.content.decode()

    def test_the_list_says_place_and_last_hand(self, desk, magazine):
        issue = an_issue(magazine=magazine, year=2024, number=3)
        an_article(issue=issue, updated_by=a_user(name="王编辑"))
        an_article(magazine=magazine)
        text = desk.get(at("article_changelist")).content.decode()
        assert "本刊 2024年第3期" in text
        assert "王编辑" in text


class TestPreview:
    def test_shows_the_draft_as_readers_would_see_it(self, desk, magazine):
        article = an_article(
            magazine=magazine,
            title="未发之文",
            body="<p>草稿正文。</p>",
            issue=an_issue(magazine=magazine),
        )
        response = desk.get(at("article_preview", article.pk))
        text = response.content.decode()
        assert response.status_code == 200
        assert "未发之文" in text
        assert ">草稿正文。</p>" in text
        assert gettext("This is a preview: readers do not see it.") in text
        assert not Publication.objects.exists()

    def test_is_kept_nowhere(self, desk, magazine):
        response = desk.get(at("article_preview", an_article(magazine=magazine).pk))
        assert {"no-cache", "no-store", "private"} <= set(
            response["Cache-Control"].replace(" ", "").split(",")
        )
        assert '<meta name="robots" content="noindex">' in response.content.decode()

    def test_of_a_published_article_is_the_working_copy(self, desk, magazine):
        article = a_publication(magazine=magazine, title="旧题").article
        submit(desk, at("article_change", article.pk), title="新题")
        assert "新题" in desk.get(at("article_preview", article.pk)).content.decode()

    @pytest.mark.parametrize("role", Role.values)
    def test_everybody_of_the_magazine_may_see_it(self, magazine, role):
        article = an_article(magazine=magazine)
        assert (
            a_browser(an_editor(magazine, role)).get(at("article_preview", article.pk)).status_code
            == 200
        )

    def test_nobody_else_may(self, client, magazine):
        address = at("article_preview", an_article(magazine=magazine).pk)
        for user in [an_editor(role=Role.CHIEF), a_user()]:
            assert a_browser(user).get(address).status_code == 404
        assert client.get(address).status_code == 302
        assert a_browser(an_admin()).get(address).status_code == 200

    @pytest.mark.parametrize("pk", [0, 10**9, 10**30])
    def test_of_nothing(self, desk, pk):
        assert desk.get(at("article_preview", pk)).status_code == 404

    def test_shows_the_date_that_publishing_would_give(self, desk, magazine, clock):
        article = an_article(magazine=magazine)
        article.publish(by=None)
        clock.move(days=400)
        assert "2024-03-03" in desk.get(at("article_preview", article.pk)).content.decode()

    def test_is_linked_from_the_article(self, desk, magazine):
        article = an_article(magazine=magazine)
        text = desk.get(at("article_change", article.pk)).content.decode()
        assert f'href="{at("article_preview", article.pk)}"' in text
        assert f'href="{article.get_absolute_url()}"' not in text

    def test_stands_beside_the_article_once_that_is_live(self, desk, magazine):
        article = a_publication(magazine=magazine).article
        text = desk.get(at("article_change", article.pk)).content.decode()
        assert f'href="{article.get_absolute_url()}"' in text


class TestPublication:
    """The record is read, by nobody changed."""

    @pytest.fixture
    def publication(self, magazine):
        return a_publication(magazine=magazine, title="甲文", body="<p>正文。</p>")

    def test_is_read_by_the_magazine(self, desk, publication):
        assert "甲文" in desk.get(at("publication_changelist")).content.decode()
        assert "正文。" in desk.get(at("publication_change", publication.pk)).content.decode()

    def test_is_found_by_title_and_by_article_number(self, desk, publication):
        for query, found in [
            ("甲文", 1),
            (publication.article_id, 1),
            ("乙文", 0),
            (publication.article_id + 1, 0),
        ]:
            response = desk.get(at("publication_changelist"), {"q": query})
            assert len(response.context["cl"].result_list) == found

    def test_is_changed_by_nobody(self, publication):
        administrator = a_browser(an_admin())
        before = Publication.objects.values().get()
        sent = {
            "title": "新题",
            "post": "yes",
            "action": "delete_selected",
            "_selected_action": publication.pk,
        }
        for address in ["publication_change", "publication_delete"]:
            assert administrator.post(at(address, publication.pk), sent).status_code == 403
        for address in ["publication_add", "publication_changelist"]:
            assert administrator.post(at(address), sent).status_code in {200, 403}
        assert Publication.objects.values().get() == before

    def test_offers_no_way_to_change_it(self, publication):
        administrator = a_browser(an_admin())
        for address in [at("publication_changelist"), at("publication_change", publication.pk)]:
            text = administrator.get(address).content.decode()
            assert "delete_selected" not in text
            assert 'name="_save"' not in text
            assert at("publication_add") not in text


class TestColumn:
    def test_heads_make_columns_of_their_magazine(self, magazine):
        head = a_browser(an_editor(magazine, Role.HEAD))
        assert submit(head, at("column_add"), title="新栏", slug="new").status_code == 302
        assert Column.objects.get().magazine == magazine

    def test_only_the_administrator_makes_shared_ones(self, magazine):
        head = a_browser(an_editor(magazine, Role.HEAD))
        assert errors(submit(head, at("column_add"), title="新栏", slug="new", magazine="")) == {
            "magazine": ["required"]
        }
        submit(a_browser(an_admin()), at("column_add"), title="新栏", slug="new")
        assert Column.objects.get().magazine is None

    def test_a_shared_one_is_read_by_all(self, magazine):
        column = a_column(magazine=None, title="共栏")
        response = a_browser(an_editor(magazine, Role.CHIEF)).get(at("column_change", column.pk))
        assert "共栏" in response.content.decode()
        assert "title" not in form_data(response)


def test_an_issues_articles_are_found_by_its_year_and_number(desk, magazine):
    issue = an_issue(magazine=magazine, year=2026, number=22)
    an_article(magazine=magazine, issue=an_issue(magazine=magazine, year=2026, number=21))
    article = an_article(magazine=magazine, issue=issue)
    found = desk.get(at("article_changelist"), {"q": "2026 22"}).context["cl"].queryset
    assert list(found) == [article]


def test_a_mistyped_year_is_refused(desk, magazine):
    article = an_article(magazine=magazine)
    page = submit(desk, at("article_change", article.pk), date="0206-07-01")
    assert gettext("The year is before 1900: it was probably mistyped.") in page.content.decode()


@pytest.mark.parametrize("nonsense", ["abc", "9" * 19, "\0"])
def test_nonsense_among_what_is_picked_is_refused(desk, magazine, nonsense):
    article, other = an_article(magazine=magazine), an_article(magazine=magazine)
    page = submit(desk, at("article_change", article.pk), picked=[nonsense, str(other.pk)])
    assert page.status_code == 400
