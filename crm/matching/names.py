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

# What tells two companies of one short name apart: Ward Inc. and Ward Group are two, Ward Ltd. and Ward Limited one.
_FORM_OF = {
    **dict.fromkeys(("ltd", "limited", "co ltd", "private limited", "pvt ltd"), "ltd"),
    **dict.fromkeys(("inc", "incorporated", "corp", "corporation"), "inc"),
    **dict.fromkeys(("llc", "limited liability company"), "llc"),
    **dict.fromkeys(("شرکت با مسیولیت محدود", "با مسیولیت محدود", "مسیولیت محدود"), "مسیولیت محدود"),
    **dict.fromkeys(("شرکت سهامی خاص", "سهامی خاص"), "سهامی خاص"),
    **dict.fromkeys(("شرکت سهامی عام", "سهامی عام"), "سهامی عام"),
    **{form: form for form in ("plc", "llp", "gmbh", "ag", "sarl", "srl", "group", "holding", "شرکت تعاونی", "تضامنی")},
}

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

_JOINERS = frozenset(("and", "و"))
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
    """The name without legal form, trade and "and", which two writings of one company often do not share."""
    said = [word for word in words(text) if word not in _JOINERS] or words(text)
    return " ".join(_stripped(said, _ALL_FORMS))


@lru_cache(20_000)
def legal_form(text: str) -> str:
    """The company's form in one writing, "" if none is said; of several the one next to the name, for others are added to it."""
    taken: list[str] = []
    _stripped(words(text), _ALL_FORMS, taken)
    return next((_FORM_OF[form] for form in reversed(taken) if form in _FORM_OF), "")


def _stripped(name: list[str], forms: frozenset[tuple[str, ...]], taken: list[str] | None = None) -> list[str]:
    """Take forms off both ends, the longest first, as long as something stays; `taken` gets them, the outermost first."""
    for size in range(min(_LONGEST, len(name) - 1), 0, -1):
        for form, rest in ((name[:size], name[size:]), (name[-size:], name[:-size])):
            if tuple(form) in forms:
                if taken is not None:
                    taken.append(" ".join(form))
                return _stripped(rest, forms, taken)
    return name


@lru_cache(20_000)
def person_name(first: str, last: str) -> str:
    """First and last name, folded."""
    return " ".join(words(f"{first} {last}"))


def letters(name: str) -> str:
    """A key that is the same whatever the order and the spacing of the words: the letters in alphabetical order."""
    return "".join(sorted(name.replace(" ", "")))
