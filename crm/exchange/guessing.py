"""What kind of field a column of a file would make: told from all of its values."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime

from crm.exchange import cells
from crm.fields import kinds
from crm.fields.kind import Kind
from crm.fields.numeric import MAX_INTEGER
from crm.fields.registry import Field
from crm.kit import dates, numbers
from crm.kit.fold import fold
from crm.kit.text import clean, is_blank

FEW = 12  # at most so many different values make a list to choose from …
OFTEN = 5  # … if each is there so many times, taken together
MONEY = 100_000  # a column with a number of this size is a sum of money
LENGTHS = (100, 255)
SEPARATOR = "|##|"
YES_OR_NO = {"0", "1", "true", "false", *cells.CHECKED}
_PHONE = re.compile(r"[+0]?[\d\s()/.-]{7,30}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A field to be made: its kind, sizes and options."""

    kind: Kind
    length: int | None = None
    digits: int | None = None
    places: int | None = None
    options: tuple[str, ...] = ()

    def definition(self) -> dict[str, Any]:
        """The guess as `create_field` takes it."""
        sizes = {"length": self.length, "digits": self.digits, "places": self.places}
        return {"kind": self.kind.key, "options": self.options, **sizes}


def guess(column: Sequence[str]) -> Guess | None:
    """The field that holds every value of the column without loss; None where the column is empty."""
    texts = [cell for cell in column if not is_blank(cell)]
    if not texts:
        return None
    found = next((made for attempt in ATTEMPTS if (made := attempt(texts))), None)
    return found or _text(texts)


def _multi_select(texts: Sequence[str]) -> Guess | None:
    if not any(SEPARATOR in text for text in texts):
        return None
    parts = dict.fromkeys(part.strip() for text in texts for part in text.split(SEPARATOR) if part.strip())
    return _options(kinds.MULTIPICKLIST, tuple(parts))


def _checkbox(texts: Sequence[str]) -> Guess | None:
    return Guess(kind=kinds.CHECKBOX) if {text.strip().lower() for text in texts} <= YES_OR_NO else None


def _number(texts: Sequence[str]) -> Guess | None:
    if any(re.match(r"[+0٠۰]\d", text.strip()) for text in texts):
        return None  # phones and codes, whose zeros mean something
    try:
        found = [numbers.parse_decimal(text) for text in texts]
    except ValueError:
        return None
    largest = max(abs(number) for number in found)
    if largest < min(MONEY, MAX_INTEGER) and all(number == int(number) for number in found):
        return Guess(kind=kinds.INTEGER)
    made = Guess(kind=kinds.CURRENCY if largest >= MONEY else kinds.DECIMAL, digits=25, places=5)
    return made if all(_fits(number, made) for number in found) else None


def _fits(value: Decimal, made: Guess) -> bool:
    field = Field(key="", label="", kind=made.kind, digits=made.digits, places=made.places)
    return _passes(lambda text: field.kind.parse(text, field), format(value, "f"))


def _day(texts: Sequence[str]) -> Guess | None:
    order = cells.is_day_first(texts) is not False
    plain = [cells.reorder(text.strip(), day_first=order) for text in texts if text.strip() not in cells.BAD_DATES]
    if plain and all(_passes(dates.parse_date, text) for text in plain):
        return Guess(kind=kinds.DATE)
    if plain and all(":" in text and (_passes(_moment, text)) for text in plain):
        return Guess(kind=kinds.DATETIME)
    return None


def _moment(text: str) -> Any:
    return parse_datetime(text) or dates.parse_datetime(text)


def _time(texts: Sequence[str]) -> Guess | None:
    return Guess(kind=kinds.TIME) if all(_passes(dates.parse_time, text.strip()) for text in texts) else None


def _address(texts: Sequence[str]) -> Guess | None:
    """An e-mail or web address, or a phone number, throughout."""
    for kind, length in ((kinds.EMAIL, 100), (kinds.URL, 255)):
        field = Field(key="", label="", kind=kind, length=length)
        mark = "@" if kind is kinds.EMAIL else "."
        if all(mark in text and _passes(partial(kind.check, field=field), text) for text in texts):
            return Guess(kind=kind, length=length)
    return Guess(kind=kinds.PHONE, length=50) if all(_PHONE.fullmatch(text.strip()) for text in texts) else None


def _few(texts: Sequence[str]) -> Guess | None:
    values = dict.fromkeys(texts)
    if len(values) > FEW or len(values) * OFTEN > len(texts):
        return None
    return _options(kinds.PICKLIST, tuple(values))


def _options(kind: Kind, values: tuple[str, ...]) -> Guess | None:
    """The guess, if these values can be options: short, tidy, and told apart by readers."""
    are_tidy = all(len(value) <= 100 and value == clean(value).strip() and "\n" not in value for value in values)
    return (
        Guess(kind=kind, options=values) if are_tidy and len({fold(value) for value in values}) == len(values) else None
    )


def _text(texts: Sequence[str]) -> Guess:
    longest = max(len(text) for text in texts)
    if longest > LENGTHS[-1] or any("\n" in text or "\r" in text for text in texts):
        return Guess(kind=kinds.TEXTAREA)
    return Guess(kind=kinds.TEXT, length=next(length for length in LENGTHS if longest <= length))


def _passes(check: Callable[[str], Any], text: str) -> bool:
    try:
        check(text)
    except (ValueError, ValidationError):
        return False
    return True


ATTEMPTS: tuple[Callable[[Sequence[str]], Guess | None], ...] = (
    _multi_select, _checkbox, _number, _day, _time, _address, _few,
)  # fmt: skip
