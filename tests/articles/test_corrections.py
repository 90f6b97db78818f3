from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext

from accounts.models import Role
from articles.models import Article, Publication
from tests.builders import (
    a_browser,
    a_column,
    a_magazine,
    a_publication,
    a_user,
    an_admin,
    an_article,
    an_editor,
    an_issue,
)
from tests.forms import form_data, submit
from tests.queries import Queries

pytestmark = pytest.mark.django_db

ERRATUM = {
    "correction_kind": "erratum",
    "corrected_on": date(2024, 3, 1),
    "correction_reason": "图1的单位应为万元。",
}


def at(name: str, *args) -> str:
    return reverse(f"admin:articles_{name}", args=args)


@pytest.fixture
def magazine():
    return a_magazine()


@pytest.fixture
def desk(magazine):
    return a_browser(an_editor(magazine))


class TestCorrection:
    def test_stands_above_the_text(self, client):
        page = client.get(
            a_publication(**ERRATUM, body="<p>正文。</p>").get_absolute_url()
        ).text.partition("<h1")[2]
        texts = [
            f">{pgettext('kind', 'erratum')}</strong>",
            ">2024-03-01<",
            "图1的单位",
            ">正文。</p>",
        ]
        places = [page.index(text) for text in texts]
        assert places == sorted(places)

    def test_is_marked_where_an_article_is_the_previous_or_the_next(self, client):
        column, kind = a_column(), pgettext("kind", "erratum")
        for place in range(3):
            a_publication(
                column=column, title=f"第{place}篇", date=date(2024, 1, 1 + place), **ERRATUM
            )
        second = Publication.objects.get(title="第1篇")
        ways = (
            client.get(second.get_absolute_url())
            .text.partition('class="neighbours"')[2]
            .partition("</nav>")[0]
        )
        assert [f'第{place}篇 <b class="mark">{kind}</b>' in ways for place in range(3)] == [
            True,
            False,
            True,
        ]

    def test_is_not_spoken_of_where_there_is_none(self, client):
        publication = a_publication()
        page = client.get(publication.get_absolute_url()).text
        assert 'class="correction"' not in page
        assert 'class="mark"' not in page
        assert publication.correction == ""

    def test_is_said_in_one_line(self):
        publication = a_publication(**ERRATUM)
        kind = pgettext("kind", "erratum")
        said = {"kind": kind, "day": "2024-03-01", "reason": "图1的单位应为万元。"}
        assert publication.correction == gettext("%(kind)s (%(day)s): %(reason)s") % said

    @pytest.mark.parametrize("kind", ["correction", "erratum", "retraction"])
    def test_is_marked_wherever_articles_are_listed(self, client, kind):
        column, issue = a_column(), an_issue()
        first = a_publication(column=column, issue=issue, lead=True)
        a_publication(
            column=column, issue=issue, **ERRATUM | {"correction_kind": kind}, date=date(2024, 1, 1)
        )
        mark = f'<b class="mark">{pgettext("kind", kind)}</b>'
        for thing in [column, issue, issue.magazine, first]:
            assert mark in client.get(thing.get_absolute_url()).text, thing
        assert mark in client.get("/").text

    def test_is_marked_among_the_leads_and_above_a_column(self, client):
        a_publication(**ERRATUM, lead=True)
        assert client.get("/").text.count('<b class="mark">') == 2

    def test_stays_when_the_article_is_published_again(self, desk, magazine, client):
        article = a_publication(magazine=magazine).article
        changed = {
            "correction_kind": "erratum",
            "corrected_on": "2024-03-01",
            "correction_reason": "有误",
        }
        assert submit(desk, at("article_change", article.pk), **changed).status_code == 302
        article.refresh_from_db()
        assert not Publication.objects.live().get(article=article).correction
        for title in ["二", "三"]:
            submit(desk, at("article_change", article.pk), title=title)
            Article.objects.get(pk=article.pk).publish(by=None)
            page = client.get(article.get_absolute_url()).text
            assert "有误" in page
            assert f"{title}</" in page

    @pytest.mark.parametrize("missing", ERRATUM)
    def test_is_whole_or_none(self, desk, magazine, missing):
        whole = ERRATUM | {"corrected_on": "2024-03-01"}
        article = an_article(magazine=magazine)
        response = submit(desk, at("article_change", article.pk), **whole | {missing: ""})
        errors = response.context["adminform"].form.non_field_errors().as_data()
        assert [error.code for error in errors] == ["half_a_correction"]
        with pytest.raises(IntegrityError), transaction.atomic():
            a_publication(**ERRATUM | {missing: None if missing == "corrected_on" else ""})

    def test_is_text_and_not_markup(self, client):
        page = client.get(
            a_publication(**ERRATUM | {"correction_reason": "<b>x</b>"}).get_absolute_url()
        ).text
        assert "&lt;b&gt;x" in page

    def test_is_seen_in_the_preview(self, desk, magazine):
        article = an_article(magazine=magazine, **ERRATUM)
        assert "图1的单位" in desk.get(at("article_preview", article.pk)).text


