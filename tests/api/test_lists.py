"""Filters and order of the API's lists, by standard and by custom fields."""

import pytest

from crm.fields import registry
from crm.fields.services import create_field
from leads.models import Lead
from tests.api.test_contract import ROOT, Api
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db
BUDGETS = {"A": 9, "B": 10, "C": None, "D": 2}


@pytest.fixture
def names(sara, admin):
    """Last names of the leads that a query finds, in order."""
    create_field("lead", label_en="Budget", kind="currency", by=admin)
    create_field("lead", label_en="Interest", kind="multipicklist", options=["CRM", "Support"], by=admin)
    fields = registry.module("lead").fields
    for name, budget in BUDGETS.items():
        lead = LeadFactory(assigned_to=sara, last_name=name, city="تهران" if name == "A" else "50%", lead_status="Hot")
        fields["cf_budget"].set(lead, budget)
        fields["cf_interest"].set(lead, ["CRM"] if name in "AB" else [])
        Lead.objects.filter(pk=lead.pk).update(custom=lead.custom)
    api = Api(sara)

    def found(query):
        answer = api("get", f"/leads/?{query}")
        return (
            [row["last_name"] for row in answer.json()["results"]] if answer.status_code == 200 else answer.status_code
        )

    found.api = api
    return found


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("cf_budget__gte=9&ordering=last_name", ["A", "B"]),
        ("custom__cf_budget__gte=9&ordering=last_name", ["A", "B"]),
        ("cf_budget=10", ["B"]),
        ("cf_budget__not=10&ordering=last_name", ["A", "C", "D"]),
        ("cf_budget__isnull=true", ["C"]),
        ("cf_budget__isnull=false&ordering=cf_budget", ["D", "A", "B"]),
        ("cf_interest=CRM&ordering=-last_name", ["B", "A"]),
        ("ordering=cf_budget", ["D", "A", "B", "C"]),
        ("ordering=-cf_budget", ["B", "A", "D", "C"]),
        ("ordering=-city,last_name", ["A", "B", "C", "D"]),
        ("city__contains=0%25&ordering=last_name", ["B", "C", "D"]),
        ("city__startswith=ته", ["A"]),
        ("lead_status__in=Hot,Cold&ordering=last_name", ["A", "B", "C", "D"]),
        ("cf_budget=many", 400),
        ("cf_budget__regex=1", 400),
        ("cf_interest__gte=1", 400),
        ("cf_nothing=1", 400),
        ("assigned_to__password=1", 400),
        ("custom__city=1", 400),
        ("cf_budget__isnull=maybe", 400),
        ("ordering=cf_nothing", 400),
        ("ordering=cf_interest", 400),
        ("ordering=custom__cf_budget", 400),
        ("cursor=nonsense", 404),
    ],
)
def test_lists_are_filtered_and_ordered_by_any_field(query, expected, names):
    assert names(query) == expected


@pytest.mark.parametrize("order", ["cf_budget", "-cf_budget", "city"])
def test_pages_of_an_order_by_any_field_hold_each_row_once(order, names):
    whole, seen, address = names(f"ordering={order}"), [], f"/leads/?page_size=1&ordering={order}"
    while address:
        page = names.api("get", address).json()
        seen += [row["last_name"] for row in page["results"]]
        address = page["next"] and page["next"].split(ROOT)[1]
    assert seen == whole
    back = names.api("get", page["previous"].split(ROOT)[1]).json()
    assert [row["last_name"] for row in back["results"]] == whole[-2:-1]
