"""Tests of the formats of dates and times that editors type and read."""

from datetime import date, time

import pytest
from django import forms
from django.utils.formats import date_format


@pytest.mark.parametrize(
    "typed", ["2026-11-03", "2026/11/3", "2026.11.3", "2026年11月3日", " 2026年11月03日 "]
)
def test_date_field_accepts_chinese_formats(typed):
    assert forms.DateField().clean(typed) == date(2026, 11, 3)


@pytest.mark.parametrize("typed", ["8:30", "08:30:00", "8：30", "8时30分", "8点30分"])
def test_time_field_accepts_chinese_formats(typed):
    assert forms.TimeField().clean(typed) == time(8, 30)


def test_date_input_uses_the_format_of_the_calendar():
    assert 'value="2026-11-03"' in forms.DateInput().render("date", date(2026, 11, 3))


def test_date_format_has_no_leading_zeros():
    assert date_format(date(2026, 1, 3)) == "2026年1月3日"
    assert date_format(date(2026, 1, 3), "MONTH_DAY_FORMAT") == "1月3日"
