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
def magazines(db):
    a_column(slug="yaowen")
    return [a_magazine(slug=slug) for slug in ("zgcz", "cwykj", "cwyj")]


def test_generate_creates_as_many_live_articles_as_requested(magazines):
    generate(100)
    assert Publication.objects.live().count() == 100
    assert Publication.objects.live().values("article").distinct().count() == 100


def test_generate_creates_superseded_withdrawn_and_scheduled_versions(magazines):
    generate(100)
    articles = Article.objects.with_status()
    assert articles.filter(live=True, pending=True).count() == 2
    assert articles.filter(live=False, pending=True).count() == 2
    assert articles.filter(live=False, published=True).count() == 2
    assert articles.annotate(versions=Count("publications")).filter(versions=2).count() == 5
    assert articles.annotate(versions=Count("publications")).filter(versions=3).count() == 1


def test_generate_creates_spans_that_never_overlap(magazines):
    generate(100)
    for article in Article.objects.all():
        spans = list(article.publications.order_by("starts_at").values_list("starts_at", "ends_at"))
        assert all(end == start for (_, end), (start, _) in pairwise(spans))


def test_generate_spreads_articles_over_magazines_and_twenty_years(magazines):
    generate(300)
    live = Publication.objects.live()
    assert {magazine.publications.live().exists() for magazine in magazines} == {True}
    assert len(set(live.values_list("date__year", flat=True))) == 20
    assert live.filter(issue=None).exists()
    assert live.exclude(issue=None).exists()
    assert Issue.objects.count() == 20 * (24 + 24 + 6)


def test_generate_writes_long_sanitized_texts(magazines):
    generate(30)
    bodies = Publication.objects.values_list("body", flat=True)
    assert all(clean(str(body)) == body for body in bodies)
    assert all(1000 < len(body.encode()) < 10_000 for body in bodies)


def test_generate_creates_articles_that_can_be_corrected_and_withdrawn(magazines):
    generate(21)
    scheduled = Article.objects.with_status().filter(live=True, pending=True).get()
    scheduled.publish(by=None)
    scheduled.publish(by=None, at=timezone.now() + timedelta(days=99))
    scheduled.withdraw(by=None, reason="测试")
    assert not Publication.objects.live().filter(article=scheduled).exists()


def test_generate_adds_to_the_same_issues_in_a_second_run(magazines):
    generate(20)
    issues = Issue.objects.count()
    generate(20)
    assert (Publication.objects.live().count(), Issue.objects.count()) == (40, issues)


def test_generate_prints_progress(magazines, monkeypatch):
    monkeypatch.setattr("demo.management.commands.generate_publications.BATCH", 10)
    assert [line.split(",")[0] for line in generate(25)] == [
        "10 articles",
        "20 articles",
        "26 articles",
    ]


def test_generate_fails_without_demo_content(db):
    with pytest.raises(CommandError, match="run load_demo first"):
        generate(1)