class TestWithdrawn:
    def test_says_title_day_and_reason(self, client, clock):
        article = an_article(title="原题", body="<p>正文。</p>", abstract="摘要")
        article.publish(by=None)
        clock.move(days=1)
        article.withdraw(by=None, reason="数据<有误>")
        response = client.get(article.get_absolute_url())
        assert response.status_code == 410
        assert '<meta name="robots" content="noindex">' in response.text
        for text in ["原题", "2024年3月4日", "数据&lt;有误&gt;"]:
            assert text in response.text
        for text in ["正文。", "摘要", 'class="share"']:
            assert text not in response.text
        assert not response.cookies

    def test_is_kept_until_something_is_written(self, client, clock):
        article = a_publication(
            magazine=a_magazine(), starts_at=clock.in_(hours=-2), ends_at=clock.in_(hours=-1)
        ).article
        client.get(article.get_absolute_url())
        with Queries() as queries:
            client.get(article.get_absolute_url())
        assert not len(queries)

    def test_head_answers_and_post_is_refused(self, client, clock):
        address = a_publication(
            starts_at=clock.in_(hours=-2), ends_at=clock.in_(hours=-1)
        ).get_absolute_url()
        assert (client.head(address).status_code, client.post(address).status_code) == (410, 405)

    def test_without_a_reason_it_says_none(self, client, clock):
        address = a_publication(
            starts_at=clock.in_(hours=-2), ends_at=clock.in_(hours=-1)
        ).get_absolute_url()
        assert "None" not in client.get(address).text

    def test_never_seen_is_not_found(self, client, clock):
        scheduled, cancelled = an_article(), an_article()
        scheduled.publish(by=None, at=clock.in_(hours=1))
        cancelled.publish(by=None, at=clock.in_(hours=1))
        cancelled.withdraw(by=None, reason="误")
        assert {
            client.get(article.get_absolute_url()).status_code for article in [scheduled, cancelled]
        } == {404}
        clock.move(hours=2)
        assert client.get(cancelled.get_absolute_url()).status_code == 404

    def test_says_what_was_seen_last(self, client, clock):
        article = an_article(title="第一版")
        article.publish(by=None)
        clock.move(hours=1)
        Article.objects.filter(pk=article.pk).update(title="第二版")
        article.publish(by=None)
        Article.objects.filter(pk=article.pk).update(title="从未发布")
        article.publish(by=None, at=clock.in_(hours=2))
        clock.move(hours=1)
        article.withdraw(by=None, reason="误")
        page = client.get(article.get_absolute_url()).text
        assert "第二版" in page
        assert "从未发布" not in page

    def test_is_back_once_it_is_published_again(self, client, clock):
        article = an_article()
        article.publish(by=None)
        clock.move(hours=1)
        article.withdraw(by=None, reason="误")
        clock.move(hours=1)
        article.publish(by=None)
        assert client.get(article.get_absolute_url()).status_code == 200

    def test_editors_are_told_that_readers_find_the_reason(self, desk, magazine):
        article = a_publication(magazine=magazine).article
        help_text = gettext(
            "Readers see the reason at the address of the article. "
            "It stays in the record of publications."
        )
        assert help_text in desk.get(f"{at('article_withdraw')}?ids={article.pk}").text


