"""The settings pages of a module's fields, layout and picklists, as an administrator without JavaScript uses them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.fields import dictionary, registry, services
from crm.fields.models import CustomField, PicklistOption
from leads.models import Lead
from mapping.born import create_everywhere
from mapping.table import current
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db
FIELDS = "/settings/modules/leads/fields/"


@pytest.fixture
def browser(admin, as_user):
    return as_user(admin)


def test_pages_cost_the_same_with_many_fields(admin, browser, sara):
    def cost(path):
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(path).status_code == 200
        return len(queries)

    def costs():
        return {
            path: cost(f"/settings/modules/leads/{path}/")
            for path in ("fields", "layout", "picklists", "picklists/industry")
        }

    create_everywhere("lead", label_en="First", kind="text", also_on=["contact"], is_mapped=True, by=admin)
    LeadFactory(assigned_to=sara)
    few = costs()
    CustomField.objects.bulk_create(
        CustomField(
            module="lead", key=f"cf_n{number}", kind="text", length=9, label_en=f"N{number}", label_fa=f"N{number}"
        )
        for number in range(200)
    )
    assert costs() == few
    assert max(few.values()) < 15


def test_a_field_is_made_with_its_options_and_mapped(browser):
    data = {
        "label_fa": "علاقه", "label_en": "Interest", "kind": "multipicklist", "option_value": ["", "", ""],
        "option_en": ["Gold", "", "Silver"], "option_fa": ["طلا", "", "نقره"], "option_colour": ["lead", "", ""],
        "default": "Gold", "also_on": ["opportunity"], "in_quick_create": "on",
    }  # fmt: skip
    response = browser.post(f"{FIELDS}new/", data)
    assert (response.status_code, response["Location"]) == (302, FIELDS)
    field = registry.module("lead").fields["cf_interest"]
    options = [(one.value, one.label_fa, one.colour) for one in dictionary.options("opportunity.cf_interest")]
    assert (field.default, field.in_quick_create, options) == (
        ["Gold"], True, [("Gold", "طلا", "lead"), ("Silver", "نقره", "")],
    )  # fmt: skip
    assert ("cf_interest", "opportunity", "cf_interest") in {(a.source, a.module, a.target) for a in current().arrows}


def test_errors_come_back_with_what_was_typed(browser):
    data = {
        "label_en": "Company",
        "kind": "text",
        "length": "x",
        "option_value": [""],
        "option_en": ["kept"],
        "option_fa": [""],
        "option_colour": [""],
    }
    response = browser.post(f"{FIELDS}new/", data)
    assert (response.status_code, set(response.context["form"].errors)) == (422, {"length"})
    response = browser.post(f"{FIELDS}new/", {**data, "length": "۲۰"})
    assert (response.status_code, set(response.context["form"].errors)) == (422, {"label_en"})
    assert b'value="kept"' in response.content
    more = browser.post(f"{FIELDS}new/", {**data, "more": "1"})
    assert (more.status_code, more.content.count(b'name="option_en"')) == (200, 8)
    assert not CustomField.objects.exists()


def test_a_matching_field_is_prefilled(admin, browser):
    services.create_field("lead", label_en="Grade", label_fa="درجه", kind="picklist", options=["A", "B"], by=admin)
    page = browser.get("/settings/modules/contacts/fields/new/?like=lead.cf_grade")
    form = page.context["form"]
    shown = [form[name].value() for name in ("label_en", "label_fa", "kind")]
    assert (shown, [option.value for option in page.context["options"].filled()]) == (
        ["Grade", "درجه", "picklist"],
        ["A", "B"],
    )
    for nonsense in ("lead.nothing", "nothing", "x.y", "lead."):
        assert browser.get(f"/settings/modules/contacts/fields/new/?like={nonsense}").status_code == 200


def test_a_field_is_edited_and_grows_with_its_target(admin, browser):
    create_everywhere("lead", label_en="Note", kind="text", length=50, also_on=["contact"], is_mapped=True, by=admin)
    data = {
        "label_en": "Remark",
        "label_fa": "تذکر",
        "kind": "text",
        "length": "80",
        "required": "on",
        "default": "none",
    }
    assert browser.post(f"{FIELDS}cf_note/", data).status_code == 302
    lead, contact = (registry.module(key).fields["cf_note"] for key in ("lead", "contact"))
    assert (lead.label, lead.length, lead.required, lead.default, contact.length) == ("Remark", 80, True, "none", 80)
    refused = browser.post("/settings/modules/contacts/fields/cf_note/", {**data, "length": "20"})
    assert (refused.status_code, b"Holds 20 characters" in refused.content) == (422, True)
    retyped = browser.post(f"{FIELDS}cf_note/", {**data, "kind": "integer"})
    assert (retyped.status_code, b"Integer can" in retyped.content) == (422, True)


def test_a_standard_field_is_set(browser):
    assert browser.post(f"{FIELDS}lead_source/", {"required": "on", "default": "Web Site"}).status_code == 302
    field = registry.module("lead").fields["lead_source"]
    assert (field.required, field.default) == (True, "Web Site")
    browser.post(f"{FIELDS}last_name/", {"default": "x"})
    assert registry.module("lead").fields["last_name"].required


def test_switches_say_what_they_do(browser, sara):
    LeadFactory(assigned_to=sara, company="")
    page = browser.get(FIELDS).content.decode()
    assert "1 open lead has no company. If you switch this off, they stay valid until somebody edits them." in page
    browser.post(f"{FIELDS}company/switch/", {"what": "required", "on": "1"})
    assert "Company is mandatory: every new lead names one." in browser.get(FIELDS).content.decode()
    browser.post(f"{FIELDS}city/switch/", {"what": "in_quick_create", "on": "1"})
    fields = registry.module("lead").fields
    assert (fields["company"].required, fields["city"].in_quick_create, fields["city"].required) == (True, True, False)


def test_a_field_is_retired_and_brought_back(admin, browser):
    made = create_everywhere("lead", label_en="Note", kind="text", also_on=["contact"], is_mapped=True, by=admin)
    refused = browser.post(f"{FIELDS}cf_note/retire/")
    assert (refused.status_code, b"Note \xe2\x86\x92 Contact \xc2\xb7 Note." in refused.content) == (409, True)
    services.create_field("lead", label_en="Free", kind="text", by=admin)
    assert browser.post(f"{FIELDS}cf_free/retire/").status_code == 302
    assert browser.get(f"{FIELDS}cf_free/").status_code == 404
    browser.post(f"{FIELDS}cf_free/back/")
    assert {"cf_free", made["lead"].key} <= set(registry.module("lead").fields)


def test_the_layout_is_saved_whole_or_by_steps(browser):
    page = browser.get("/settings/modules/leads/layout/")
    order = [field.key for block in page.context["blocks"] for field in block["fields"]]
    places = {f"block-{field.key}": block["key"] for block in page.context["blocks"] for field in block["fields"]}
    browser.post(
        "/settings/modules/leads/layout/", {"place": order, **places, "block-city": "details", "move": "up:company"}
    )
    fields = list(registry.module("lead").fields.values())
    assert [field.key for field in fields][:4] == ["salutation", "first_name", "company", "last_name"]
    assert next(field.block for field in fields if field.key == "city") == "details"
    wrong = browser.post("/settings/modules/leads/layout/", {"place": ["company"], "block-company": "nowhere"})
    assert wrong.status_code == 302
    assert registry.module("lead").fields["company"].block == "details"


def test_options_are_added_moved_renamed_replaced_and_brought_back(browser, sara):
    lead = LeadFactory(assigned_to=sara, rating="Active")
    page = "/settings/modules/leads/picklists/rating/"
    assert browser.post(page, {"label_en": "Dormant", "label_fa": "خفته", "colour": "mute"}).status_code == 302
    browser.post(f"{page}order/", {"move": "up:Dormant"})
    assert [one.value for one in dictionary.options("rating")][-2:] == ["Dormant", "Shutdown"]
    active = PicklistOption.objects.get(list_key="rating", value="Active")
    browser.post(f"{page}{active.pk}/", {"label_en": "Busy", "label_fa": "پرکار", "colour": "ok"})
    assert b"1 record holds this option" in browser.get(f"{page}{active.pk}/retire/").content
    browser.post(f"{page}{active.pk}/retire/", {"replacement": "Dormant"})
    assert Lead.objects.get(pk=lead.pk).rating == "Dormant"
    assert b"Retired options" in browser.get(page).content
    browser.post(f"{page}{active.pk}/back/")
    assert [one.label for one in dictionary.options("rating") if not one.retired].count("Busy") == 1
    assert browser.post(page, {"label_en": "busy"}).status_code == 422


@pytest.mark.parametrize(
    "label",
    [
        '"><script>alert(1)</script>',
        "</script><img src=x onerror=alert(1)>",
        "{{ 7*7 }}",
        "a\u202eb",
        "__class__",
        "' OR 1=1 --",
    ],
)
def test_hostile_labels_are_shown_escaped_everywhere(browser, sara, as_user, label):
    response = browser.post(
        f"{FIELDS}new/",
        {
            "label_en": label,
            "kind": "picklist",
            "option_value": [""],
            "option_en": [label],
            "option_fa": [""],
            "option_colour": [""],
            "also_on": ["contact"],
        },
    )
    assert response.status_code == 302
    [key] = [field.key for field in registry.module("lead").fields.values() if field.custom]
    lead = LeadFactory(assigned_to=sara, custom={key: label.replace("\u202e", "")})
    pages = [FIELDS, f"{FIELDS}{key}/", f"{FIELDS}{key}/retire/", "/settings/modules/leads/layout/", f"/settings/modules/leads/picklists/{key}/",
             "/settings/modules/leads/mapping/"]  # fmt: skip
    seen = [browser.get(page).content.decode() for page in pages]
    own = (f"/leads/{lead.pk}/?tab=details", f"/leads/{lead.pk}/edit/", f"/leads/{lead.pk}/convert/", "/leads/")
    seen += [as_user(sara).get(page).content.decode() for page in own]
    assert not any(bad in page for page in seen for bad in ("<script>alert", "<img src=x", "\u202e"))


def test_quick_create_asks_for_few_fields_and_keeps_the_rest(admin, sara, as_user):
    services.set_field("lead", "city", default="Tehran", by=admin)
    services.set_field("lead", "website", in_quick_create=True, by=admin)
    browser = as_user(sara)
    page = browser.get("/leads/new/?quick=1")
    assert set(page.context["form"].fields) == {
        "first_name", "last_name", "company", "phone", "email", "website", "lead_source", "assigned_to",
    }  # fmt: skip
    full = browser.post("/leads/new/?", {"company": "Kavir", "last_name": "", "all_fields": "1"})
    assert (full.status_code, full.context["form"]["company"].value(), full.context["form"].errors) == (
        200,
        "Kavir",
        {},
    )
    assert browser.post("/leads/new/?quick=1", {"last_name": "Ahmadi", "assigned_to": sara.pk}).status_code == 302
    assert Lead.objects.get().city == "Tehran"
