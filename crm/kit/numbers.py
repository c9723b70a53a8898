"""Numbers as people write and read them in Persian and English."""

import re
from decimal import Decimal

from django.utils.translation import gettext as _

from crm.kit import preferences
from crm.kit.digits import to_latin, to_persian

_PLAIN = re.compile(r"[+-]?\d+(\.\d*)?|[+-]?\.\d+")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}([,٬،]\d{3})+(\.\d*)?")
_MINUS = str.maketrans({"\u2212": "-", "٫": ".", "\u00a0": "", "\u202f": "", " ": ""})
MAX_LENGTH = 60


def parse_decimal(text: str) -> Decimal:
    """Read a number with any digits and with or without separators of thousands; ValueError says what to do."""
    plain = to_latin(text.strip()).translate(_MINUS)
    if _THOUSANDS.fullmatch(plain):
        plain = re.sub("[,٬،]", "", plain)
    if len(plain) > MAX_LENGTH or not _PLAIN.fullmatch(plain):
        raise ValueError(_("Enter a number, for example 1250 or 12.5."))
    return Decimal(plain)


def show_number(value: Decimal | int) -> str:
    """Write a number with separators and without trailing zeros: 48,000,000.5 or ۴۸٬۰۰۰٬۰۰۰٫۵."""
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if not preferences.current().has_persian_digits:
        return text
    return to_persian(text).replace(",", "٬").replace(".", "٫")


def show_percent(value: Decimal | int) -> str:
    """Write a percentage: 31% or ۳۱٪."""
    return show_number(value) + ("٪" if preferences.current().has_persian_digits else "%")
