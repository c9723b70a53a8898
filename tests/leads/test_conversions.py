"""The list of conversions, and where a record's values came from."""

import datetime as dt
import re
from html import unescape
from urllib.parse import parse_qsl

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.related import filing
from leads.conversion.order import Also, Order, Part
from leads.conversion.receipt import LATER, digest
from leads.conversion.service import convert
from leads.models import Conversion
from tests.factories import ContactFactory, LeadFactory, OrganizationFactory

pytestmark = pytest.mark.django_db
BOTH = {"organization": Part(), "contact": Part()}


def listed(browser, **parameters):
    page = browser.get("/conversions/", parameters)
    assert page.status_code == 200
    return [row["conversion"] for row in page.context["listing"].rows()]


def test_found_by_name_and_number_of_lead_and_records(sara, as_user):
    made = convert(LeadFactory(assigned_to=sara, last_name="کریمی").pk, Order(parts=BOTH), by=sara)
    other = convert(LeadFactory(assigned_to=sara, company="Kavir Steel").pk, Order(parts=BOTH), by=sara)
    browser = as_user(sara)
    assert listed(browser) == [other, made]
    for text in ("كريمي", made.number, f"LEA{made.lead_id}", f"con{made.contact_id}", f"ORG{made.organization_id}"):
        assert listed(browser, q=text) == [made], text
    assert listed(browser, q="kavir") == [other]
    assert listed(browser, q="nobody") == listed(browser, q="CV-999999999999999999") == []


def test_filtered_by_day_and_person(sara, manager, as_user, noon):
    made = convert(LeadFactory(assigned_to=sara).pk, Order(parts=BOTH), by=manager)
    browser, today = as_user(sara), timezone.localdate()
    assert listed(browser, by=manager.pk, since=str(today), until=str(today)) == [made]
    assert listed(browser, by=sara.pk) == []
    assert listed(browser, since=str(today + dt.timedelta(days=1))) == []
    assert listed(browser, until=str(today - dt.timedelta(days=1))) == []
    for nonsense in ("x", "9999-12-31", "1404/12/30", "0000-01-01", "\0x"):
        assert listed(browser, since=nonsense, until=nonsense, by=nonsense, after=nonsense, q="") == [made]
        page = browser.get("/conversions/", {"since": nonsense})
        assert page.context["listing"].since.problem in page.text


@pytest.mark.parametrize(
    ("calendar", "week", "month", "quarter"),
    [
        ("gregorian", ("2025-11-17", "2025-11-23"), ("2025-11-01", "2025-11-30"), ("2025-10-01", "2025-12-31")),
        ("jalali", ("2025-11-15", "2025-11-21"), ("2025-10-23", "2025-11-21"), ("2025-09-23", "2025-12-21")),
    ],
)
def test_one_press_chooses_the_days_of_the_readers_calendar(calendar, week, month, quarter, sara, as_user, monkeypatch):
    sara.calendar = calendar
    sara.save()
    monkeypatch.setattr(timezone, "now", lambda: dt.datetime(2025, 11, 19, 21, tzinfo=dt.UTC))  # the 20th in Tehran
    browser = as_user(sara)

    def drawn(parameters):
        page = browser.get("/conversions/", parameters).text
        links = re.findall(r'<a href="(\?[^"]*)"( aria-current="true")?>', page[page.index('class="seg"') :])
        return [dict(parse_qsl(unescape(address)[1:])) for address, _mark in links], [bool(mark) for _a, mark in links]

    expected = [{"since": since, "until": until} for since, until in (week, month, quarter)]
    asked = {"q": "سارا", "by": str(sara.pk)}
    given, _marks = drawn(asked)
    assert given == [asked, *({**asked, **one} for one in expected)]
    for place, parameters in enumerate(given):
        assert drawn(parameters)[1] == [place == other for other in range(4)]


def test_pages_keep_what_was_asked_for(sara, as_user):
    for _ in range(27):
        convert(LeadFactory(assigned_to=sara).pk, Order(parts=BOTH), by=sara)
    browser = as_user(sara)
    asked = {"q": "احمدی", "by": str(sara.pk), "since": str(timezone.localdate() - dt.timedelta(days=1))}
    first = browser.get("/conversions/", asked).context["listing"]
    second = browser.get("/conversions/" + first.next).context["listing"]
    assert (len(first.page.rows), len(second.page.rows), first.previous, second.next) == (25, 2, "", "")
    back = browser.get("/conversions/" + second.previous).context["listing"]
    assert (back.page.rows, back.text, back.by, back.since) == (first.page.rows, "احمدی", sara.pk, first.since)


def test_shows_who_may_not_see_a_record_neither_it_nor_its_name(sara, omid, manager, as_user):
    lead = LeadFactory(assigned_to=sara, company="Geheimnis")
    made = convert(
        lead.pk, Order(parts={"organization": Part(), "contact": Part(values={"assigned_to": omid.pk})}), by=manager
    )
    page = as_user(omid).get("/conversions/")
    assert [row["conversion"] for row in page.context["listing"].rows()] == [made]
    assert "Geheimnis" not in page.content.decode()
    assert listed(as_user(omid), q="Geheimnis") == []


@pytest.mark.parametrize("count", [1, 27])
def test_takes_few_statements(count, sara, as_user):
    for _ in range(count):
        convert(LeadFactory(assigned_to=sara).pk, Order(parts={**BOTH, "opportunity": Part()}), by=sara)
    browser = as_user(sara)
    browser.get("/conversions/")
    with CaptureQueriesContext(connection) as done:
        page = browser.get("/conversions/", {"q": "احمدی"})
    assert len(page.context["listing"].page.rows) == min(count, 25)
    assert len(done) <= 12, len(done)


def test_details_tell_where_a_value_came_from(sara, as_user):
    there = ContactFactory(assigned_to=sara, fax="1")
    lead = LeadFactory(assigned_to=sara, fax="2")
    made = convert(lead.pk, Order(parts={"contact": Part(existing=there.pk)}), by=sara)
    filing.edit(there, {"mailing_city": "Yazd"}, by=sara)
    page = as_user(sara).get(f"{there.get_absolute_url()}?tab=details").context["page"]
    origins = page.origins()
    assert {key: one.is_changed for key, one in origins.items()} == {
        "email": False, "office_phone": False, "mailing_city": True, "first_name": False,
    }  # fmt: skip
    assert (origins["email"].how, origins["email"].conversion) == ("Was empty, filled from the lead: Email", made)


def test_opportunity_tells_of_every_lead_that_came_along(sara, as_user):
    first, second = LeadFactory(assigned_to=sara), LeadFactory(assigned_to=sara)
    made = convert(
        first.pk, Order(parts={**BOTH, "opportunity": Part()}, also=(Also(lead=second.pk, role="Pays"),)), by=sara
    )
    page = as_user(sara).get(made.opportunity.get_absolute_url())
    assert [one.lead_id for one in page.context["page"].conversions] == [second.pk, first.pk]
    assert "Pays" in page.content.decode()


def test_digest_of_a_conversion_from_before_stays_good(sara):
    plain = convert(LeadFactory(assigned_to=sara).pk, Order(parts=BOTH), by=sara)
    there = OrganizationFactory(assigned_to=sara)
    filled = convert(LeadFactory(assigned_to=sara).pk, Order(parts={"organization": Part(existing=there.pk)}), by=sara)
    assert set(LATER) <= {column.attname for column in Conversion._meta.concrete_fields}
    before = filled.digest
    filled.existing = []
    assert digest(filled) != before
    assert digest(Conversion.objects.get(pk=plain.pk)) == plain.digest
