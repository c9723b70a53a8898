"""How much of what leads know reaches a target, counted in one statement."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.fields import dictionary
from crm.fields.models import CustomField
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.models import Lead
from mapping import services
from mapping.coverage import reach, unmapped
from mapping.defaults import ROWS
from mapping.table import current
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db
LOCKED = [row for row in ROWS if row.locked]


@pytest.fixture
def fields():
    for number, (key, kind) in enumerate(
        [("cf_sum", "integer"), ("cf_many", "multipicklist"), ("cf_tick", "checkbox"), ("cf_old", "text")]
    ):
        retired = "2026-01-01T00:00:00Z" if key == "cf_old" else None
        CustomField.objects.create(module="lead", key=key, kind=kind, label_en=key, label_fa=key, position=number, retired_at=retired)  # fmt: skip
    dictionary.forget()


def test_values_of_open_leads_are_counted_in_one_statement(fields, admin, sara):
    services.replace(LOCKED, seen=1, by=admin)
    leads = [
        LeadFactory(assigned_to=sara, rating=rating, employees=employees)
        for rating, employees in (("Active", 0), ("", None), ("", 5))
    ]
    Lead.objects.filter(pk=leads[0].pk).update(custom={"cf_sum": 0, "cf_tick": False, "cf_old": "x"})
    Lead.objects.filter(pk=leads[1].pk).update(custom={"cf_sum": 7, "cf_many": ["a"]})
    convert(LeadFactory(assigned_to=sara, rating="Active", employees=9).pk, Order(parts={"contact": Part()}), by=sara)
    mapping = current()
    with CaptureQueriesContext(connection) as queries:
        found = {one.field.key: one.open_leads for one in unmapped(mapping)}
    assert len(queries) == 1
    wanted = (
        "rating",
        "employees",
        "city",
        "fax",
        "email_opt_out",
        "annual_revenue",
        "cf_sum",
        "cf_many",
        "cf_tick",
        "cf_old",
        "lead_status",
    )
    assert {key: found.get(key) for key in wanted} == {
        "rating": 1, "employees": 2, "city": 3, "fax": 0, "email_opt_out": 3, "annual_revenue": 0,
        "cf_sum": 2, "cf_many": 1, "cf_tick": 1, "cf_old": None, "lead_status": None,
    }  # fmt: skip
    assert reach(mapping) == (4, 27)


def test_whole_mapping_asks_nothing(admin):
    mapping = current()
    with CaptureQueriesContext(connection) as queries:
        assert unmapped(mapping) == []
    assert len(queries) == 0


@pytest.mark.parametrize(("name", "shown"), [("admin", True), ("sara", False), ("manager", False)])
def test_dashboard_tells_administrators_of_values_without_a_mapping(name, shown, fields, request, sara, as_user):
    lead = LeadFactory(assigned_to=sara)
    Lead.objects.filter(pk=lead.pk).update(custom={"cf_sum": 0})
    page = as_user(request.getfixturevalue(name)).get("/").content.decode()
    assert ("1 lead field without a mapping" in page) is shown
