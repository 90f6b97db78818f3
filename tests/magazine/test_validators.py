from datetime import date

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from magazine.validators import (
    validate_cn_number,
    validate_day,
    validate_issn,
    validate_postal_issue_code,
    validate_postcode,
    validate_telephone,
)


def refusal(validate, value: str) -> str:
    """Return the code of the error that a value raises, or an empty string."""
    try:
        validate(value)
    except ValidationError as error:
        return error.code
    return ""


SEVEN_DIGITS = st.text("0123456789", min_size=7, max_size=7)


def with_check_digit(digits: str, check: str) -> str:
    return f"{digits[:4]}-{digits[4:]}{check}"


class TestISSN:
    @pytest.mark.parametrize(
        "issn",
        ["1007-578X", "1003-286X", "2095-8838", "0378-5955", "2049-3630", "0317-8471", "0000-0000"],
    )
    def test_issn_accepts_real_numbers(self, issn):
        assert refusal(validate_issn, issn) == ""

    @pytest.mark.parametrize(
        "issn",
        [
            "", "1007578X", "1007-578x", "1007-578Ｘ", "１００７-578X", "1007–578X", " 1007-578X", "1007-578X\n",
            "ISSN 1007-578X", "100X-5780", "1007-578", "1007-578XX", "1007-57 8X", "٠٣٧٨-5955",
        ],
    )  # fmt: skip
    def test_issn_refuses_other_forms(self, issn):
        assert refusal(validate_issn, issn) == "issn_form"

    @pytest.mark.parametrize(
        "issn", ["1007-5780", "1007-5781", "1070-578X", "2095-8837", "2095-883X"]
    )
    def test_issn_refuses_a_wrong_check_digit(self, issn):
        assert refusal(validate_issn, issn) == "issn_check"

    @given(SEVEN_DIGITS)
    def test_issn_accepts_exactly_one_check_digit(self, digits):
        fitting = [
            check
            for check in "0123456789X"
            if not refusal(validate_issn, with_check_digit(digits, check))
        ]
        assert len(fitting) == 1
        values = [int(digit) for digit in digits] + [10 if fitting == ["X"] else int(fitting[0])]
        assert (
            sum(weight * value for weight, value in zip(range(8, 0, -1), values, strict=True)) % 11
            == 0
        )

    @given(SEVEN_DIGITS, st.integers(0, 6), st.integers(1, 9))
    def test_issn_refuses_any_single_wrong_digit(self, digits, place, change):
        check = next(
            check
            for check in "0123456789X"
            if not refusal(validate_issn, with_check_digit(digits, check))
        )
        wrong = digits[:place] + str((int(digits[place]) + change) % 10) + digits[place + 1 :]
        assert refusal(validate_issn, with_check_digit(wrong, check)) == "issn_check"

    @given(st.text())
    def test_issn_refuses_any_other_text(self, text):
        assert refusal(validate_issn, text) in {"issn_form", "issn_check"} or len(text) == 9


class TestCNNumber:
    @pytest.mark.parametrize(
        "number",
        ["11-3880/F", "11-1177/F", "10-1285/F", "65-1000/TP", "31-2000/G4", "10-0000/F8-61"],
    )
    def test_cn_number_accepts_real_forms(self, number):
        assert refusal(validate_cn_number, number) == ""

    @pytest.mark.parametrize(
        "number",
        [
            "", "11-3880", "11-3880/", "11-3880/f", "11-388/F", "11-38800/F", "1-3880/F", "09-3880/F", "66-3880/F",
            "99-3880/F", "11—3880/F", "CN 11-3880/F", "11-3880/F\n", "１１-3880/F", "11-3880/FFFFFF", "11-3880/4F",
        ],
    )  # fmt: skip
    def test_cn_number_refuses_other_forms(self, number):
        assert refusal(validate_cn_number, number) == "cn_number"

    @given(st.integers(0, 99))
    def test_cn_number_accepts_regions_10_to_65(self, region):
        assert refusal(validate_cn_number, f"{region:02}-3880/F") == (
            "" if 10 <= region <= 65 else "cn_number"
        )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("2-41", ""), ("80-1234", ""), ("2-1", ""),
        ("2—41", "postal_issue_code"), ("241", "postal_issue_code"), ("2-41\n", "postal_issue_code"),
        ("200-41", "postal_issue_code"), ("2-12345", "postal_issue_code"), ("２-41", "postal_issue_code"),
    ],
)  # fmt: skip
def test_postal_issue_code(code, expected):
    assert refusal(validate_postal_issue_code, code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("100036", ""),
        ("10003", "postcode"),
        ("1000366", "postcode"),
        ("10003a", "postcode"),
        ("100036\n", "postcode"),
    ],
)
def test_postcode(code, expected):
    assert refusal(validate_postcode, code) == expected


@pytest.mark.parametrize(
    "number", ["010-88227114", "(010)88227114", "010 8822 7114", "+86 10 8822 7114", "13800138000", "12377",
               "010-88227114转8012", "010-88227114/7115", "010-88227114、88227115"]
)  # fmt: skip
def test_telephone_accepts_real_numbers(number):
    assert refusal(validate_telephone, number) == ""


@pytest.mark.parametrize(
    "number",
    [
        "",
        "电话",
        "010-88227114-",
        "010-8822\n7114",
        "010-88227114\n",
        "88227114 ext 1",
        "1" * 41,
        "12",
        "()()()",
    ],
)
def test_telephone_refuses_other_texts(number):
    assert refusal(validate_telephone, number) == "telephone"


def test_day_refuses_years_before_1900():
    assert refusal(validate_day, date(206, 7, 1)) == "day"
    assert not refusal(validate_day, date(1900, 1, 1))
