import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from crm.kit import periods
from crm.related import filing
from crm.related.models import Activity, Dossier
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.dashboard import numbers
from leads.dashboard.page import Dashboard, short_amount
from leads.models import Lead
from tests.accounts import person

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.timedelta(days=1)


def lead(owner, *, days_ago=0, touched=0, **values):
    made = filing.create(Lead(last_name="Ahmadi", created_at=timezone.now() - days_ago * DAY, **values), by=owner)
    Lead.objects.filter(pk=made.pk).update(modified_at=timezone.now() - touched * DAY)
    return made


def converted(owner, *, days_ago=0, amount=None, **values):
    parts = {"contact": Part(), **({"opportunity": Part(values={"amount": Decimal(amount)})} if amount else {})}
    return convert(lead(owner, days_ago=days_ago, **values).pk, Order(parts=parts), by=owner)


def this_year():
    return periods.current("year")


@pytest.fixture
def sara():
    return person("sara", language="en")


def test_open_leads_are_those_the_user_sees(sara):
    omid = person("omid")
    lead(sara, lead_status="Qualified")
    lead(sara)
    lead(omid, lead_status="Qualified")
    converted(sara)
    counted = [(found["all"], found["mine"], found["ready"]) for found in map(numbers.open_leads, (sara, omid))]
    assert counted == [(2, 2, 1), (1, 1, 1)]
    assert numbers.open_leads(person("manager"))["all"] == 3


def test_a_lead_is_stale_a_week_after_the_last_change_or_activity(sara):
    lead(sara, touched=8)
    lead(sara, touched=6)
    called = lead(sara, touched=8)
    Activity.objects.create(dossier=Dossier.objects.get(lead=called), subject="Call", assigned_to=sara)
    assert numbers.open_leads(sara)["stale"] == 1


def test_overdue_activities_are_the_users_own(sara):
    dossier = Dossier.objects.get(lead=lead(sara))
    for owner, days in ((sara, -1), (sara, 1), (person("manager"), -1)):
        Activity.objects.create(dossier=dossier, subject="Call", assigned_to=owner, due_at=timezone.now() + days * DAY)
    assert numbers.overdue_activities(sara) == 1


def test_a_cohort_sorts_the_leads_of_the_period(sara):
    lead(sara, lead_status="Hot", lead_source="Partner")
    lead(sara, lead_status="Hot", lead_source="Conference")
    converted(sara, lead_status="Qualified", lead_source="Partner")
    lead(sara, days_ago=800)
    found = numbers.cohort(sara, this_year())
    assert (found.total.created, found.total.converted, found.total.rate, found.previous.created) == (3, 1, 33, 0)
    assert {key: group.created for key, group in found.statuses.items()} == {"Hot": 2}
    assert {key: group.rate for key, group in found.sources.items()} == {"Partner": 50, "Conference": 0}
    assert [(group.label, group.open) for group in found.owners.values()] == [("sara", 2)]


@pytest.mark.parametrize(("days", "median"), [((1, 5, 40), 5), ((2, 4), 3), ((0,), 0), ((), None)])
def test_the_median_is_of_the_days_from_creation_to_conversion(sara, days, median):
    for number in days:
        converted(sara, days_ago=number)
    found = numbers.waits(sara, this_year())
    assert (found["median"], found["total"], sum(found["counts"])) == (median, len(days), len(days))


def test_waits_are_counted_by_days(sara):
    for number in (3, 4, 7, 8, 31):
        converted(sara, days_ago=number)
    assert numbers.waits(sara, this_year())["counts"] == [1, 2, 1, 0, 1]


def test_the_pipeline_is_what_is_still_open(sara):
    converted(sara, amount=100)
    lost = converted(sara, amount=50).opportunity
    filing.edit(lost, {"sales_stage": "Closed Lost"}, by=sara)
    converted(sara)
    assert numbers.pipeline(sara, this_year()) == {"number": 1, "amount": 100}


@pytest.mark.parametrize(
    ("amount", "english", "persian"),
    [(0, "0 IRR", "۰ IRR"), (1_500_000, "1.5 m IRR", "۱٫۵ m IRR"), (74_000_000_000, "74 bn IRR", "۷۴ bn IRR")],
)
def test_large_sums_are_short(amount, english, persian):
    with translation.override("en"):
        assert short_amount(Decimal(amount)) == english
    with translation.override("fa"):
        assert short_amount(Decimal(amount)).startswith(persian.split()[0])


def test_the_numbers_take_six_statements_however_many_leads(sara, django_assert_num_queries):
    for _again in range(3):
        converted(sara)
        lead(sara)
    board = Dashboard(sara, this_year())
    sara.get_all_permissions()
    with django_assert_num_queries(6):
        parts = [board.open, board.overdue, board.cohort, board.waits, board.pipeline]
    assert parts[1] == 0


@pytest.mark.parametrize("name", ["sara", "manager", "admin", "reader"])
@pytest.mark.parametrize("period", ["", "month", "quarter", "year", "for-ever"])
def test_everybody_opens_the_dashboard(client, name, period):
    user = person(name)
    client.force_login(user)
    assert client.get("/", {"period": period}).status_code == 200


def test_the_dashboard_shows_numbers_and_lists(client, sara):
    converted(sara, lead_source="Partner", amount=5)
    lead(sara, lead_status="Qualified")
    client.force_login(sara)
    page = client.get("/", {"period": "year"}).content.decode()
    for text in ("1 lead ready to convert", "50%", "5 IRR", "1 open opportunity", "view=ready"):
        assert text in page


def test_the_lists_behind_the_dashboard_show_what_it_counts(client, sara):
    ready, quiet = lead(sara, lead_status="Qualified", company="Ready Ltd"), lead(sara, touched=8, company="Quiet Ltd")
    client.force_login(sara)
    board = Dashboard(sara, this_year())
    assert (board.open["ready"], board.open["stale"]) == (1, 1)
    for url, shown, hidden in ((board.ready_url, ready, quiet), (board.stale_url, quiet, ready)):
        page = client.get(url).content.decode()
        assert shown.company in page
        assert hidden.company not in page


def test_an_empty_dashboard_says_how_to_begin(client, sara):
    client.force_login(sara)
    assert "No leads yet" in client.get("/").content.decode()
