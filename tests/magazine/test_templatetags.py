import pytest

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
