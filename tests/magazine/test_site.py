import pytest
from django.template import Context, Template

from magazine.models import Magazine, Page
from magazine.site import site
from tests.builders import a_magazine, a_page, a_publisher
from web.site_version import version_tracker

pytestmark = pytest.mark.django_db


def test_site_has_publisher_magazines_and_pages_in_order():
    publisher = a_publisher()
    magazines = [a_magazine(order=order) for order in (1, 2)]
    pages = [a_page(order=order) for order in (1, 2)]
    assert site() == (publisher, magazines, pages)


def test_site_is_empty_at_first():
    publisher, magazines, pages = site()
    assert (publisher.pk, publisher.name, magazines, pages) == (None, "", [], [])


def test_site_is_read_once_per_site_version(django_assert_num_queries):
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
def test_site_costs_the_same_for_1_and_3_rows(rows, django_assert_num_queries):
    a_publisher()
    for _ in range(rows):
        a_magazine(introduction="<p>长</p>")
        a_page()
    with django_assert_num_queries(3):
        current = site()
        for magazine in current.magazines:
            assert magazine.title + magazine.slug + magazine.office_email
        for page in current.pages:
            assert page.title + page.get_absolute_url()
    assert (len(current.magazines), len(current.pages)) == (rows, rows)


def test_site_defers_long_texts():
    a_magazine()
    a_page()
    current = site()
    assert current.magazines[0].get_deferred_fields() >= {"introduction", "subscription"}
    assert "body" in current.pages[0].get_deferred_fields()


def test_site_tag_returns_the_site():
    a_publisher(name="某某杂志社")
    template = Template(
        "{% load web magazine %}{% site as site %}{{ site.publisher }}/{{ site.magazines|length }}"
    )
    assert template.render(Context()) == "某某杂志社/0"


def test_site_omits_rows_deleted_since_the_last_version():
    a_magazine()
    a_page()
    version_tracker.refresh()
    site()
    Magazine.objects.all().delete()
    Page.objects.all().delete()
    version_tracker.refresh()
    assert site()[1:] == ([], [])
