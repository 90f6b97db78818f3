import pytest
from django.template import Context, Template

from magazine.models import Magazine, Page
from magazine.site import site
from tests.builders import a_magazine, a_page, a_publisher
from web.site_version import version_tracker

pytestmark = pytest.mark.django_db


def test_publisher_magazines_and_pages_in_their_order():
    publisher = a_publisher()
    magazines = [a_magazine(order=order) for order in (1, 2)]
    pages = [a_page(order=order) for order in (1, 2)]
    assert site() == (publisher, magazines, pages)


def test_before_anything_is_entered_it_is_empty():
    publisher, magazines, pages = site()
    assert (publisher.pk, publisher.name, magazines, pages) == (None, "", [], [])


def test_read_once_until_something_is_written(django_assert_num_queries):
    a_publisher(name="甲社")
    version_tracker.refresh()
    with django_assert_num_queries(3):
        site()
    with django_assert_num_queries(0):
        assert site().publisher.name == "甲社"
    a_page()
    version_tracker.refresh()
    with django_assert_num_queries(3):
        site()


@pytest.mark.parametrize("rows", [1, 3])
def test_costs_the_same_however_many_rows_there_are(rows, django_assert_num_queries):
    a_publisher()
    for _ in range(rows):
        a_magazine(introduction="<p>长</p>")
        a_page()
    with django_assert_num_queries(3):
        found = site()
        assert (
            len(
                [
                    magazine.title + magazine.slug + magazine.office_email
                    for magazine in found.magazines
                ]
            )
            == rows
        )
        assert len([page.title + page.get_absolute_url() for page in found.pages]) == rows


def test_long_texts_are_not_read():
    a_magazine()
    a_page()
    found = site()
    assert found.magazines[0].get_deferred_fields() >= {"introduction", "subscription"}
    assert "body" in found.pages[0].get_deferred_fields()


def test_templates_ask_for_it():
    a_publisher(name="某某杂志社")
    template = Template(
        "{% load web magazine %}{% site as site %}{{ site.publisher }}/{{ site.magazines|length }}"
    )
    assert template.render(Context()) == "某某杂志社/0"


def test_deleted_rows_are_gone_once_it_is_read_anew():
    a_magazine()
    a_page()
    version_tracker.refresh()
    site()
    Magazine.objects.all().delete()
    Page.objects.all().delete()
    version_tracker.refresh()
    assert site()[1:] == ([], [])
