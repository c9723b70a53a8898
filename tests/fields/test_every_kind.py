"""A custom field of each type works as a standard one does: in forms, details, search, history, API and conversion."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from crm.fields import registry
from crm.fields.definition import CUSTOM_KINDS
from crm.related.models import Change
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.models import Conversion, Lead
from mapping.born import create_everywhere
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db
TEHRAN = ZoneInfo("Asia/Tehran")
# What is typed in Persian, what it is then, how the API carries it, how a Persian page shows it.
CASES = {
    "text": ("  كاوير\u202e ", "كاوير", "كاوير", "كاوير"),
    "textarea": ("یک\r\n دو", "یک\r\n دو", "یک\r\n دو", "یک"),
    "picklist": ("B", "B", "B", "B"),
    "multipicklist": (["B", "A"], ["B", "A"], ["B", "A"], "B، A"),
    "integer": ("۰", 0, 0, "۰"),
    "decimal": ("۱۲۳۴۵۶۷۸۹۰۱۲۳۴۵۶۷۸۹۰٫۱۲۳۴۵", Decimal("12345678901234567890.12345"), "12345678901234567890.12345", "۱۲٬۳۴۵٬۶۷۸٬۹۰۱٬۲۳۴٬۵۶۷٬۸۹۰٫۱۲۳۴۵"),
    "currency": ("۴۸٬۰۰۰٫۵", Decimal("48000.5"), "48000.5", "۴۸٬۰۰۰٫۵"),
    "percent": ("۰", Decimal(0), "0", "۰٪"),
    "date": ("۱۴۰۳/۱۲/۳۰", dt.date(2025, 3, 20), "2025-03-20", "۱۴۰۳/۱۲/۳۰"),
    "datetime": ("۱۴۰۴/۰۹/۳۰ ۲۳:۳۰", dt.datetime(2025, 12, 21, 23, 30, tzinfo=TEHRAN), None, "۱۴۰۴/۰۹/۳۰ ۲۳:۳۰"),
    "time": ("۱۴:۰۵", dt.time(14, 5), "14:05:00", "۱۴:۰۵"),
    "checkbox": ("on", True, True, "بله"),
    "email": ("a@example.com", "a@example.com", "a@example.com", "a@example.com"),
    "phone": ("۰۹۱۲ ۳۴۵", "۰۹۱۲ ۳۴۵", "۰۹۱۲ ۳۴۵", "۰۹۱۲ ۳۴۵"),
    "url": ("www.example.ir", "www.example.ir", "www.example.ir", "www.example.ir"),
}  # fmt: skip
KINDS = [kind.key for kind in CUSTOM_KINDS]
SEARCHED = {"text": "کاویر", "email": "a@example.com", "phone": "0912 345", "url": "www.example.ir"}


@pytest.fixture
def field(request, admin):
    kind = request.param
    options = ["A", "B"] if kind.endswith("picklist") else ()
    create_everywhere(
        "lead",
        label_en="Thing",
        label_fa="چیز",
        kind=kind,
        options=options,
        also_on=["contact"],
        is_mapped=True,
        by=admin,
    )
    return registry.module("lead").fields["cf_thing"]


@pytest.mark.parametrize("field", KINDS, indirect=True)
def test_typed_shown_found_remembered_and_converted(field, sara, as_user):
    typed, value, wired, shown = CASES[field.kind.key]
    sara.language = "fa"
    sara.save()
    browser = as_user(sara)
    lead = LeadFactory(assigned_to=sara)
    form = {"last_name": lead.last_name, "assigned_to": sara.pk}
    assert browser.post(f"/leads/{lead.pk}/edit/", {**form, field.key: typed}).status_code == 302

    lead = Lead.objects.get(pk=lead.pk)
    assert field.get(lead) == value
    assert field.key in Change.objects.get().changes
    assert shown in browser.get(f"/leads/{lead.pk}/?tab=details").content.decode()
    assert browser.get(f"/leads/{lead.pk}/?tab=history").status_code == 200
    sent = browser.get(f"/api/v1/leads/{lead.pk}/").json()["custom"][field.key]
    assert (dt.datetime.fromisoformat(sent) if field.kind.key == "datetime" else sent) == (wired or value)
    if field.kind.key in SEARCHED:
        assert list(Lead.objects.matching(SEARCHED[field.kind.key])) == [lead]

    edit = browser.get(f"/leads/{lead.pk}/edit/").context["form"][field.key].value()
    assert (
        browser.post(f"/leads/{lead.pk}/edit/", {**form, field.key: "on" if edit is True else edit}).status_code == 302
    )
    assert Change.objects.count() == 1  # what comes back as it was shown is no change

    made = convert(lead.pk, Order(parts={"contact": Part()}), by=sara)
    assert (
        registry.module("contact").fields["cf_thing"].get(type(made.contact).objects.get(pk=made.contact_id)) == value
    )


@pytest.mark.parametrize("field", KINDS, indirect=True)
def test_the_api_writes_it_and_empties_it(field, sara, as_user):
    _typed, value, wired, _shown = CASES[field.kind.key]
    browser = as_user(sara)
    sent = wired if wired is not None else value.isoformat()
    made = browser.post(
        "/api/v1/leads/", {"last_name": "x", "custom": {field.key: sent}}, content_type="application/json"
    )
    assert made.status_code == 201, made.json()
    lead = Lead.objects.get(pk=made.json()["id"])
    assert field.get(lead) == value
    address = f"/api/v1/leads/{lead.pk}/"
    for empty in (None, [] if field.kind.key == "multipicklist" else None):
        answer = browser.patch(address, {"custom": {field.key: empty}}, content_type="application/json")
        assert answer.status_code == 200
    left = Lead.objects.get(pk=lead.pk).custom
    assert left == ({field.key: False} if field.kind.key == "checkbox" else {})


@pytest.mark.parametrize("field", KINDS, indirect=True)
def test_the_convert_page_carries_it_unchanged(field, sara, as_user):
    _typed, value, _wired, _shown = CASES[field.kind.key]
    lead = LeadFactory(assigned_to=sara, custom={field.key: field.kind.store(value)})
    browser = as_user(sara)
    page = browser.get(f"/leads/{lead.pk}/convert/").context["form"]
    bound = page.parts["contact"]
    data = {
        bound[name].html_name: bound[name].value()
        for name in bound.fields
        if bound[name].value() not in (None, "", False)
    }
    data |= {"create_contact": "on", "transfer_to": "contact", "stamp": page["stamp"].value(), "key": "k"}
    answer = browser.post(f"/leads/{lead.pk}/convert/", data)
    assert answer.status_code == 302
    contact = Conversion.objects.get().contact
    assert registry.module("contact").fields[field.key].get(contact) == value


@pytest.mark.parametrize("field", [kind for kind in KINDS if kind not in ("text", "textarea", "phone")], indirect=True)
@pytest.mark.parametrize("junk", ["junk \u0000", "۱۲ ماه", [1], {"a": 1}, 2**70])
def test_junk_is_refused_by_name(field, junk, sara, as_user):
    answer = as_user(sara).post(
        "/api/v1/leads/", {"last_name": "x", "custom": {field.key: junk}}, content_type="application/json"
    )
    assert (answer.status_code, list(answer.json())) == (400, [field.key])
