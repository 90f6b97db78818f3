import pytest
from django.template import Context, Template

from magazine.freshness import freshness
from magazine.house import House
from magazine.models import Publisher
from magazine.templatetags.house import absolute, dialled


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
    assert dialled(written) == number


def test_the_masthead_says_the_publishers_name_or_what_the_site_is():
    assert House(Publisher(name="某某杂志社"), [], []).name == "某某杂志社"
    assert House(Publisher(), [], []).name


@pytest.mark.django_db
def test_a_part_of_pages_is_kept_by_its_keys_and_never_without_one():
    freshness.ask()
    part = Template("{% load house %}{% kept part key other %}{{ said }}{% endkept %}")

    def read(said: str, **keys) -> str:
        return part.render(Context({"said": said, **keys}))

    assert [read("甲", key=1), read("乙", key=1), read("丙", key=2), read("丁", key=1, other=1)] == [
        "甲",
        "甲",
        "丙",
        "丁",
    ]
    assert [read("甲", key=None), read("乙", key=None)] == ["甲", "乙"]
    assert read("<甲>", key=3) == read("", key=3) == "&lt;甲&gt;"
    freshness.forget()
    assert read("戊", key=1) == "戊"
