"""Mandatory, default, quick create, block and order of every field, followed by forms, pages, API and conversion."""

import pytest
from django.core.exceptions import ValidationError

from crm.fields import contents, dictionary, registry, services
from crm.fields.errors import BadDefinition, NotAllowed
from crm.related import filing
from leads.conversion.draft import draft
from leads.conversion.errors import InvalidOrder
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.models import Lead
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db
FIXED = {
    ("lead", "last_name"), ("lead", "assigned_to"), ("organization", "name"), ("organization", "assigned_to"),
    ("contact", "last_name"), ("contact", "assigned_to"), ("opportunity", "name"), ("opportunity", "closing_date"),
    ("opportunity", "sales_stage"), ("opportunity", "assigned_to"),
}  # fmt: skip


def test_some_fields_stay_mandatory(admin):
    fixed = {(module.key, field.key) for module in registry.modules() for field in module.editable() if field.is_fixed}
    assert fixed == FIXED
    for module, key in FIXED:
        with pytest.raises(NotAllowed):
            services.set_field(module, key, required=False, by=admin)


def test_company_is_the_switch_between_people_and_businesses(admin, sara, as_user):
    person = LeadFactory(assigned_to=sara, company="")
    services.set_field("lead", "company", required=True, by=admin)
    assert contents.count_empty(registry.module("lead").fields["company"]) == 1
    with pytest.raises(ValidationError):
        filing.create(Lead(last_name="x"), by=sara)
    filing.edit(person, {"city": "Yazd"}, by=sara)  # it stays valid …
    page = as_user(sara).post(f"/leads/{person.pk}/edit/", {"last_name": "x", "assigned_to": sara.pk})
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["company"])  # … until somebody edits it
    services.set_field("lead", "company", required=False, by=admin)
    filing.create(Lead(last_name="x"), by=sara)


def test_api_and_its_schema_follow(admin, sara, as_user):
    services.set_field("lead", "company", required=True, by=admin)
    browser = as_user(sara)
    sent = browser.post("/api/v1/leads/", {"last_name": "x"}, content_type="application/json")
    assert (sent.status_code, list(sent.json())) == (400, ["company"])
    schema = browser.get("/api/schema/?format=json").json()["components"]["schemas"]["Lead"]
    assert "company" in schema["required"]


def test_defaults_fill_forms_and_the_api(admin, sara, as_user):
    services.set_field("lead", "lead_source", default="Web Site", by=admin)
    services.set_field("lead", "employees", default="۰", by=admin)
    form = as_user(sara).get("/leads/new/").context["form"]
    assert (form["lead_source"].value(), form["employees"].value()) == ("Web Site", "0")
    made = as_user(sara).post("/api/v1/leads/", {"last_name": "x"}, content_type="application/json").json()
    assert (made["lead_source"], made["employees"]) == ("Web Site", 0)


@pytest.mark.parametrize(
    ("key", "settings"),
    [
        ("email", {"default": "no address"}),
        ("employees", {"default": "many"}),
        ("lead_source", {"default": "Gossip"}),
        ("assigned_to", {"default": "1"}),
        ("email_opt_out", {"required": True}),
    ],
)
def test_settings_that_cannot_be_are_refused(admin, key, settings):
    with pytest.raises(BadDefinition) as refusal:
        services.set_field("lead", key, by=admin, **settings)
    assert list(refusal.value.message_dict) == list(settings)


def test_a_mandatory_target_is_asked_for_on_conversion_and_its_default_fills_it(admin, sara):
    services.set_field("contact", "job_title", required=True, by=admin)
    lead = LeadFactory(assigned_to=sara, job_title="")
    with pytest.raises(InvalidOrder) as refusal:
        convert(lead.pk, Order(parts={"contact": Part()}), by=sara)
    assert list(refusal.value.errors["contact"]) == ["job_title"]
    services.set_field("contact", "job_title", default="Buyer", by=admin)
    made = convert(lead.pk, Order(parts={"contact": Part()}), by=sara)
    assert (made.contact.job_title, made.provenance["contact"]["job_title"]) == ("Buyer", {"how": "default"})


def test_what_the_lead_says_wins_over_a_default(admin, sara):
    services.set_field("contact", "job_title", default="Buyer", by=admin)
    lead = LeadFactory(assigned_to=sara, job_title="Engineer")
    assert draft(lead, by=sara).parts["contact"].values["job_title"] == "Engineer"


def test_fields_are_arranged_in_blocks(admin, sara, as_user):
    field = services.create_field("lead", label_en="Budget", kind="currency", by=admin)
    services.arrange("lead", {"details": ["company", field.key, "last_name"], "description": ["city"]}, by=admin)
    blocks = dict(as_user(sara).get("/leads/new/").context["form"].blocks())
    assert [bound.name for bound in blocks["Details"]][:4] == ["company", field.key, "last_name", "salutation"]
    assert [bound.name for bound in blocks["Description"]] == ["city", "description"]
    assert "Custom fields" not in blocks
    with pytest.raises(BadDefinition):
        services.arrange("lead", {"system": ["company"]}, by=admin)
    with pytest.raises(BadDefinition):
        services.arrange("lead", {"details": ["created_at"]}, by=admin)


def test_the_dictionary_takes_two_statements(admin, django_assert_num_queries):
    services.create_field("lead", label_en="Budget", kind="currency", by=admin)
    services.set_field("lead", "company", required=True, by=admin)
    dictionary.forget()
    with django_assert_num_queries(2):
        assert all(module.fields for module in registry.modules())
