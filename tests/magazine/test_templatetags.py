import pytest
from django.template import Context, Template

from magazine.models import Publisher
from magazine.site import Site
from magazine.templatetags.magazine import tel_href
from web.addresses import absolute
from web.object_cache import object_cache
from web.site_version import version_tracker


@pytest.mark.parametrize(
    ("address", "whole"),
    [
        ("/articles/1/", "https://www.example.cn/articles/1/"),
        ("/", "https://www.example.cn/"),
        ("https://media.example.cn/1.png", "https://media.example.cn/1.png"),
    ],
)
def test_an_address_in_full_names_the_site_unless_it_names_another(settings, address, whole):
    settings.SITE_URL = "https://www.example.cn"
    assert absolute(address) == whole


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("010-88227114", "010-88227114"),
        ("+86 10 8822 7114", "+861088227114"),
        ("（010）88227114", "01088227114"),
        ("010-88227114、88227115", "010-88227114"),
        ("010-88227114/15", "010-88227114"),
        ("010-88227114转8012", "010-88227114"),
    ],
)
def test_a_telephone_link_dials_one_number(written, number):
    assert tel_href(written) == number


def test_the_masthead_says_the_publishers_name_or_what_the_site_is():
    assert Site(Publisher(name="某某杂志社"), [], []).name == "某某杂志社"
    assert Site(Publisher(), [], []).name


@pytest.mark.django_db
def test_a_part_of_pages_is_kept_by_its_keys_and_never_without_one():
    version_tracker.refresh()
    part = Template("{% load magazine web %}{% cached part key other %}{{ said }}{% endcached %}")

    def read(said: str, **keys) -> str:
        return part.render(Context({"said": said, **keys}))

    assert [
        read("甲", key=1),
        read("乙", key=1),
        read("丙", key=2),
        read("丁", key=1, other=1),
    ] == [
        "甲",
        "甲",
        "丙",
        "丁",
    ]
    assert [read("甲", key=None), read("乙", key=None)] == ["甲", "乙"]
    assert read("<甲>", key=3) == read("", key=3) == "&lt;甲&gt;"
    version_tracker.invalidate()
    object_cache.clear()
    assert read("戊", key=1) == "戊"
