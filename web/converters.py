"""Path converters. Each number has one spelling, so that no page has two addresses."""

from django.urls import register_converter
from django.urls.converters import IntConverter


class KeyConverter(IntConverter):
    """Match a primary key or a running number that fits a database column."""

    regex = "[1-9][0-9]{0,17}"


class YearConverter(IntConverter):
    regex = "[1-9][0-9]{3}"


class MonthConverter(IntConverter):
    regex = "[1-9]|1[0-2]"


register_converter(KeyConverter, "key")
register_converter(YearConverter, "year")
register_converter(MonthConverter, "month")
