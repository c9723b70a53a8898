"""The list of conversions, and where a record's values came from."""

import datetime as dt

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


def test_filtered_by_day_and_person(sara, manager, as_user):
    made = convert(LeadFactory(assigned_to=sara).pk, Order(parts=BOTH), by=manager)
    browser, today = as_user(sara), timezone.localdate()
    assert listed(browser, by=manager.pk, since=str(today), until=str(today)) == [made]
    assert listed(browser, by=sara.pk) == []
    assert listed(browser, since=str(today + dt.timedelta(days=1))) == []
    assert listed(browser, until=str(today - dt.timedelta(days=1))) == []
    for nonsense in ("x", "9999-12-31", "1404/12/30", "0001-01-01", "\0"):
        assert listed(browser, since=nonsense, until=nonsense, by=nonsense, after=nonsense, q="") == [made]


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
