"""The effects of publishing: their order, and that no way of inserting versions skips one."""

from datetime import timedelta
from itertools import groupby

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from articles.cards import card_name
from articles.models import Publication
from publishing import effects, gates
from search.models import Entry
from tests.builders import a_publication, an_article
from web.models import ContentChange

pytestmark = pytest.mark.django_db

# The beginning of a statement with the step that it belongs to.
STEPS = {
    'UPDATE "search_entry"': "end in the search index",
    'UPDATE "articles_publication"': "end the version before",
    'SELECT "articles_mention"': "related articles",
    'INSERT INTO "articles_publication"': "insert",
    'INSERT INTO "articles_mention"': "mentions",
    'INSERT OR IGNORE INTO "articles_mention"': "mentions",
    'INSERT INTO "search_entry"': "search index",
}
CHANGE = ContentChange._meta.db_table


@pytest.fixture
def registries(monkeypatch):
    """Forget the gates and effects that a test registers."""
    monkeypatch.setattr(gates, "gates", list(gates.gates))
    monkeypatch.setattr(effects, "effects", list(effects.effects))


def step_of(sql: str) -> str | None:
    if not sql.startswith("SELECT") and CHANGE in sql:
        return "content change"
    for beginning, step in STEPS.items():
        if sql.startswith(beginning):
            return step
    return None


def test_publish_runs_effects_in_order(
    registries, clock, monkeypatch, django_capture_on_commit_callbacks
):
    article = an_article(keywords="预算")
    article.publish(by=None)
    clock.move(minutes=1)
    steps = []

    def observe(execute, sql, params, many, context):
        steps.append(step_of(sql))
        return execute(sql, params, many, context)

    def draw(publication_title, magazine):
        steps.append("share card")

    monkeypatch.setattr("articles.effects.draw_card", draw)
    gates.register(lambda content, by, at: steps.append("gate"))
    effects.register(lambda publications: steps.append("registered effect"))
    with django_capture_on_commit_callbacks(execute=True), connection.execute_wrapper(observe):
        article.publish(by=None)
        steps.append("commit")

    seen = [step for step, _group in groupby(filter(None, steps))]
    assert seen == [
        "gate",
        "end in the search index",
        "end the version before",
        "content change",
        "related articles",
        "insert",
        "mentions",
        "search index",
        "content change",
        "registered effect",
        "commit",
        "share card",
    ]


def test_publish_reports_all_refusals_of_gates(registries):
    article = an_article()

    def refuse(message: str):
        def gate(content, by, at):
            raise ValidationError(message, code=message)

        return gate

    gates.register(refuse("first"))
    gates.register(lambda content, by, at: None)
    gates.register(refuse("second"))
    with pytest.raises(ValidationError) as refusal:
        article.publish(by=None)
    assert refusal.value.messages == ["first", "second"]
    assert not article.publications.exists()


def test_publish_passes_content_user_and_instant_to_gates(registries, clock):
    article = an_article()
    calls = []
    gates.register(lambda content, by, at: calls.append((content, by, at)))
    article.publish(by=None, at=clock.in_(hours=1))
    assert calls == [(article, None, clock.in_(hours=1))]


def test_effect_that_fails_prevents_publishing(registries):
    article = an_article()

    def fail(publications):
        raise RuntimeError

    effects.register(fail)
    with pytest.raises(RuntimeError):
        article.publish(by=None)
    assert not article.publications.exists()
    assert not Entry.objects.filter(kind="publication").exists()


def test_bulk_create_has_all_effects(registries, django_capture_on_commit_callbacks):
    other = a_publication(title="甲乙", keywords="预算")
    articles = [an_article(title=f"丙丁{number}", keywords="预算") for number in range(2)]
    registered = []
    effects.register(registered.extend)
    starts_at = timezone.now() - timedelta(minutes=1)
    publications = []
    for article in articles:
        content = article.content() | {"date": timezone.localdate()}
        publications.append(Publication(article=article, starts_at=starts_at, **content))
    changes = ContentChange.objects.count()
    with django_capture_on_commit_callbacks(execute=True):
        inserted = Publication.objects.bulk_create(publications)

    keys = [publication.pk for publication in inserted]
    entries = Entry.objects.live().filter(kind="publication", key__in=keys)
    assert entries.count() == 2
    assert ContentChange.objects.count() > changes
    assert registered == inserted
    for publication in Publication.objects.filter(pk__in=keys):
        assert publication.mentions.filter(kind="keyword", name="预算").exists()
        assert other.article_id in publication.related
        assert default_storage.exists(card_name(publication.title, publication.magazine_id))
