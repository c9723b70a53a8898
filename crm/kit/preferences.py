"""The calendar and the digits that the reader of this page wants, wherever values are shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.utils.translation import get_language


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    calendar: str = ""  # "jalali", "gregorian" or "" for the language's own
    digits: str = ""  # "persian", "latin" or "" for the language's own

    @property
    def is_jalali(self) -> bool:
        return (self.calendar or ("jalali" if is_persian() else "gregorian")) == "jalali"

    @property
    def has_persian_digits(self) -> bool:
        return (self.digits or ("persian" if is_persian() else "latin")) == "persian"


def is_persian() -> bool:
    return (get_language() or "").startswith("fa")


_current: ContextVar[Preferences | None] = ContextVar("preferences", default=None)


def current() -> Preferences:
    """The preferences in force; where the user chose none, they follow the active language."""
    return _current.get() or Preferences()


@contextmanager
def use(*, calendar: str | None = None, digits: str | None = None) -> Iterator[Preferences]:
    """Put a user's choices in force for a while."""
    chosen = Preferences(calendar=calendar or "", digits=digits or "")
    token = _current.set(chosen)
    try:
        yield chosen
    finally:
        _current.reset(token)
