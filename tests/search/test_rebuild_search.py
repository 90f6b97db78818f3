"""The command that indexes all documents again, and reports missing and stale ones."""

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


def run_rebuild(**options) -> str:
    output = StringIO()
    call_command("rebuild_search", stdout=output, **options)
    return output.getvalue()


def everything() -> list[tuple]:
    return list(Entry.objects.order_by("kind", "key").values_list())


@pytest.fixture
def documents_of_all_kinds():
    a_page(), a_magazine(), a_column(), a_notice(), an_issue(), an_article(title="财政草稿")
    a_publication(title="财政", authors="甲")


@pytest.mark.usefixtures("documents_of_all_kinds")
def test_rebuild_search_writes_the_same_entries_as_saving(client):
    saved = everything()
    Entry.objects.all().delete()
    assert titles(client, "财政") == []
    with pytest.raises(CommandError, match="missing or stale"):
        run_rebuild(check=True)
    assert "publication [##############################] 1 of 1" in run_rebuild()
    assert everything() == saved
    assert titles(client, "财政") == ["财政"]
    run_rebuild(check=True)


@pytest.mark.usefixtures("documents_of_all_kinds")
def test_rebuild_search_check_reports_stale_and_orphaned_entries():
    run_rebuild(check=True)
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
    run_rebuild()
    run_rebuild(check=True)


def test_working_copies_are_indexed_only_if_they_differ():
    article = an_article(title="财政")
    assert Entry.objects.filter(kind="article").count() == 1
    article.publish(by=None)
    assert not Entry.objects.filter(kind="article").exists()
    article.subtitle = "副题"
    article.save()
    assert Entry.objects.filter(kind="article").count() == 1
    run_rebuild(check=True)


@pytest.mark.usefixtures("documents_of_all_kinds")
def test_rebuild_search_queues_entries_of_removed_kinds_for_opensearch(settings):
    settings.SEARCH_URL = "http://127.0.0.1:1/magazine"
    gone = Entry.objects.filter(kind="column")
    keys = {*gone.values_list("key", flat=True)}
    gone.update(kind="gone")
    run_rebuild()
    assert {*Delivery.objects.filter(kind="gone").values_list("key", flat=True)} == keys != set()