class TestVersions:
    @pytest.fixture
    def article(self, magazine) -> Article:
        """Three versions that were seen, one of them withdrawn, one that was not, and one to come."""
        now, hour = timezone.now(), timedelta(hours=1)
        by = a_user(name="王编辑")
        article = an_article(magazine=magazine)
        ended = {"ended_by": by, "end_reason": "数据有误"}
        a_publication(
            article,
            title="一版",
            body="<p>甲。</p>",
            starts_at=now - 5 * hour,
            ends_at=now - 4 * hour,
            **ended,
        )
        a_publication(
            article, title="二版", body="<p>乙。</p>", starts_at=now - 2 * hour, ends_at=now - hour
        )
        a_publication(article, title="未见", starts_at=now - hour, ends_at=now - hour)
        a_publication(
            article, title="现版", starts_at=now - hour, ends_at=now + hour, published_by=by
        )
        a_publication(article, title="将来", starts_at=now + hour)
        return article

    def test_are_listed_with_from_and_to_hand_and_reason(self, desk, article):
        response = desk.get(at("article_versions", article.pk))
        assert [version.title for version in response.context["versions"]] == [
            "将来",
            "现版",
            "二版",
            "一版",
        ]
        for version in response.context["versions"]:
            assert f'href="{at("publication_page", version.pk)}"' in response.text
            assert (
                timezone.localtime(version.starts_at).strftime("%Y-%m-%d %H:%M:%S") in response.text
            )
        for text in ["王编辑", "数据有误"]:
            assert text in response.text
        assert "None" not in response.text

    @pytest.mark.parametrize(("title", "body"), [("一版", "甲。"), ("二版", "乙。")])
    def test_open_as_they_stood(self, desk, article, title, body):
        version = article.publications.get(title=title)
        response = desk.get(at("publication_page", version.pk))
        assert f">{body}</p>" in response.text
        for instant in [version.starts_at, version.ends_at]:
            assert timezone.localtime(instant).strftime("%Y-%m-%d %H:%M:%S") in response.text
        assert '<meta name="robots" content="noindex">' in response.text
        assert {"no-cache", "no-store", "private"} <= set(
            response["Cache-Control"].replace(" ", "").split(",")
        )

    @pytest.mark.parametrize("title", ["现版", "将来"])
    def test_of_now_and_of_later_open_too(self, desk, article, title):
        assert (
            title in desk.get(at("publication_page", article.publications.get(title=title).pk)).text
        )

    def test_are_linked_from_the_article(self, desk, article):
        assert (
            f'href="{at("article_versions", article.pk)}"'
            in desk.get(at("article_change", article.pk)).text
        )

    def test_are_for_the_magazine_s_own_staff(self, article, magazine):
        version = article.publications.first()
        addresses = [at("article_versions", article.pk), at("publication_page", version.pk)]
        for role in Role.values:
            browser = a_browser(an_editor(magazine, role))
            assert {browser.get(address).status_code for address in addresses} == {200}
        for user in [an_editor(role=Role.CHIEF), a_user()]:
            assert {a_browser(user).get(address).status_code for address in addresses} == {404}
        assert {a_browser(an_admin()).get(address).status_code for address in addresses} == {200}

    def test_of_a_draft_there_are_none(self, desk, magazine):
        response = desk.get(at("article_versions", an_article(magazine=magazine).pk))
        assert list(response.context["versions"]) == []

    @pytest.mark.parametrize("pk", [0, 10**9, 10**30])
    @pytest.mark.parametrize("name", ["article_versions", "publication_page"])
    def test_of_nothing(self, desk, name, pk):
        assert desk.get(at(name, pk)).status_code == 404


class TestPicking:
    def test_related_articles_in_the_form(self, desk, magazine):
        article, other = an_article(magazine=magazine), an_article(magazine=magazine)
        assert (
            submit(desk, at("article_change", article.pk), picked=[str(other.pk)]).status_code
            == 302
        )
        assert list(article.picked.all()) == [other]

    def test_another_magazine_s_article_is_not_offered(self, desk, magazine):
        article, other = an_article(magazine=magazine), an_article(magazine=a_magazine())
        response = submit(desk, at("article_change", article.pk), picked=[str(other.pk)])
        assert "picked" in response.context["adminform"].form.errors
        assert not article.picked.exists()

    def test_what_the_administrator_picked_stays(self, desk, magazine):
        article, other = an_article(magazine=magazine), an_article(magazine=a_magazine())
        article.picked.add(other)
        response = desk.get(at("article_change", article.pk))
        assert form_data(response)["picked"] == [str(other.pk)]
        assert submit(desk, at("article_change", article.pk), title="新题").status_code == 302
        assert list(article.picked.all()) == [other]

    def test_the_record_says_what_was_picked(self, desk, magazine):
        article, other = an_article(magazine=magazine), an_article(magazine=magazine)
        article.picked.add(other)
        publication = article.publish(by=None)
        assert f"[{other.pk}]" in desk.get(at("publication_change", publication.pk)).text
