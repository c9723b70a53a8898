"""Digits of the three scripts that Persian users type."""

LATIN = "0123456789"
PERSIAN = "۰۱۲۳۴۵۶۷۸۹"
ARABIC = "٠١٢٣٤٥٦٧٨٩"

_TO_LATIN = str.maketrans(PERSIAN + ARABIC, LATIN * 2)
_TO_PERSIAN = str.maketrans(LATIN, PERSIAN)


def to_latin(text: str) -> str:
    """Write Persian and Arabic digits as 0–9."""
    return text.translate(_TO_LATIN)


def to_persian(text: str) -> str:
    """Write 0–9 as ۰–۹."""
    return text.translate(_TO_PERSIAN)
