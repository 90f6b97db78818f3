from datetime import timedelta
from io import StringIO
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count
from django.utils import timezone

from articles.models import Article, Publication
from magazine.models import Issue
from richtext.sanitizer import clean
from tests.builders import a_column, a_magazine


def generate(count: int) -> list[str]:
    output = StringIO()
    call_command("generate_publications", count=count, stdout=output)
    return output.getvalue().splitlines()


@pytest.fixture
def house(db):
    a_column(slug="yaowen")
    return [a_magazine(slug=slug) for slug in ("zgcz", "cwykj", "cwyj")]


def test_as_many_are_live_as_were_asked_for(house):
    generate(100)
    assert Publication.objects.live().count() == 100
    assert Publication.objects.live().values("article").distinct().count() == 100


def test_some_are_superseded_withdrawn_or_still_to_come(house):
    generate(100)
    articles = Article.objects.with_status()
    assert articles.filter(live=True, pending=True).count() == 2
    assert articles.filter(live=False, pending=True).count() == 2
    assert articles.filter(live=False, published=True).count() == 2
    assert articles.annotate(versions=Count("publications")).filter(versions=2).count() == 5
    assert articles.annotate(versions=Count("publications")).filter(versions=3).count() == 1


def test_spans_of_one_article_never_overlap(house):
    generate(100)
    for article in Article.objects.all():
        spans = list(article.publications.order_by("starts_at").values_list("starts_at", "ends_at"))
        assert all(end == start for (_, end), (start, _) in pairwise(spans))


def test_they_are_spread_over_magazines_and_twenty_years(house):
    generate(300)
    live = Publication.objects.live()
    assert {magazine.publications.live().exists() for magazine in house} == {True}
    assert len(set(live.values_list("date__year", flat=True))) == 20
    assert live.filter(issue=None).exists()
    assert live.exclude(issue=None).exists()
    assert Issue.objects.count() == 20 * (24 + 24 + 6)


def test_texts_are_long_and_as_if_cleaned(house):
    generate(30)
    bodies = Publication.objects.values_list("body", flat=True)
    assert all(clean(str(body)) == body for body in bodies)
    assert all(1000 < len(body.encode()) < 10_000 for body in bodies)


def test_they_can_be_corrected_and_withdrawn_like_any_other(house):
    generate(21)
    scheduled = Article.objects.with_status().filter(live=True, pending=True).get()
    scheduled.publish(by=None)
    scheduled.publish(by=None, at=timezone.now() + timedelta(days=99))
    scheduled.withdraw(by=None, reason="测试")
    assert not Publication.objects.live().filter(article=scheduled).exists()


def test_a_second_time_adds_more_to_the_same_issues(house):
    generate(20)
    issues = Issue.objects.count()
    generate(20)
    assert (Publication.objects.live().count(), Issue.objects.count()) == (40, issues)


def test_progress_is_shown(house, monkeypatch):
    monkeypatch.setattr("demo.management.commands.generate_publications.BATCH", 10)
    assert [line.split(",")[0] for line in generate(25)] == [
        "10 articles",
        "20 articles",
        "26 articles",
    ]


def test_without_the_demo_house_it_says_what_to_do(db):
    with pytest.raises(CommandError, match="run load_demo first"):
        generate(1)
