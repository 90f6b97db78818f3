"""Validators of the numbers of periodicals, of telephone numbers and of dates."""

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _


def validate_issn(value: str) -> None:
    """Validate an ISSN with its check digit: weights 8 to 2, modulo 11, X for ten (ISO 3297)."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{3}[0-9X]", value):
        raise ValidationError(_("An ISSN looks like 1007-578X."), code="issn_form")
    digits = value.replace("-", "")
    total = sum(
        weight * int(digit) for weight, digit in zip(range(8, 1, -1), digits[:7], strict=True)
    )
    check = -total % 11
    if digits[7] != ("X" if check == 10 else str(check)):
        raise ValidationError(
            _("The check digit of this ISSN is wrong: one of its digits was mistyped."),
            code="issn_check",
        )


def validate_cn_number(value: str) -> None:
    """Validate a CN number (GB/T 9999).

    It has a region from 10 to 65, a serial of four digits and a class of the Chinese Library
    Classification.
    """
    match = re.fullmatch(r"([0-9]{2})-[0-9]{4}/[A-Z][A-Z0-9-]{0,4}", value)
    if not match or not 10 <= int(match[1]) <= 65:
        raise ValidationError(
            _("A CN number looks like 11-3880/F; its region is 10 to 65."), code="cn_number"
        )


validate_postal_issue_code = RegexValidator(
    r"^[0-9]{1,2}-[0-9]{1,4}\Z",
    _("A postal distribution code looks like 2-41."),
    code="postal_issue_code",
)

validate_postcode = RegexValidator(r"^[0-9]{6}\Z", _("A postcode has six digits."), code="postcode")

validate_telephone = RegexValidator(
    r"^\+?[(（]?[0-9][0-9 ()（）/、转-]{2,38}[0-9]\Z",
    _("A telephone number has digits, with hyphens or spaces between them."),
    code="telephone",
)


def validate_day(value: date) -> None:
    """Validate that a date lies after 1899: addresses contain years of four digits."""
    if value.year < 1900:
        raise ValidationError(_("The year is before 1900: it was probably mistyped."), code="day")
