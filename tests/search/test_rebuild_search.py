"""The command that indexes everything anew, and says what is missing or stale."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from articles.models import Article
from magazine.models import Page
from notices.models import Notice
from search.models import Delivery, Entry
from tests.builders import (
    a_column,
    a_magazine,
    a_notice,
    a_page,
    a_publication,
    an_article,
    an_issue,
)
from tests.search.test_parser import titles

pytestmark = pytest.mark.django_db


def told(**options) -> str:
    output = StringIO()
    call_command("rebuild_search", stdout=output, **options)
    return output.getvalue()


def everything() -> list[tuple]:
    return list(Entry.objects.order_by("kind", "key").values_list())


@pytest.fixture
def house():
    a_page(), a_magazine(), a_column(), a_notice(), an_issue(), an_article(title="财政草稿")
    a_publication(title="财政", authors="甲")


@pytest.mark.usefixtures("house")
def test_makes_the_index_that_saving_made(client):
    saved = everything()
    Entry.objects.all().delete()
    assert titles(client, "财政") == []
    with pytest.raises(CommandError, match="missing or stale"):
        told(check=True)
    assert "publication [##############################] 1 of 1" in told()
    assert everything() == saved
    assert titles(client, "财政") == ["财政"]
    told(check=True)


@pytest.mark.usefixtures("house")
def test_says_what_is_stale_or_should_not_be_there():
    told(check=True)
    Page.objects.update(title="新题")
    Notice.objects.update(ends_at="2020-01-01T00:00Z", starts_at="2019-01-01T00:00Z")
    Article.objects.filter(title="财政草稿")._raw_delete("default")
    Entry.objects.filter(kind="column").update(kind="gone")
    output = StringIO()
    with pytest.raises(CommandError):
        call_command("rebuild_search", check=True, stdout=output)
    for line in [
        "page: 1 missing or stale",
        "notice: 1 missing or stale",
        "article: 1 missing or stale",
    ]:
        assert line in output.getvalue()
    told()
    told(check=True)


def test_working_copies_are_kept_only_where_they_say_something_else():
    article = an_article(title="财政")
    assert Entry.objects.filter(kind="article").count() == 1
    article.publish(by=None)
    assert not Entry.objects.filter(kind="article").exists()
    article.subtitle = "副题"
    article.save()
    assert Entry.objects.filter(kind="article").count() == 1
    told(check=True)


@pytest.mark.usefixtures("house")
def test_opensearch_is_told_as_well_of_kinds_that_are_no_more(settings):
    settings.SEARCH_URL = "http://127.0.0.1:1/magazine"
    gone = Entry.objects.filter(kind="column")
    keys = {*gone.values_list("key", flat=True)}
    gone.update(kind="gone")
    told()
    assert {*Delivery.objects.filter(kind="gone").values_list("key", flat=True)} == keys != set()
