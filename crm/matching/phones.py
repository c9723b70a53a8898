"""Telephone numbers in one writing: E.164, whatever the digits, prefixes, extensions and ranges they were typed with."""

import re

import phonenumbers
from django.conf import settings
from phonenumbers import PhoneNumber

from crm.kit.fold import fold

MIN_DIGITS = 7  # fewer are an extension or a slip
_EXTENSION = re.compile(r"(?:داخلی|ext\.?|extension|x)\s*:?\s*\d+\s*$")
_AREA_CODE_BEHIND = re.compile(r"^(\d{6,8})[\s-]+(0\d{2,3})$")  # as it looks when typed from right to left
_RANGE = re.compile(r"^(.*\d{6})\s*[-/]\s*\d{1,2}$")  # 58024860-3: the lines 60 to 63


def number(text: str) -> str:
    """The number in E.164 ("+982188776655"); one that can't be placed as "~" and its digits; "" for none."""
    typed = _EXTENSION.sub("", fold(text)).strip()
    for writing in _writings(typed):
        if (found := _parse(writing)) and phonenumbers.is_valid_number(found):
            return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
    digits = re.sub(r"\D", "", typed)
    if typed.startswith(("+", "00")) and len(digits) >= MIN_DIGITS:
        return f"+{digits.removeprefix('00')}"
    return f"~{digits}" if len(digits) >= MIN_DIGITS else ""


def local(e164: str) -> str:
    """The number as dialled in its own town, "~59601433", under which one written without area code is found; "" for a mobile."""
    if not (found := _parse(e164) if e164.startswith("+") else None):
        return ""
    area = phonenumbers.length_of_geographical_area_code(found)
    subscriber = phonenumbers.national_significant_number(found)[area:]
    return f"~{subscriber}" if area and len(subscriber) >= MIN_DIGITS else ""


def _writings(typed: str) -> list[str]:
    """The number as typed, and as it may have been meant."""
    swapped = _AREA_CODE_BEHIND.sub(r"\2\1", typed)
    shortened = _RANGE.sub(r"\1", swapped)
    code = str(phonenumbers.country_code_for_region(settings.PHONE_REGION))
    bare = re.sub(r"\D", "", shortened)
    return [swapped, shortened, *([f"+{bare}"] if bare.startswith(code) else [])]


def _parse(text: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, settings.PHONE_REGION)
    except phonenumbers.NumberParseException:
        return None


def area(e164: str) -> str:
    """The area code of a landline, with its country ("+9821"); "" for a mobile."""
    if not (found := _parse(e164) if e164.startswith("+") else None):
        return ""
    size = phonenumbers.length_of_geographical_area_code(found)
    return f"+{found.country_code}{phonenumbers.national_significant_number(found)[:size]}" if size else ""
