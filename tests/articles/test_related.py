from datetime import date
from io import StringIO
from math import log

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles.mentions import names_of
from articles.models import Article, Mention, Publication
from articles.related import MAX_READ, MAX_SHOWN, MAX_STORED, WEIGHTS
from tests.builders import a_column, a_publication, an_article, an_issue

pytestmark = pytest.mark.django_db


def published(**values) -> Article:
    article = an_article(**values)
    article.publish(by=None)
    return article


def related(article: Article) -> list[int]:
    return article.publications.order_by("pk").last().related


def shown(client, article: Article) -> list[int]:
    return [card.article_id for card in client.get(article.get_absolute_url()).context["related"]]


def refresh() -> str:
    output = StringIO()
    call_command("refresh_related", stdout=output)
    return output.getvalue()


class TestChoice:
    def test_what_shares_rare_keywords_goes_before_what_shares_the_column(self, client):
        column = a_column()
        rare = published(keywords="司库", date=date(2001, 1, 1))
        for _ in range(MAX_SHOWN):
            published(column=column, date=date(2001, 1, 1))
        for _ in range(20):
            published(keywords="财政", date=date(2001, 1, 1))
        this = published(column=column, keywords="司库\n财政")
        assert related(this)[0] == rare.pk
        assert rare.pk in shown(client, this)

    @pytest.mark.parametrize(
        "shared",
        [{"keywords": "司库"}, {"authors": "于潇"}, {"title": "司库体系"}, {"column": None}],
    )
    def test_each_kind_of_likeness_counts(self, shared):
        values = shared | ({"column": a_column()} if "column" in shared else {})
        alike = published(**{"title": "甲乙"} | values)
        for _ in range(3):
            published(title="丙丁")
        assert related(published(**{"title": "戊己"} | values)) == [alike.pk]

    @pytest.mark.parametrize("field", ["authors", "keywords", "title"])
    def test_however_it_is_typed(self, field):
        alike = published(**{"title": "甲乙", field: "ＯＥＣＤ　Ｌａｂ"})
        published(title="丙丁")
        assert related(published(**{"title": "戊己", field: "oecd Lab"})) == [alike.pk]

    def test_several_versions_count_once(self, clock):
        once = [published(keywords="甲").pk for _ in range(2)]
        often = an_article(keywords="甲")
        for _ in range(5):
            clock.move(minutes=1)
            often.publish(by=None)
        this = published(keywords="甲")
        assert related(this) == [often.pk, *once[::-1]]
        find = Publication.objects.sharing("keyword", "甲")
        assert (len(find.versions), find.weight) == (8, WEIGHTS["keyword"] * log(1 + MAX_READ / 4))

    def test_what_a_correction_took_out_is_shared_no_more(self, clock):
        article = published(title="一二", keywords="甲")
        clock.move(minutes=1)
        Article.objects.filter(pk=article.pk).update(keywords="乙")
        article.publish(by=None)
        assert related(published(title="三四", keywords="甲")) == []
        assert related(published(title="五六", keywords="乙")) == [article.pk]

    def test_own_versions_are_not_shown(self, clock):
        alike, this = published(keywords="甲"), an_article(keywords="甲")
        for _ in range(5):
            clock.move(minutes=1)
            this.publish(by=None)
        assert related(this) == [alike.pk]

    def test_newer_before_older(self, client):
        older, newer, newest = (
            published(keywords="甲", date=date(year, 1, 1)).pk for year in (2001, 2011, 2021)
        )
        assert shown(client, published(keywords="甲")) == [newest, newer, older]

    def test_of_many_that_are_alike_the_newest_are_chosen(self):
        alike = [published(keywords="甲", date=date(2001, 1, day)).pk for day in range(1, 21)]
        assert related(published(keywords="甲")) == alike[: -MAX_STORED - 1 : -1]

    def test_of_a_piece_to_come_is_what_readers_will_see_then(self, client, clock):
        monday = clock.in_(days=1)
        first, second = an_article(keywords="甲"), an_article(keywords="甲")
        first.publish(by=None, at=monday)
        later = an_article(keywords="甲")
        later.publish(by=None, at=clock.in_(days=2))
        second.publish(by=None, at=monday)
        assert related(second) == [first.pk]

    def test_reads_no_more_of_a_name_than_it_may(self, monkeypatch):
        monkeypatch.setattr("articles.querysets.MAX_READ", 3)
        column = a_column()
        alike = [
            a_publication(column=column, keywords="甲", title="题").article_id for _ in range(5)
        ]
        article = an_article(column=column, keywords="甲", title="题")
        with CaptureQueriesContext(connection) as queries:
            article.publish(by=None)
        reads = [query["sql"] for query in queries if "LIMIT 3" in query["sql"]]
        assert len(reads) == len([*names_of(article), article.column])
        assert related(article) == alike[:1:-1]


