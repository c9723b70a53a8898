import datetime as dt

import pytest
from django.utils import timezone

from crm.kit import periods, preferences


def days(key: str, today: dt.date, calendar: str) -> list[dt.date]:
    with preferences.use(calendar=calendar):
        period = periods.current(key, today)
    return [timezone.localtime(edge).date() for edge in (period.previous, period.start, period.end)]


@pytest.mark.parametrize(
    ("key", "today", "edges"),
    [
        ("month", (2025, 11, 18), [(2025, 10, 1), (2025, 11, 1), (2025, 12, 1)]),
        ("month", (2025, 1, 31), [(2024, 12, 1), (2025, 1, 1), (2025, 2, 1)]),
        ("quarter", (2025, 12, 31), [(2025, 7, 1), (2025, 10, 1), (2026, 1, 1)]),
        ("year", (2025, 1, 1), [(2024, 1, 1), (2025, 1, 1), (2026, 1, 1)]),
    ],
)
def test_periods_in_the_gregorian_calendar(key, today, edges):
    assert days(key, dt.date(*today), "gregorian") == [dt.date(*edge) for edge in edges]


@pytest.mark.parametrize(
    ("key", "today", "edges"),
    [
        ("month", (2025, 11, 18), [(2025, 9, 23), (2025, 10, 23), (2025, 11, 22)]),  # Aban 1404
        ("quarter", (2025, 11, 18), [(2025, 6, 22), (2025, 9, 23), (2025, 12, 22)]),  # autumn
        ("year", (2025, 3, 20), [(2023, 3, 21), (2024, 3, 20), (2025, 3, 21)]),  # the last day of 1403, a leap year
    ],
)
def test_periods_in_the_jalali_calendar(key, today, edges):
    assert days(key, dt.date(*today), "jalali") == [dt.date(*edge) for edge in edges]
