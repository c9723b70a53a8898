"""Existing records and other leads over the API."""

import json

import pytest

from crm.related import filing
from leads.models import Conversion
from tests.factories import ContactFactory, LeadFactory, OrganizationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(sara):
    return LeadFactory(assigned_to=sara, website="https://parsaria.ir", employees=60)


@pytest.fixture
def there(sara, lead):
    return OrganizationFactory(assigned_to=sara, name=lead.company, website=lead.website, phone="1", employees=35)


@pytest.fixture
def convert(sara, lead, as_user):
    browser = as_user(sara)

    def send(**body):
        headers = {"Idempotency-Key": body.pop("key")} if "key" in body else {}
        path = f"/api/v1/leads/{lead.pk}/convert/"
        answer = browser.post(path, json.dumps(body), content_type="application/json", headers=headers)
        return answer.status_code, answer.json()

    send.draft = lambda: browser.get(f"/api/v1/leads/{lead.pk}/convert/").json()
    return send


def test_draft_names_the_matches_and_the_order_fills_one(convert, there):
    match = convert.draft()["organization"]["matches"][0]
    assert (match["id"], match["name"], match["strong"]) == (there.pk, there.name, True)
    assert match["reasons"]
    order = {"organization": {"existing": there.pk, "overwrite": ["phone"], "seen": match["seen"]}, "key": "once"}
    status, body = convert(**order)
    there.refresh_from_db()
    assert (status, body["organization"], body["existing"]) == (201, there.pk, ["organization"])
    assert (there.phone, there.employees) == ("+98 21 8877 6655", 35)
    assert body["kept_in_note"] == ["lead_status", "employees"]
    order["key"] = "once"
    assert convert(**order) == (201, body)


def test_record_that_changed_is_a_conflict(convert, there, manager):
    seen = convert.draft()["organization"]["matches"][0]["seen"]
    filing.edit(there, {"fax": "1"}, by=manager)
    status, body = convert(organization={"existing": there.pk, "seen": seen})
    assert (status, body["existing"]) == (409, ["organization"])


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ({"existing": "x"}, "existing"),
        ({"existing": True}, "existing"),
        ({"existing": 999_999}, "existing"),
        ({"existing": 2**70}, "existing"),
        ({"existing": -1}, "existing"),
        ({"overwrite": ["phone"]}, "existing"),
        ({"existing": 1, "overwrite": "phone"}, "overwrite"),
        ({"existing": 1, "overwrite": ["nonsense"]}, "overwrite"),
        ({"existing": 1, "append": [{}]}, "append"),
        ({"existing": 1, "seen": "yesterday"}, "seen"),
        ({"existing": 1, "seen": 5}, "seen"),
    ],
)
def test_what_is_wrong_is_named(part, field, convert):
    status, body = convert(organization=part)
    assert (status, list(body["organization"])) == (400, [field])
    assert not Conversion.objects.exists()


def test_other_leads_come_along(convert, sara):
    second = LeadFactory(assigned_to=sara)
    person = ContactFactory(assigned_to=sara)
    third = LeadFactory(assigned_to=sara)
    also = [
        {"lead": second.pk, "role": "Pays", "contact": {"values": {"department": "Sales"}}},
        {"lead": third.pk, "contact": {"existing": person.pk}},
    ]
    status, body = convert(opportunity={}, also=also)
    assert status == 201
    assert [one["lead"] for one in body["together"]] == [second.pk, third.pk]
    assert Conversion.objects.get(lead=second).contact.department == "Sales"
    assert Conversion.objects.get(lead=third).contact == person


@pytest.mark.parametrize(
    "also",
    ["x", [1], [{"lead": "x"}], [{"lead": 999_999}], [{}], [{"lead": 1, "evil": 1}], [{"lead": 1, "contact": 5}]],
)
def test_wrong_other_leads_are_refused(also, convert):
    status, body = convert(also=also)
    assert (status, list(body)) == (400, ["also"])
    assert not Conversion.objects.exists()
