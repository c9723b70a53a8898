"""Cleaning what people type and paste: control characters that deceive are removed, what no database stores is refused."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

BIDI_CONTROLS = dict.fromkeys([0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
KEPT_CONTROLS = "\n\r\t"


def clean(text: str) -> str:
    """Remove bidi controls and other invisible control characters; the half-space (ZWNJ) and line breaks stay."""
    text = text.translate(BIDI_CONTROLS)
    return "".join(char for char in text if char in KEPT_CONTROLS or unicodedata.category(char) != "Cc" or char == "\0")


def is_blank(text: str) -> bool:
    """Tell whether a person would see nothing: only spaces and invisible characters."""
    return all(char.isspace() or unicodedata.category(char) == "Cf" for char in text)


def refuse_unstorable(text: str) -> None:
    """Raise ValidationError for what PostgreSQL or UTF-8 can't hold: NUL and halves of surrogate pairs."""
    if "\0" in text or any(0xD800 <= ord(char) <= 0xDFFF for char in text):
        raise ValidationError(_("This text has characters that can't be stored. Type it anew instead of pasting it."))
