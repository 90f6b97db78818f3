"""Tests of the gates that content passes before it is published."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from articles.models import Publication
from publishing import gates
from tests.builders import a_browser, a_magazine, a_user, an_article, an_editor
from tests.forms import submit


@pytest.fixture(autouse=True)
def registry(monkeypatch) -> list:
    """An empty registry for each test."""
    registry: list = []
    monkeypatch.setattr(gates, "gates", registry)
    return registry


def refusal(code: str) -> ValidationError:
    return ValidationError(f"refused by {code}", code=code)


def error_codes(error: ValidationError) -> list[str]:
    return [each.code for each in error.error_list]


def test_register_returns_the_gate_and_adds_it(registry):
    @gates.register
    def gate(content, by, at):
        pass

    assert registry == [gate]


def test_check_passes_without_gates():
    gates.check("content", by="user", at=timezone.now())


def test_check_gives_content_user_and_instant_to_every_gate():
    calls = []
    gates.register(lambda *arguments: calls.append(("first", *arguments)))
    gates.register(lambda *arguments: calls.append(("second", *arguments)))
    at = timezone.now()
    gates.check("content", by="user", at=at)
    assert calls == [("first", "content", "user", at), ("second", "content", "user", at)]


def test_check_collects_the_refusals_of_all_gates():
    calls = []

    @gates.register
    def first(content, by, at):
        raise refusal("first")

    @gates.register
    def second(content, by, at):
        calls.append("second")

    @gates.register
    def third(content, by, at):
        raise refusal("third")

    with pytest.raises(ValidationError) as error:
        gates.check("content", by="user", at=timezone.now())
    assert error_codes(error.value) == ["first", "third"]
    assert calls == ["second"]


def test_check_lets_other_errors_through():
    @gates.register
    def broken(content, by, at):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        gates.check("content", by="user", at=timezone.now())


@pytest.mark.django_db
class TestArticle:
    def test_publish_is_refused_by_a_gate(self):
        article = an_article()
        calls = []

        @gates.register
        def gate(content, by, at):
            calls.append((content, by))
            raise refusal("gate")

        user = a_user()
        with pytest.raises(ValidationError) as error:
            article.publish(by=user)
        assert error_codes(error.value) == ["gate"]
        assert calls == [(article, user)]
        assert not Publication.objects.exists()

    def test_publish_leaves_the_live_version_when_a_gate_refuses(self):
        article = an_article()
        published = article.publish(by=a_user())

        @gates.register
        def gate(content, by, at):
            raise refusal("gate")

        with pytest.raises(ValidationError):
            article.publish(by=a_user())
        assert Publication.objects.get() == published
        assert Publication.objects.live().exists()

    def test_confirmation_page_shows_every_refusal(self):
        magazine = a_magazine()
        article = an_article(magazine=magazine)

        @gates.register
        def first(content, by, at):
            raise refusal("first")

        @gates.register
        def second(content, by, at):
            raise refusal("second")

        browser = a_browser(an_editor(magazine))
        address = f"/admin/articles/article/publish/?ids={article.pk}"
        response = submit(browser, address)
        assert response.status_code == 200
        assert "refused by first" in response.text
        assert "refused by second" in response.text
        assert not Publication.objects.exists()
