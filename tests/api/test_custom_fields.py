"""Custom fields over HTTP (PRODUCT §5)."""

import pytest

from crm.fields import dictionary, registry
from crm.fields.models import CustomField
from mapping.table import current
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/custom-fields/"
BUDGET = {
    "module": "lead", "label": "Budget", "type": "currency", "length": None, "digits": 25, "places": 5, "required": False,
    "default": None, "options": [], "also_on": ["contact"], "map": True,
}  # fmt: skip


def ask(browser, method, address, body=None):
    response = getattr(browser, method)(address, body, content_type="application/json")
    return response.status_code, response.json() if response.content else None


@pytest.fixture
def browser(admin, as_user):
    return as_user(admin)


def test_a_field_is_made_on_several_modules_and_mapped(browser):
    status, made = ask(browser, "post", ADDRESS, BUDGET)
    assert (status, made) == (201, {
        "id": made["id"], "key": "cf_budget", "module": "lead", "label": "Budget", "label_en": "Budget", "label_fa": "Budget",
        "help_en": "", "help_fa": "", "type": "currency", "length": None, "digits": 25, "places": 5, "required": False,
        "default": None, "options": [], "in_quick_create": False, "retired": False,
    })  # fmt: skip
    assert ("cf_budget", "contact", "cf_budget", None) in {
        (a.source, a.module, a.target, a.problem) for a in current().arrows
    }
    listed = browser.get(f"{ADDRESS}?module=lead").json()
    assert (listed["results"], listed["next"], listed["previous"]) == ([made], None, None)
    assert browser.get(f"{ADDRESS}{made['id']}/").json() == made


@pytest.mark.parametrize(
    ("sent", "status", "keys"),
    [
        ({}, 400, ["module", "type"]),
        ([], 400, ["detail"]),
        ({**BUDGET, "module": "user"}, 400, ["module"]),
        ({**BUDGET, "module": ["lead"]}, 400, ["module"]),
        ({**BUDGET, "type": "magic"}, 400, ["type"]),
        ({**BUDGET, "type": None}, 400, ["type"]),
        ({**BUDGET, "label": "company"}, 400, ["label"]),
        ({**BUDGET, "label": "x" * 65536}, 400, ["label"]),
        ({**BUDGET, "label": "a\0b"}, 400, ["label"]),
        ({**BUDGET, "label": ""}, 400, ["label"]),
        ({**BUDGET, "digits": 2**40}, 400, ["digits"]),
        ({**BUDGET, "digits": True}, 400, ["digits"]),
        ({**BUDGET, "places": 26}, 400, ["places"]),
        ({**BUDGET, "default": "many"}, 400, ["default"]),
        ({**BUDGET, "default": {"a": 1}}, 400, ["default"]),
        ({**BUDGET, "options": ["A"]}, 400, ["options"]),
        ({**BUDGET, "options": "A"}, 400, ["options"]),
        ({**BUDGET, "type": "picklist"}, 400, ["options"]),
        ({**BUDGET, "type": "picklist", "options": ["A", "a"]}, 400, ["options"]),
        ({**BUDGET, "also_on": ["user"]}, 400, ["also_on"]),
        ({**BUDGET, "module": "contact", "also_on": ["opportunity"]}, 400, ["map"]),
        ({**BUDGET, "colour": "red", "evil__class__": 1}, 400, ["colour", "evil__class__"]),
    ],
)
def test_what_cannot_be_is_refused_by_name(browser, sent, status, keys):
    found, answer = ask(browser, "post", ADDRESS, sent)
    assert (found, list(answer), CustomField.objects.count()) == (status, keys, 0)


def test_a_field_is_changed_retired_and_brought_back(browser, sara):
    _status, made = ask(browser, "post", ADDRESS, {"module": "lead", "label": "Note", "type": "text", "length": 20})
    address = f"{ADDRESS}{made['id']}/"
    LeadFactory(assigned_to=sara, custom={"cf_note": "x" * 15})
    changed = {"label_fa": "یادداشت", "required": True, "length": 30, "default": "none", "key": "cf_other"}
    status, answer = ask(browser, "patch", address, changed)
    assert (status, answer) == (200, {**made, "label_fa": "یادداشت", "required": True, "length": 30, "default": "none"})
    assert ask(browser, "patch", address, {"length": 10}) == (
        400, {"length": ["1 record holds a value that would not fit. Change it first."]},
    )  # fmt: skip
    assert list(ask(browser, "patch", address, {"module": "contact"})[1]) == ["module"]
    assert ask(browser, "delete", address) == (204, None)
    assert "cf_note" not in registry.module("lead").fields
    assert browser.get(f"{ADDRESS}?retired=true").json()["results"][0]["retired"] is True
    assert ask(browser, "patch", address, {"retired": False})[0] == 200
    assert "cf_note" in registry.module("lead").fields


def test_options_are_set_as_a_whole(browser):
    sent = {"module": "lead", "label": "Grade", "type": "picklist", "options": ["A", "B", "C"]}
    _status, made = ask(browser, "post", ADDRESS, sent)
    status, answer = ask(browser, "patch", f"{ADDRESS}{made['id']}/", {"options": ["C", "D", "A"]})
    assert (status, answer["options"]) == (200, ["C", "D", "A"])
    assert [(one.value, one.retired) for one in dictionary.options("lead.cf_grade")] == [
        ("C", False), ("D", False), ("A", False), ("B", True),
    ]  # fmt: skip


def test_a_mapped_field_is_not_retired(browser):
    _status, made = ask(browser, "post", ADDRESS, BUDGET)
    status, answer = ask(browser, "delete", f"{ADDRESS}{made['id']}/")
    assert (status, answer["detail"][1]) == (400, f"Row {len(current().rows())}: Budget → Contact · Budget.")


def test_only_administrators_write_and_everybody_reads(browser, sara, as_user):
    _status, made = ask(browser, "post", ADDRESS, BUDGET)
    seller, address = as_user(sara), f"{ADDRESS}{made['id']}/"
    assert seller.get(address).json() == made
    assert ask(seller, "post", ADDRESS, {**BUDGET, "label": "Other"})[0] == 403
    assert ask(seller, "patch", address, {"label": "Other"})[0] == 403
    assert ask(seller, "delete", address)[0] == 403


def test_the_schema_describes_it(browser):
    schema = browser.get("/api/schema/?format=json").json()
    body = schema["paths"]["/api/v1/custom-fields/"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    fields = schema["components"]["schemas"][body["$ref"].split("/")[-1]]["properties"]
    assert {
        "module",
        "label",
        "type",
        "length",
        "digits",
        "places",
        "required",
        "default",
        "options",
        "also_on",
        "map",
    } <= set(fields)


def test_fields_are_searched_and_ordered(browser):
    for label in ("Budget", "Brand", "Invoice"):
        ask(browser, "post", ADDRESS, {**BUDGET, "label": label, "also_on": [], "map": False})

    def keys(query):
        return [one["key"] for one in browser.get(f"{ADDRESS}{query}").json()["results"]]

    assert keys("?search=B&ordering=-key") == ["cf_budget", "cf_brand"]
    assert keys("?ordering=label&page_size=2") == ["cf_brand", "cf_budget"]
    assert ask(browser, "get", f"{ADDRESS}?ordering=options__value") == (
        400,
        {"ordering": ["There is no field “options__value”."]},
    )
