"""Telephone numbers in one writing: E.164, whatever the digits, prefixes, extensions and ranges they were typed with."""

import re
from functools import lru_cache

import phonenumbers
from django.conf import settings
from phonenumbers import PhoneNumber, PhoneNumberType, is_number_type_geographical

from crm.kit.fold import fold

MIN_DIGITS = 7  # fewer are an extension or a slip
CACHED = 20_000  # numbers: the records of a conversion have their lead's, and a bulk job thousands of them
_EXTENSION = re.compile(r"(?:داخلی|ext\.?|extension|x)\s*:?\s*\d+\s*$")
_AREA_CODE_BEHIND = re.compile(r"^(\d{6,8})[\s-]+(0\d{2,3})$")  # as it looks when typed from right to left
_RANGE = re.compile(r"^(.*\d{6})\s*[-/]\s*\d{1,2}$")  # 58024860-3: the lines 60 to 63


def number(text: str) -> str:
    """The number in E.164 ("+982188776655"); one that can't be placed as "~" and its digits; "" for none."""
    return _read(text, settings.PHONE_REGION)[0]


def local(text: str) -> str:
    """The number as dialled in its own town, "~88776655", under which one written without area code is found; "" for a mobile."""
    return _read(text, settings.PHONE_REGION)[1]


@lru_cache(CACHED)
def area(e164: str) -> str:
    """The area code of a landline in E.164, with its country ("+9821"); "" for a mobile, and where mobiles have area codes too."""
    found = _parse(e164, settings.PHONE_REGION) if e164.startswith("+") else None
    if not found or phonenumbers.number_type(found) == PhoneNumberType.FIXED_LINE_OR_MOBILE:
        return ""
    size = phonenumbers.length_of_geographical_area_code(found)
    return f"+{found.country_code}{phonenumbers.national_significant_number(found)[:size]}" if size else ""


@lru_cache(CACHED)
def _read(text: str, region: str) -> tuple[str, str]:
    """The number's key and its key without the area code."""
    typed = _EXTENSION.sub("", fold(text)).strip()
    for writing in _writings(typed, region):
        found = _parse(writing, region)
        kind = phonenumbers.number_type(found) if found else None
        if found and kind is not None and kind != PhoneNumberType.UNKNOWN:  # unknown is what is not valid
            digits = phonenumbers.national_significant_number(found)
            return f"+{found.country_code}{digits}", _without_area(found, kind, digits)
    digits = re.sub(r"\D", "", typed)
    if len(digits) < MIN_DIGITS:
        return "", ""
    if typed.startswith(("+", "00")):
        return f"+{digits.removeprefix('00')}", ""
    return f"~{digits}", ""


def _without_area(found: PhoneNumber, kind: int, digits: str) -> str:
    if not is_number_type_geographical(kind, found.country_code or 0):
        return ""
    size = phonenumbers.length_of_geographical_area_code(found)
    return f"~{digits[size:]}" if size and len(digits) - size >= MIN_DIGITS else ""


def _writings(typed: str, region: str) -> list[str]:
    """The number as typed, and as it may have been meant."""
    swapped = _AREA_CODE_BEHIND.sub(r"\2\1", typed)
    shortened = _RANGE.sub(r"\1", swapped)
    bare = re.sub(r"\D", "", shortened)
    code = str(phonenumbers.country_code_for_region(region))
    return [*dict.fromkeys((swapped, shortened)), *([f"+{bare}"] if bare.startswith(code) else [])]


def _parse(text: str, region: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
