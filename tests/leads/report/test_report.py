import csv
import datetime as dt

import pytest
from django.utils import timezone, translation

from crm.kit import periods
from crm.related import filing
from leads.conversion.order import LEAVE, Order, Part
from leads.conversion.service import convert
from leads.models import Lead
from leads.report import numbers
from leads.report.page import ReportPage
from tests.accounts import person

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.timedelta(days=1)


def lead(owner, *, days_ago=0, **values):
    created = timezone.now() - days_ago * DAY
    return filing.create(Lead(**{"last_name": "Ahmadi", "created_at": created, **values}), by=owner)


def converted(owner, *, days_ago=0, remedies=None, **values):
    order = Order(parts={"contact": Part()}, remedies=remedies or {})
    return convert(lead(owner, days_ago=days_ago, **values).pk, order, by=owner)


@pytest.fixture
def sara():
    return person("sara", language="en")


def numbers_of(line):
    return (line.created, line.won, line.rate, line.done, line.median_days, line.noted)


def test_a_report_groups_leads_by_source_owner_industry_and_revision(sara):
    lead(sara, lead_source="Partner", industry="Banking")
    converted(sara, lead_source="Partner")
    converted(sara, lead_source="Conference", rating="Active")
    converted(sara, days_ago=1000, lead_source="Partner", website="example.ir")
    found = numbers.report(sara, periods.current("year"))
    assert numbers_of(found.total) == (3, 2, 67, 3, 0, 2)
    assert {key: numbers_of(line) for key, line in found.lines["lead_source"].items()} == {
        "Partner": (2, 1, 50, 2, 500, 1),
        "Conference": (1, 1, 100, 1, 0, 1),
    }
    assert {key: numbers_of(line) for key, line in found.lines["industry"].items()} == {
        "Banking": (1, 0, 0, 0, None, 0),
        "": (2, 2, 100, 3, 0, 2),
    }
    assert {key: line.done for key, line in found.lines["assigned_to"].items()} == {sara.pk: 3}
    assert {key: numbers_of(line) for key, line in found.lines["revision"].items()} == {1: (0, 0, None, 3, 0, 2)}
    assert dict(found.in_notes) == {"rating": 1, "website": 1}


def test_what_was_left_behind_is_counted_apart(sara):
    converted(sara, rating="Active", remedies={"rating": LEAVE})
    found = numbers.report(sara, periods.current("month"))
    assert (dict(found.in_notes), dict(found.left_behind)) == ({}, {"rating": 1})


def test_a_report_counts_only_what_the_user_sees(sara):
    converted(sara)
    lead(sara)
    seen = {
        name: numbers_of(numbers.report(person(name), periods.current("year")).total)[:2]
        for name in ("omid", "manager", "reader")
    }
    assert seen == {"omid": (0, 0), "manager": (2, 1), "reader": (2, 1)}


def test_months_are_those_of_the_readers_calendar(sara):
    with translation.override("fa"):
        page = ReportPage(sara, "year", 0)
        assert [(month.created, month.done) for month in page.months] == [(0, 0)] * 12
        converted(sara)
        shown = ReportPage(sara, "month", 0).months
    assert [(month.created, month.done) for month in shown[-2:]] == [(0, 0), (1, 1)]
    assert (shown[-1].created_length, shown[-1].done_length) == (100, 100)


@pytest.mark.parametrize(
    ("key", "back", "start", "end"),
    [("month", 0, "2025-11-01", "2025-12-01"), ("month", 11, "2024-12-01", "2025-01-01"), ("year", 1, "2024-01-01", "2025-01-01"), ("quarter", 5, "2024-07-01", "2024-10-01")],
)  # fmt: skip
def test_periods_go_back(key, back, start, end):
    with translation.override("en"):
        period = periods.current(key, dt.date(2025, 11, 18), back=back)
    assert (period.start.date().isoformat(), period.end.date().isoformat()) == (start, end)


def test_a_jalali_quarter_goes_back_over_new_year():
    with translation.override("fa"):
        period = periods.current("quarter", dt.date(2025, 4, 1), back=1)
    assert (period.start.date().isoformat(), period.end.date().isoformat()) == ("2024-12-21", "2025-03-21")


def test_the_file_holds_the_same_numbers_and_runs_nothing(client, sara):
    sara.first_name, sara.last_name = "=cmd()", ""
    sara.save()
    converted(sara)
    client.force_login(sara)
    response = client.get("/reports/conversions/file/?period=year")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(text.splitlines()))
    assert rows[1] == ["All", "", "1", "1", "100", "1", "0", "0"]
    assert ["By owner", "'=cmd()", "1", "1", "100", "1", "0", "0"] in rows
    assert response["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "query", ["?period=x&back=x", "?back=-1", "?back=99999999999", "?back=400&period=year", "?back=%00"]
)
def test_a_strange_period_shows_a_report_all_the_same(client, sara, query):
    client.force_login(sara)
    assert client.get(f"/reports/conversions/{query}").status_code == 200


@pytest.mark.parametrize("amount", [1, 8])
def test_the_page_takes_the_same_statements_whatever_there_is(client, sara, amount, django_assert_max_num_queries):
    for number in range(amount):
        converted(sara, lead_source="Partner", industry="Banking", rating="Active", company=f"C{number}")
    client.force_login(sara)
    client.get("/reports/conversions/")
    with django_assert_max_num_queries(13):
        assert client.get("/reports/conversions/").status_code == 200


def test_status_is_not_told_of_as_a_row_that_the_mapping_misses(sara, as_user):
    converted(sara, rating="Active", lead_status="Hot")
    page = as_user(sara).get("/reports/conversions/").context["page"]
    assert [noted.key for noted in page.noted] == ["rating"]
