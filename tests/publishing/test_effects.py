"""Tests of the effects that apps above register for publishing."""

import pytest
from django.db import transaction

from articles.models import Publication
from publishing import effects
from tests.builders import a_user, an_article


@pytest.fixture(autouse=True)
def registry(monkeypatch) -> list:
    """An empty registry for each test."""
    registry: list = []
    monkeypatch.setattr(effects, "effects", registry)
    return registry


def test_register_returns_the_effect_and_adds_it(registry):
    @effects.register
    def effect(publications):
        pass

    assert registry == [effect]


def test_run_calls_every_effect_in_order():
    calls = []
    effects.register(lambda publications: calls.append(("first", publications)))
    effects.register(lambda publications: calls.append(("second", publications)))
    effects.run(["publication"])
    assert calls == [("first", ["publication"]), ("second", ["publication"])]


def test_run_does_nothing_without_effects():
    effects.run(["publication"])


def test_run_lets_an_error_through():
    @effects.register
    def broken(publications):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        effects.run([])


@pytest.mark.django_db
class TestArticle:
    @pytest.mark.django_db(transaction=True)
    def test_publish_runs_effects_with_the_inserted_row_in_its_transaction(self):
        calls = []

        @effects.register
        def effect(publications):
            assert transaction.get_connection().in_atomic_block
            calls.append([(row.pk, row.title) for row in publications])

        publication = an_article(title="题").publish(by=a_user())
        assert calls == [[(publication.pk, "题")]]

    def test_publish_inserts_nothing_if_an_effect_fails(self):
        @effects.register
        def broken(publications):
            raise ZeroDivisionError

        article = an_article()
        with pytest.raises(ZeroDivisionError):
            article.publish(by=a_user())
        assert not Publication.objects.exists()
