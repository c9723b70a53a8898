"""Labels and keys: what people read, and what programs write."""

import re
import unicodedata
from collections.abc import Iterable

from django.utils.translation import gettext as _

from crm.fields.errors import BadLabel
from crm.kit.digits import to_latin
from crm.kit.fold import fold
from crm.kit.numbers import show_number
from crm.kit.text import clean, is_blank, refuse_unstorable

MAX_LABEL = 100
MAX_HELP = 200
MAX_SLUG = 50
_LATIN = {
    "ا": "a", "آ": "a", "ب": "b", "پ": "p", "ت": "t", "ث": "s", "ج": "j", "چ": "ch", "ح": "h", "خ": "kh", "د": "d", "ذ": "z",
    "ر": "r", "ز": "z", "ژ": "zh", "س": "s", "ش": "sh", "ص": "s", "ض": "z", "ط": "t", "ظ": "z", "ع": "a", "غ": "gh", "ف": "f",
    "ق": "gh", "ک": "k", "گ": "g", "ل": "l", "م": "m", "ن": "n", "و": "v", "ه": "h", "ی": "i",
}  # fmt: skip


def tidy_label(text: str, *, parameter: str, limit: int = MAX_LABEL) -> str:
    """One line without invisible characters; BadLabel if it can't be stored or is too long. "" stays ""."""
    try:
        refuse_unstorable(text)
    except Exception as error:
        raise BadLabel({parameter: error.messages}) from None  # type: ignore[attr-defined]
    tidy = "" if is_blank(text) else " ".join(clean(text).split())
    if len(tidy) > limit:
        message = _("Use at most %(max)s characters; this text has %(count)s.")
        raise BadLabel({parameter: [message % {"max": show_number(limit), "count": show_number(len(tidy))}]})
    return tidy


def tidy_labels(label_en: str, label_fa: str) -> tuple[str, str]:
    """Both labels; where one language is missing, the other's serves it. BadLabel if both are."""
    english, persian = tidy_label(label_en, parameter="label_en"), tidy_label(label_fa, parameter="label_fa")
    if not english and not persian:
        raise BadLabel({"label_en": [_("Enter a label in at least one language.")]})
    return english or persian, persian or english


def slug(text: str) -> str:
    """The text in a-z, 0-9 and single underscores, Persian letters written as they sound; "" if nothing of it can be."""
    latin = "".join(_LATIN.get(char, char) for char in fold(to_latin(text)))
    plain = unicodedata.normalize("NFKD", latin).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:MAX_SLUG].strip("_")


def make_key(labels: Iterable[str], taken: set[str]) -> str:
    """A key that no field of the module has or had: cf_budget, else cf_budget_2 …"""
    base = next((made for label in labels if (made := slug(label))), "field")
    tries = (f"cf_{base}" if number == 1 else f"cf_{base}_{number}" for number in range(1, len(taken) + 2))
    return next(key for key in tries if key not in taken)
