"""Tests of the editors' search: drafts and versions of own magazines, and similar texts."""

import pytest
from django.urls import reverse
from django.utils.translation import gettext as _

from tests.builders import (
    a_browser,
    a_magazine,
    a_publication,
    an_admin,
    an_article,
    an_editor,
    an_issue,
)

pytestmark = pytest.mark.django_db

SENTENCE = "零基预算要求把每一笔支出从零开始论证，先问这件事该不该办，再问办这件事要多少钱。"


@pytest.fixture
def magazine():
    return a_magazine(title="财务研究")


@pytest.fixture
def desk(magazine):
    return a_browser(an_editor(magazine))


def found(browser, q: str) -> set[str]:
    response = browser.get(reverse("admin:articles_article_changelist"), {"q": q})
    return {article.title for article in response.context["cl"].queryset}


def test_drafts_are_found_by_their_text_and_in_pieces(desk, magazine):
    an_article(title="草稿", body="<p>财政和它的政策</p>", magazine=magazine)
    an_article(title="别的", body="<p>文</p>", magazine=magazine)
    for q in ["财政政策", "政策", "財政"]:
        assert found(desk, q) == {"草稿"}, q
    assert found(desk, "") == {"草稿", "别的"}
    assert found(desk, "。") == set()


def test_a_published_article_is_found_by_any_version(desk, magazine):
    article = an_article(title="旧题", magazine=magazine)
    article.publish(by=None)
    article.title = "新题"
    article.save()
    assert found(desk, "旧题") == found(desk, "新题") == {"新题"}
    article.withdraw(by=None, reason="误")
    assert found(desk, "旧题") == {"新题"}


def test_nothing_of_another_magazine_is_found(desk, magazine):
    an_article(title="财政一", magazine=a_magazine())
    an_article(title="财政二", magazine=magazine)
    an_article(title="财政三")
    assert found(desk, "财政") == {"财政二"}
    assert found(a_browser(an_admin()), "财政") == {"财政一", "财政二", "财政三"}


def test_the_list_says_that_there_is_more(desk, magazine, monkeypatch):
    for number in range(3):
        an_article(title=f"财政{number}", magazine=magazine)
    more = _("This is found very often: the list holds what fits best. Add a word to see the rest.")
    address = reverse("admin:articles_article_changelist")
    assert more not in desk.get(address, {"q": "财政"}).content.decode()
    monkeypatch.setattr("articles.admin_search.MAX_ENTRIES", 2)
    assert len(found(desk, "财政")) == 2
    assert desk.get(address, {"q": "财政"}).content.decode().count(more) == 1
    assert more not in desk.get(address).content.decode()


def test_picking_related_articles_uses_the_same_search(desk, magazine):
    article = an_article(title="甲", body="<p>财政政策</p>", magazine=magazine)
    asked = {
        "app_label": "articles",
        "model_name": "article",
        "field_name": "picked",
        "term": "财政",
    }
    answer = desk.get(reverse("admin:autocomplete"), asked).json()
    assert answer["results"] == [{"id": str(article.pk), "text": "甲"}]


def test_an_issue_is_found_as_readers_write_it(desk, magazine):
    article = an_article(issue=an_issue(magazine=magazine, year=2026, number=22))
    an_article(issue=an_issue(magazine=magazine, year=2026, number=2))
    assert found(desk, "2026年第22期") == found(desk, "2026 22") == {article.title}


class TestSimilar:
    def similar(self, browser, text: str):
        return browser.post(reverse("admin:articles_article_similar"), {"text": text})

    def test_shows_what_says_the_same_with_the_shared_passages(self, desk, magazine):
        a_publication(title="已发", body=f"<p>前文。{SENTENCE}</p>")
        an_article(title="草稿", body=f"<p>{SENTENCE[:20]}</p>", magazine=magazine)
        an_article(title="别刊", body=f"<p>{SENTENCE}</p>", magazine=a_magazine())
        a_publication(title="无关", body="<p>别的话题，另一篇文章，没有一句相同。</p>")
        response = self.similar(desk, f"作者按：{SENTENCE.replace('，', ' ')}完。")
        similar = response.context["similar"]
        assert [one.entry.title for one in similar] == ["已发", "草稿"]
        assert similar[0].passages == [SENTENCE.replace("，", " ")[:-1]]
        assert 80 < similar[0].share <= 100
        assert similar[0].passages[0] in response.text
        assert SENTENCE[:10] in similar[1].passages[0]

    def test_finds_other_scripts_by_their_words(self, desk):
        english = (
            "The budget of local governments is drawn up under the supervision of their congresses."
        )
        a_publication(title="已发", body=f"<p>Before. {english}</p>")
        a_publication(
            title="无关",
            body="<p>The budget of local governments grows, and so do the congresses.</p>",
        )
        similar = self.similar(desk, f"As was said: {english}").context["similar"]
        assert [(one.entry.title, len(one.passages)) for one in similar] == [("已发", 1)]

    def test_says_that_there_is_nothing(self, desk):
        text = self.similar(desk, "一段从来没有人写过的文字，也不会再有人写。").text
        assert _("No article shares a passage with this text.") in text

    def test_a_text_too_short_or_too_long_gets_a_sentence(self, desk):
        for text in ["短", "长" * 50_001, ""]:
            assert self.similar(desk, text).context["form"].errors