class TestShown:
    def test_picked_articles_first(self, client):
        picked = published(date=date(1999, 1, 1))
        alike = published(keywords="甲")
        this = an_article(keywords="甲")
        this.picked.add(picked)
        this.publish(by=None)
        assert shown(client, this) == [picked.pk, alike.pk]

    def test_picked_articles_newer_before_older_whatever_the_order_of_picking(self, client):
        days = [
            date(2003, 1, 1),
            date(2001, 1, 1),
            date(2002, 1, 1),
            *[date(2000, 1, day) for day in range(1, 6)],
        ]
        picks = [published(date=day) for day in days]
        alike, this = published(keywords="甲"), an_article(keywords="甲")
        for article in [picks[1], picks[2], picks[0]]:
            this.picked.add(article)
        this.publish(by=None)
        assert shown(client, this)[:4] == [picks[0].pk, picks[2].pk, picks[1].pk, alike.pk]
        this.picked.add(*picks)
        this.publish(by=None)
        assert shown(client, this) == [
            article.pk for article in [picks[0], picks[2], picks[1], *picks[:4:-1]]
        ]

    def test_picks_are_published_like_everything_else(self, client, clock):
        old = [published(date=date(1999, 1, 1)).pk for _ in range(MAX_SHOWN)]
        for _ in range(MAX_SHOWN + 1):
            published(keywords="甲")
        this = published(keywords="甲")
        this.picked.add(old[0])
        refresh()
        assert old[0] not in shown(client, this)
        clock.move(minutes=1)
        this.publish(by=None)
        assert shown(client, this)[0] == old[0]

    def test_never_itself_a_draft_or_a_withdrawn_one(self, client, clock):
        gone, draft, scheduled = (
            published(keywords="甲"),
            an_article(keywords="甲"),
            an_article(keywords="甲"),
        )
        this = an_article(keywords="甲")
        this.picked.add(this, draft, gone, scheduled)
        scheduled.publish(by=None, at=clock.in_(hours=1))
        this.publish(by=None)
        assert shown(client, this) == [gone.pk]
        clock.move(minutes=1)
        gone.withdraw(by=None, reason="误")
        assert shown(client, this) == []
        clock.move(hours=1)
        assert shown(client, this) == [scheduled.pk]

    @pytest.mark.parametrize("others", [0, 1, 5, 6, 7, 13])
    def test_six_wherever_the_site_has_six(self, client, others):
        articles = [published() for _ in range(others + 1)]
        for article in articles:
            found = shown(client, article)
            assert len(found) == len(set(found)) == min(others, MAX_SHOWN)
            assert article.pk not in found

    def test_six_also_where_its_neighbours_have_nothing_in_common_with_it(self, client):
        issue = an_issue()
        before, this, after = (an_article(issue=issue, position=position) for position in (1, 2, 3))
        picks = [published() for _ in range(MAX_SHOWN - 1)]
        this.picked.add(*picks)
        for article in (this, before, after):
            article.publish(by=None)
        other = published().pk
        assert shown(client, this) == [*[article.pk for article in picks[::-1]], other]

    def test_six_also_when_all_that_was_picked_is_gone(self, client, clock):
        picks, others = [published() for _ in range(3)], {published().pk for _ in range(MAX_SHOWN)}
        this = an_article()
        this.picked.add(*picks)
        this.publish(by=None)
        clock.move(minutes=1)
        for article in picks:
            article.withdraw(by=None, reason="误")
        assert set(shown(client, this)) == others

    def test_six_also_when_the_last_that_was_published_is_one_article_again_and_again(
        self, client, clock
    ):
        articles = [published() for _ in range(MAX_SHOWN + 1)]
        for _ in range(MAX_SHOWN + 2):
            clock.move(minutes=1)
            articles[0].publish(by=None)
        articles[0].publish(by=None, at=clock.in_(days=1))
        assert set(shown(client, articles[1])) == {article.pk for article in articles} - {
            articles[1].pk
        }
        assert set(shown(client, articles[0])) == {article.pk for article in articles[1:]}

    def test_six_also_when_many_of_those_found_are_gone(self, client, clock):
        alike = [published(keywords="甲") for _ in range(MAX_STORED)]
        others = [published(date=date(1999, 1, 1)).pk for _ in range(MAX_SHOWN)]
        this = published(keywords="甲")
        clock.move(minutes=1)
        for article in alike[1:]:
            article.withdraw(by=None, reason="误")
        found = shown(client, this)
        assert len(found) == MAX_SHOWN
        assert found[0] == alike[0].pk
        assert set(found[1:]) < set(others)

    def test_who_steps_in_stands_where_its_date_belongs(self, client, clock):
        days = [*range(2, MAX_SHOWN + 1), 1, MAX_SHOWN + 1]
        best = [
            published(title="预算绩效", keywords="甲", date=date(2001, 1, day))
            for day in days[:MAX_SHOWN]
        ]
        next_best = published(keywords="甲", date=date(2001, 1, days[MAX_SHOWN]))
        this = published(title="预算绩效", keywords="甲")
        assert related(this) == [best[at].pk for at in (4, 3, 2, 1, 0, 5)] + [next_best.pk]
        clock.move(minutes=1)
        best[4].withdraw(by=None, reason="误")
        assert shown(client, this) == [next_best.pk, *[best[at].pk for at in (3, 2, 1, 0, 5)]]

    def test_carries_the_title_and_the_mark_that_stand_now(self, client, clock):
        other = published(keywords="甲", title="旧题")
        this = published(keywords="甲")
        correction = {
            "correction_kind": "erratum",
            "correction_reason": "误",
            "corrected_on": date(2024, 1, 1),
        }
        Article.objects.filter(pk=other.pk).update(title="新题", **correction)
        clock.move(minutes=1)
        other.publish(by=None)
        [card] = client.get(this.get_absolute_url()).context["related"]
        assert (card.title, card.correction_kind) == ("新题", "erratum")

    def test_costs_one_query_together_with_previous_and_next(self, django_assert_num_queries):
        column = a_column()
        for _ in range(9):
            this = published(column=column, keywords="甲")
        publication = Publication.objects.get(article=this)
        with django_assert_num_queries(1):
            ways = Publication.objects.live().prev_next_related(publication)
            assert all([card.title, card.date] for card in [ways.previous, *ways.related])
            assert len(ways.related) == MAX_SHOWN


