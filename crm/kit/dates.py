"""Dates and times: stored Gregorian, read and written in the reader's calendar (Jalali in Persian)."""

import datetime as dt
import re

from django.utils import dateparse, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from persiantools.jdatetime import JalaliDate

from crm.kit import preferences
from crm.kit.digits import to_latin, to_persian

FIRST_GREGORIAN_YEAR = 1700  # a smaller year is a Jalali one
FIRST_JALALI_DAY, LAST_JALALI_DAY = dt.date(622, 3, 22), dt.date(9999, 3, 20)  # what is beyond is shown Gregorian
YEARS = range(2, 9999)  # of moments: the first and the last year leave room for every time zone
JALALI_MONTHS = ("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند")
GREGORIAN_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
GREGORIAN_MONTHS_IN_PERSIAN = (
    "ژانویه", "فوریه", "مارس", "آوریل", "مه", "ژوئن", "ژوئیه", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر",
)  # fmt: skip
JALALI_MONTHS_IN_ENGLISH = (
    "Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar", "Mehr", "Aban", "Azar", "Dey", "Bahman", "Esfand",
)  # fmt: skip
_PARTS = re.compile(r"(\d{3,4})[-/.](\d{1,2})[-/.](\d{1,2})")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")


def parse_date(text: str) -> dt.date:
    """Read year, month and day in any digits, Jalali or Gregorian; ValueError says what to do."""
    found = _PARTS.fullmatch(to_latin(text.strip()))
    if not found:
        raise ValueError(_hint())
    year, month, day = (int(part) for part in found.groups())
    try:
        return (
            dt.date(year, month, day) if year >= FIRST_GREGORIAN_YEAR else JalaliDate(year, month, day).to_gregorian()
        )
    except (ValueError, OverflowError):
        raise ValueError(_("There is no such day. %(hint)s") % {"hint": _hint()}) from None


def _hint() -> str:
    if preferences.current().is_jalali:
        return _("Enter a date, for example 1404/09/30.")
    return _("Enter a date, for example 2025-12-21.")


def parse_time(text: str) -> dt.time:
    """Read a time of day on 24 hours; ValueError says what to do."""
    found = _CLOCK.fullmatch(to_latin(text.strip()))
    try:
        hour, minute, second = (int(part or 0) for part in found.groups()) if found else (99, 0, 0)
        return dt.time(hour, minute, second)
    except ValueError:
        raise ValueError(_("Enter a time, for example 14:30.")) from None


def parse_datetime(text: str) -> dt.datetime:
    """Read a date, and a time if there is one, in the active time zone; ValueError says what to do."""
    day, _space, clock = text.strip().replace("T", " ").partition(" ")
    moment = dt.datetime.combine(parse_date(day), parse_time(clock) if clock.strip() else dt.time())
    return checked(timezone.make_aware(moment))


def from_iso(text: str) -> dt.datetime | None:
    """The moment that a page or a program of ours wrote into a form; None where somebody wrote something else there."""
    try:
        return dateparse.parse_datetime(text)
    except ValueError:
        return None


def checked(moment: dt.datetime) -> dt.datetime:
    """The moment itself if every time zone and database can hold it; else ValueError says what to do."""
    if moment.year not in YEARS:
        raise ValueError(_("There is no such day. %(hint)s") % {"hint": _hint()})
    return moment


def show_date(day: dt.date, *, long: bool = False) -> str:
    """Write a date: ۱۴۰۴/۰۸/۲۷ or 2025-11-18; long: ۲۷ آبان ۱۴۰۴ or 18 Nov 2025."""
    wanted = preferences.current()
    if wanted.is_jalali and not FIRST_JALALI_DAY <= day <= LAST_JALALI_DAY:
        return _digits(day.isoformat())
    shown: dt.date | JalaliDate = _jalali(day) if wanted.is_jalali else day
    if long:
        return _digits(f"{shown.day} {_month(shown.month)} {shown.year}")
    mark = "/" if wanted.is_jalali else "-"
    return _digits(f"{shown.year:04}{mark}{shown.month:02}{mark}{shown.day:02}")


def show_month(day: dt.date) -> str:
    """Write the month that a day is in: آبان ۱۴۰۴ or Nov 2025."""
    shown: dt.date | JalaliDate = _jalali(day) if preferences.current().is_jalali else day
    return _digits(f"{_month(shown.month)} {shown.year}")


def _month(number: int) -> str:
    if preferences.current().is_jalali:
        return (JALALI_MONTHS if preferences.is_persian() else JALALI_MONTHS_IN_ENGLISH)[number - 1]
    return (GREGORIAN_MONTHS_IN_PERSIAN if preferences.is_persian() else GREGORIAN_MONTHS)[number - 1]


def _jalali(day: dt.date) -> JalaliDate:
    return JalaliDate.to_jalali(day.year, day.month, day.day)  # type: ignore[no-any-return]


def _digits(text: str) -> str:
    return to_persian(text) if preferences.current().has_persian_digits else text


def show_time(moment: dt.time | dt.datetime) -> str:
    """Write hours and minutes on 24 hours, of a datetime in the active time zone."""
    clock = timezone.localtime(moment) if isinstance(moment, dt.datetime) else moment
    return _digits(f"{clock.hour:02}:{clock.minute:02}")


def show_datetime(moment: dt.datetime, *, long: bool = False) -> str:
    """Write date and time in the active time zone."""
    local = timezone.localtime(moment)
    separator = _(", ") if long else " "
    return f"{show_date(local.date(), long=long)}{separator}{show_time(local.time())}"


def show_ago(moment: dt.datetime) -> str:
    """Write a moment as people say it: today and the time, yesterday, 3 days ago, else the date."""
    local, today = timezone.localtime(moment), timezone.localdate()
    days = (today - local.date()).days
    near = {0: _("Today, %(time)s"), 1: _("Yesterday, %(time)s"), -1: _("Tomorrow, %(time)s")}
    if days in near:
        return near[days] % {"time": show_time(local.time())}
    if 1 < days < 8:
        return _digits(ngettext("%(count)s day ago", "%(count)s days ago", days) % {"count": days})
    return show_date(local.date(), long=True)
