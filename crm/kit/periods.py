"""This month, quarter and year in the reader's calendar: Jalali periods for those who read Jalali dates (UX §10.4)."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone
from persiantools.jdatetime import JalaliDate

from crm.kit import preferences

MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From `start` until just before `end`; the one before it began at `previous`. All are midnights here."""

    key: str
    previous: dt.datetime
    start: dt.datetime
    end: dt.datetime


def current(key: str, today: dt.date | None = None, *, back: int = 0) -> Period:
    """The month, quarter or year (the key) that today is in, or the one so many before it; KeyError for another key."""
    length = MONTHS[key]
    year, month = _year_and_month(today or timezone.localdate())
    first = ((month - 1) // length - back) * length
    edges = [_midnight(year, first + shift) for shift in (-length, 0, length)]
    return Period(key=key, previous=edges[0], start=edges[1], end=edges[2])


def _year_and_month(day: dt.date) -> tuple[int, int]:
    shown = JalaliDate(day) if preferences.current().is_jalali else day
    return shown.year, shown.month


def _midnight(year: int, months: int) -> dt.datetime:
    """The beginning of the month that is so many months after the first of the year."""
    year, month = year + months // 12, months % 12 + 1
    day = JalaliDate(year, month, 1).to_gregorian() if preferences.current().is_jalali else dt.date(year, month, 1)
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def weekday(day: dt.date) -> int:
    """How many days of its week are before this day: weeks begin on Saturday for Jalali readers, else on Monday."""
    return (day.weekday() + 2) % 7 if preferences.current().is_jalali else day.weekday()


def months_back(period: Period, today: dt.date | None = None) -> int:
    """How many months ago the last month of a period was; 0 for one that has not ended yet."""
    year, month = _year_and_month(today or timezone.localdate())
    last_year, last_month = _year_and_month((period.end - dt.timedelta(days=1)).date())
    return max(0, (year - last_year) * 12 + month - last_month)
