"""Names under which people and companies are known again, however they are written.

A company's legal form and what merely says that it is a company are left out; word order, spaces and half-spaces don't count
in the exact key.
"""

import re
from functools import lru_cache

from crm.kit.fold import fold

# What follows or precedes a company's name and says nothing of which company it is. Compared after folding, longest first.
LEGAL_FORMS = (
    "شرکت با مسئولیت محدود", "با مسئولیت محدود", "مسئولیت محدود", "شرکت سهامی خاص", "شرکت سهامی عام", "سهامی خاص", "سهامی عام",
    "شرکت تعاونی", "تضامنی", "شرکت", "موسسه", "گروه صنعتی",
    "joint stock company", "private limited", "pvt ltd", "co ltd", "limited liability company", "limited", "ltd", "incorporated", "inc",
    "corporation", "corp", "company", "co", "llc", "llp", "plc", "pjsc", "gmbh co kg", "gmbh", "ag", "kg", "ug", "sa", "sarl", "srl", "spa",
    "bv", "nv", "oy", "ab", "as", "pty", "fze", "fzco", "holding", "group",
)  # fmt: skip
# What also names the trade of a company: left out only if something else stays.
TRADES = ("بازرگانی", "فروشگاه", "مهندسی", "گروه", "هلدینگ", "صنایع", "تولیدی", "the", "trading", "engineering")

# Regions and trades of which many companies' names are made: «نرم‌افزار تهران» says less than a name of its own.
GENERIC_WORDS = (
    "شمال", "جنوب", "شرق", "غرب", "مرکزی", "ایران", "ایرانیان", "پارس", "پارسیان", "فارس", "آریا", "خلیج", "زاگرس", "البرز", "خزر", "سپاهان",
    "تهران", "مشهد", "اصفهان", "شیراز", "تبریز", "کرمان", "یزد", "خوزستان", "خراسان", "گیلان", "نوین", "برتر", "مدرن", "توسعه", "گستر", "سازه",
    "صنعت", "تجارت", "خدمات", "تولید", "پخش", "نرم‌افزار", "نرم افزار", "رایانه", "ارتباط", "ارتباطات", "الکترونیک", "نیرو", "انرژی", "نفت", "گاز",
    "پتروشیمی", "شیمی", "فولاد", "سیمان", "بتن", "کاشی", "نساجی", "غذا", "دارو", "طب", "خودرو", "قطعات", "کشاورز", "کشاورزی", "سفر", "گردشگری",
    "پلاست", "چوب", "چاپ", "بیمه", "لیزینگ", "ساختمان", "عمران", "آموزش", "north", "south", "east", "west", "global", "international",
    "national", "general", "united", "services", "service", "solutions", "systems", "technology", "technologies", "tech", "software",
    "consulting", "industries", "industrial", "steel", "food", "foods", "travel", "energy", "and", "و", "of", "for", "sons", "partners",
    "associates", "brothers",
)  # fmt: skip

_APART = re.compile(r"[\W_]+")


def words(text: str) -> list[str]:
    """The folded words of a name, without punctuation; a dot inside an abbreviation (L.L.C.) joins."""
    joined = re.sub(r"\b(\w)\.(?=\w\b)", r"\1", fold(text).replace("&", " and ").replace("'", ""))
    return [word for word in _APART.split(joined) if word]


_FORMS = frozenset(tuple(words(form)) for form in LEGAL_FORMS)
_LONGEST = max(map(len, _FORMS))
GENERIC = frozenset(word for words_ in GENERIC_WORDS for word in words(words_))
_ALL_FORMS = _FORMS | {tuple(words(trade)) for trade in TRADES}


def company_name(text: str) -> str:
    """The name without its legal form: «شرکت سیمان فارس (سهامی خاص)» is سیمان فارس, "The Ward Inc." is ward."""
    return " ".join(_stripped(words(text), _FORMS))


@lru_cache(20_000)  # the organization of a conversion has its lead's, and a bulk job thousands of them
def company_core(text: str) -> str:
    """The name without legal form and trade, which two writings of one company often do not share."""
    return " ".join(_stripped(words(text), _ALL_FORMS))


def _stripped(name: list[str], forms: frozenset[tuple[str, ...]]) -> list[str]:
    """Take forms off both ends, the longest first, as long as something stays."""
    for size in range(min(_LONGEST, len(name) - 1), 0, -1):
        if tuple(name[:size]) in forms:
            return _stripped(name[size:], forms)
        if tuple(name[-size:]) in forms:
            return _stripped(name[:-size], forms)
    return name


def person_name(first: str, last: str) -> str:
    """First and last name, folded."""
    return " ".join(words(f"{first} {last}"))


def letters(name: str) -> str:
    """A key that is the same whatever the order and the spacing of the words: the letters in alphabetical order."""
    return "".join(sorted(name.replace(" ", "")))
