import pytest

from web.addresses import absolute


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/articles/1/", "https://www.example.cn/articles/1/"),
        ("/", "https://www.example.cn/"),
        ("https://media.example.cn/1.png", "https://media.example.cn/1.png"),
    ],
)
def test_absolute_adds_the_site_unless_the_address_has_one(settings, address, expected):
    settings.SITE_URL = "https://www.example.cn"
    assert absolute(address) == expected
