import pytest

from magazine.models import Publisher
from magazine.site import Site
from magazine.templatetags.magazine import tel_href


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
def test_tel_href_contains_one_number(written, number):
    assert tel_href(written) == number


def test_site_name_is_the_publishers_or_a_default():
    assert Site(Publisher(name="某某杂志社"), [], []).name == "某某杂志社"
    assert Site(Publisher(), [], []).name
