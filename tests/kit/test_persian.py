"""Persian as it is typed, stored, found, sorted and shown."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from crm.kit import dates, numbers, preferences
from crm.kit.digits import to_latin, to_persian
from crm.kit.fold import fold, sort_key
from crm.kit.text import clean, is_blank, refuse_unstorable


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("علي", "علی"), ("كريم", "کریم"), ("۰۹۱۲", "0912"), ("٠٩١٢", "0912"), ("می‌روم", "میروم"), ("آرش", "ارش"),
        ("سـلام", "سلام"), ("مُحَمَّد", "محمد"), ("ÉCOLE", "ecole"), ("  a \t b ", "a b"), ("\u202bمتن\u202c", "متن"), ("مؤسسه", "موسسه"),
    ],
)  # fmt: skip
def test_alike_to_a_reader_is_alike_to_the_search(one, other):
    assert fold(one) == fold(other)


@given(st.text())
def test_folding_twice_changes_nothing_more(text):
    assert fold(fold(text)) == fold(text)


def test_names_sort_as_in_a_persian_telephone_book():
    names = [
        "Ali",
        "zed",
        "آب",
        "ابر",
        "باران",
        "پارس",
        "تهران",
        "جعفر",
        "چمن",
        "زهرا",
        "ژاله",
        "سارا",
        "کریم",
        "گل",
        "لیلا",
        "یاس",
    ]
    assert sorted(names[5:] + names[:5], key=sort_key) == names
    assert sort_key("كريم") == sort_key("کریم")


@given(st.text())
def test_sort_keys_are_plain_and_short(text):
    key = sort_key(text)
    assert len(key) <= 120
    assert set(key) <= set("0123456789abcdefghijklmnopqrstuvwxyz")


@given(st.dates(dt.date(1921, 3, 21), dt.date(2121, 3, 20)), st.sampled_from(["fa", "en"]))
def test_every_date_comes_back_as_it_was_shown(day, language):
    with translation.override(language):
        assert dates.parse_date(dates.show_date(day)) == day


@given(st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2100, 1, 1)), st.sampled_from(["fa", "en"]))
def test_every_moment_comes_back_to_the_minute(moment, language):
    aware = timezone.make_aware(moment.replace(second=0, microsecond=0, fold=0))
    with translation.override(language):
        assert abs(dates.parse_datetime(dates.show_datetime(aware)) - aware) <= dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("۱۴۰۴/۹/۳۰", dt.date(2025, 12, 21)), ("1404-09-30", dt.date(2025, 12, 21)), ("2025-12-21", dt.date(2025, 12, 21)),
        ("1403/12/30", dt.date(2025, 3, 20)), ("۱۴۰۴.۰۹.۳۰", dt.date(2025, 12, 21)),
    ],
)  # fmt: skip
def test_dates_are_read_in_both_calendars(text, day):
    assert dates.parse_date(text) == day


@pytest.mark.parametrize("day", [dt.date(1, 1, 1), dt.date(622, 3, 21), dt.date(9999, 3, 21), dt.date(9999, 12, 31)])
def test_day_that_no_jalali_calendar_knows_is_shown_gregorian(day):
    with translation.override("fa"):
        assert to_latin(dates.show_date(day)) == to_latin(dates.show_date(day, long=True)) == day.isoformat()


@pytest.mark.parametrize("text", ["9999-12-31 23:59", "9999/12/31 00:00"])
def test_moment_that_not_every_time_zone_can_hold_is_refused(text):
    with pytest.raises(ValueError, match="There is no such day"):
        dates.parse_datetime(text)


@pytest.mark.parametrize(
    "text", ["1404/12/30", "1404/07/31", "2025-02-30", "0001/01/32", "9999-99-99", "yesterday", "", "12/1404"]
)
def test_impossible_dates_say_what_to_do(text):
    with pytest.raises(ValueError, match="Enter a date"):
        dates.parse_date(text)


def test_persian_shows_jalali_and_its_own_digits():
    day = dt.date(2025, 11, 18)
    with translation.override("fa"):
        assert (dates.show_date(day), dates.show_date(day, long=True)) == ("۱۴۰۴/۰۸/۲۷", "۲۷ آبان ۱۴۰۴")
        assert numbers.show_number(Decimal("48000000000.50000")) == "۴۸٬۰۰۰٬۰۰۰٬۰۰۰٫۵"
        assert numbers.show_percent(31) == "۳۱٪"
        with preferences.use(calendar="gregorian", digits="latin"):
            assert dates.show_date(day) == "2025-11-18"
    with translation.override("en"):
        assert (dates.show_date(day), dates.show_date(day, long=True)) == ("2025-11-18", "18 Nov 2025")
        assert numbers.show_number(Decimal("48000000000.50000")) == "48,000,000,000.5"


@given(st.decimals(min_value=-(10**19), max_value=10**19, places=5), st.sampled_from(["fa", "en"]))
def test_every_number_comes_back_as_it_was_shown(number, language):
    with translation.override(language):
        assert numbers.parse_decimal(numbers.show_number(number)) == number


@pytest.mark.parametrize("text", ["", "x", "NaN", "Infinity", "1e5", "1,2", "1.2.3", "--1", "9" * 100])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match="Enter a number"):
        numbers.parse_decimal(text)


@pytest.mark.parametrize("text", ["\u200b", "\u200c", "\u202e", " \t\n", "", "\u00a0"])
def test_invisible_is_blank(text):
    assert is_blank(text)


def test_cleaning_keeps_the_half_space_and_drops_tricks():
    assert clean("می‌رود\u202efdp\u0007\n") == "می‌رودfdp\n"


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_what_no_database_stores_is_refused(text):
    with pytest.raises(ValidationError):
        refuse_unstorable(text)


@given(st.text("0123456789۰۱۲۳۴۵۶۷۸۹"))
def test_digits_there_and_back(text):
    assert to_latin(to_persian(to_latin(text))) == to_latin(text)