class TestRefresh:
    def test_shows_older_articles_what_came_after_them(self):
        this = published(keywords="甲", title="一")
        alike = published(keywords="甲", title="二")
        for _ in range(MAX_STORED + 1):
            published(title="三")
        assert related(this) == []
        refresh()
        assert related(this)[0] == alike.pk

    def test_shows_progress(self, monkeypatch):
        monkeypatch.setattr("articles.management.commands.refresh_related.BATCH_ROWS", 2)
        for _ in range(3):
            published()
        said = [line.partition(",")[0] for line in refresh().splitlines()]
        assert said == ["noted: 2 of 3", "noted: 3 of 3", "related: 2 of 3", "related: 3 of 3"]

    def test_mends_what_is_noted_and_writes_nothing_else(self):
        publications = [a_publication(authors="于潇", keywords="预算\n绩效") for _ in range(3)]
        noted = set(Mention.objects.values_list("pk"))
        publications[0].mentions.filter(name="于潇").delete()
        publications[1].mentions.filter(name="预算").update(name="错")
        refresh()
        assert set(Mention.objects.values_list("pk")) == noted
        with CaptureQueriesContext(connection) as queries:
            refresh()
        written = [query["sql"] for query in queries if not query["sql"].startswith("SELECT")]
        assert [sql for sql in written if "operations_timerrun" not in sql] == []

    def test_changes_nothing_else(self, clock):
        article = published(keywords="甲")
        published(keywords="甲")
        article.publish(by=None, at=clock.in_(hours=1))
        before = list(Publication.objects.order_by("pk").values())
        refresh()
        after = list(Publication.objects.order_by("pk").values())
        assert [row.keys() for row in after] == [row.keys() for row in before]
        for old, new in zip(before, after, strict=True):
            assert {name for name in old if old[name] != new[name]} <= {"related"}

    def test_finds_what_publishing_finds(self):
        column = a_column()
        last = [
            published(column=column, keywords="甲", title=f"预算第{number}讲")
            for number in range(9)
        ][-1]
        found = related(last)
        Publication.objects.set_related([])
        refresh()
        assert related(last) == found != []

    def test_leaves_the_record_of_what_is_over_alone(self, clock):
        article = published(keywords="甲")
        clock.move(minutes=1)
        article.withdraw(by=None, reason="误")
        published(keywords="甲")
        refresh()
        assert related(article) == []
