"""Tests of the stored index entries: changing them makes every site rebuild its index."""

from datetime import date

import pytest

from search import tokens
from search.index import Document
from search.models import Entry
from tests.builders import a_page

DOCUMENT = Document(
    title="财政",
    address="/a/",
    date=date(2024, 1, 2),
    body="正文",
    starts_at=None,
    authors=("甲",),
    keywords=("乙",),
    abstract="摘要",
    hidden_text=("旁",),
    magazine=1,
    column=2,
    issue=3,
    number=(2024, 1),
)


def test_stamp_does_not_change_without_a_new_tokenizer_version():
    assert tokens.VERSION == 2
    assert DOCUMENT.stamp == "7afca7d35b6aac64"


def test_stamp_does_not_depend_on_the_period():
    assert DOCUMENT._replace(ends_at=date(2025, 1, 1)).stamp == DOCUMENT.stamp


@pytest.mark.django_db
def test_entry_has_the_tokens_of_its_fields():
    page = a_page(title="财政")
    stored = Entry.objects.get(kind="page", key=page.pk).tokens.split()
    assert stored == sorted(stored)
    assert "¹财政" in stored
    assert f"§y{Entry.objects.get(kind='page').date.year}" in stored
