"""Using a record that is there: blanks are filled, what differs stays unless chosen otherwise, and nothing is lost."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.fields import dictionary, registry
from crm.fields.models import CustomField
from crm.records.models import Organization
from crm.related import filing
from crm.related.models import Change, Comment, Dossier, Following, Tag, Tagging
from leads.conversion.errors import ExistingMissing, InvalidOrder, StaleExisting
from leads.conversion.order import LEAVE, Order, Part, Send
from leads.conversion.service import convert, rehearse
from leads.integrity import violations
from leads.models import Conversion, Lead
from mapping.models import Link
from tests.factories import ContactFactory, LeadFactory, OpportunityFactory, OrganizationFactory, comment

pytestmark = pytest.mark.django_db


def organization_part(record, **more):
    return {"organization": Part(existing=record.pk, **more), "contact": Part()}


def test_blank_fields_are_filled_and_others_stay(sara):
    lead = LeadFactory(assigned_to=sara, employees=60, website="https://parsaria.ir", fax="1")
    there = OrganizationFactory(assigned_to=sara, employees=35, name=lead.company, fax="2")
    made = convert(lead.pk, Order(parts=organization_part(there, overwrite=frozenset({"employees"}))), by=sara)
    there.refresh_from_db()
    assert made.organization == there == made.contact.organization
    assert (there.employees, there.fax, there.phone, there.website) == (60, "2", lead.phone, lead.website)
    told = made.provenance["organization"]
    assert told["employees"] == {"how": "replaced", "lead": "employees", "row": 14, "old": 35}
    assert told["fax"] == {"how": "kept", "lead": "fax", "row": 9, "value": "1"}
    assert told["phone"] == {"how": "filled", "lead": "phone", "row": 7}
    assert "name" not in told
    assert (made.existing, made.kept_in_note) == (["organization"], ["lead_status"])
    change = Change.objects.get(dossier__organization=there)
    assert (change.at, change.by, there.modified_at, there.modified_by) == (
        made.converted_at,
        sara,
        made.converted_at,
        sara,
    )
    assert change.changes["employees"] == [35, 60]
    assert set(change.changes) == {"employees", "phone", "website", "email", "billing_city", "shipping_city"}
    assert list(violations()) == []


def test_value_that_no_record_took_is_kept_in_the_note(sara):
    lead = LeadFactory(assigned_to=sara, employees=60, website="https://a.ir")
    there = OrganizationFactory(assigned_to=sara, employees=35, website="https://b.ir")
    made = convert(lead.pk, Order(parts=organization_part(there), remedies={"website": LEAVE}), by=sara)
    assert made.kept_in_note == ["company", "lead_status", "employees"]
    assert made.left_behind == ["website"]
    assert "Number of employees: 60" in Comment.objects.get(pk=made.note).body.splitlines()


def test_lost_value_goes_into_a_free_field_of_an_existing_record(sara):
    lead = LeadFactory(assigned_to=sara, mobile="0912")
    there = OrganizationFactory(assigned_to=sara, phone="021")
    parts = {"organization": Part(existing=there.pk)}
    send = {"mobile": Send(module="organization", field="other_phone")}
    made = convert(lead.pk, Order(parts=parts, remedies=send), by=sara)
    there.refresh_from_db()
    assert (there.other_phone, made.provenance["organization"]["other_phone"]) == (
        "0912",
        {"how": "sent", "lead": "mobile"},
    )
    again = LeadFactory(assigned_to=sara, mobile="0913")
    with pytest.raises(InvalidOrder) as refusal:
        convert(again.pk, Order(parts=parts, remedies=send), by=sara)
    assert list(refusal.value.errors) == ["unmapped"]


def test_texts_and_options_can_hold_both_values(sara):
    CustomField.objects.bulk_create(
        CustomField(module=module, key="cf_brands", label_en="Brands", label_fa="برند", kind="multipicklist")
        for module in ("lead", "contact")
    )
    Link.objects.create(row=99, source="cf_brands", module="contact", target="cf_brands")
    dictionary.forget()
    lead = LeadFactory(assigned_to=sara, description="New")
    Lead.objects.filter(pk=lead.pk).update(custom={"cf_brands": ["a", "b"]})
    there = ContactFactory(assigned_to=sara, description="Old", last_name=lead.last_name, first_name=lead.first_name)
    there.custom = {"cf_brands": ["b", "c"]}
    there.save()
    part = Part(existing=there.pk, append=frozenset({"description", "cf_brands"}))
    made = convert(lead.pk, Order(parts={"contact": part}), by=sara)
    there.refresh_from_db()
    assert (there.description, there.custom) == ("Old\n\nNew", {"cf_brands": ["b", "c", "a"]})
    assert made.provenance["contact"]["description"]["how"] == "appended"


def test_typed_values_count_and_blanking_empties_only_what_is_replaced(sara):
    lead = LeadFactory(assigned_to=sara, mobile="0912", fax="1", job_title="Chief")
    there = ContactFactory(assigned_to=sara, fax="2", office_phone="3")
    typed = {"mobile": "0913", "fax": "9", "office_phone": "", "job_title": "", "department": "Sales"}
    part = Part(existing=there.pk, values=typed, overwrite=frozenset({"fax", "office_phone"}))
    made = convert(lead.pk, Order(parts={"contact": part}), by=sara)
    there.refresh_from_db()
    assert (there.mobile, there.fax, there.office_phone, there.job_title, there.department) == (
        "0913",
        "9",
        "",
        "",
        "Sales",
    )
    told = made.provenance["contact"]
    assert told["fax"] == {"how": "replaced", "lead": "fax", "row": 9, "typed": True, "old": "2"}
    assert told["mobile"] == {"how": "typed", "lead": "mobile", "row": 8, "typed": True}


@pytest.mark.parametrize(
    ("mine", "theirs", "typed"), [(True, False, None), (False, True, None), (True, False, False), (False, True, False)]
)
def test_consent_only_tightens(mine, theirs, typed, sara):
    lead = LeadFactory(assigned_to=sara, email_opt_out=theirs)
    there = ContactFactory(assigned_to=sara, email_opt_out=mine, do_not_call=True)
    values = {} if typed is None else {"email_opt_out": typed, "do_not_call": typed}
    part = Part(existing=there.pk, values=values, overwrite=frozenset({"email_opt_out", "do_not_call"}))
    made = convert(lead.pk, Order(parts={"contact": part}), by=sara)
    there.refresh_from_db()
    assert (there.email_opt_out, there.do_not_call) == (True, True)
    assert "email_opt_out" not in made.kept_in_note


def test_contact_of_another_organization_keeps_it_unless_chosen(sara):
    other = OrganizationFactory(assigned_to=sara)
    for overwrite in (frozenset(), frozenset({"organization"})):
        lead = LeadFactory(assigned_to=sara)
        there = ContactFactory(assigned_to=sara, organization=other)
        parts = {"organization": Part(), "contact": Part(existing=there.pk, overwrite=overwrite), "opportunity": Part()}
        made = convert(lead.pk, Order(parts=parts), by=sara)
        there.refresh_from_db()
        assert there.organization == (made.organization if overwrite else other)
        assert (made.opportunity.organization, made.opportunity.contact) == (made.organization, there)
    assert list(violations()) == []


def test_existing_contact_and_opportunity_are_linked_where_they_point_at_nothing(sara):
    lead = LeadFactory(assigned_to=sara)
    contact, sale = ContactFactory(assigned_to=sara), OpportunityFactory(assigned_to=sara)
    parts = {"organization": Part(), "contact": Part(existing=contact.pk), "opportunity": Part(existing=sale.pk)}
    made = convert(lead.pk, Order(parts=parts), by=sara)
    for record in (contact, sale):
        record.refresh_from_db()
    assert (contact.organization, sale.organization, sale.contact) == (made.organization, made.organization, contact)
    assert sale.name.startswith("Sale")
    assert sale.assigned_to == sara
    assert made.provenance["opportunity"]["organization"] == {"how": "filled"}


def test_existing_opportunity_keeps_its_contact_and_gets_a_further_one(sara):
    lead = LeadFactory(assigned_to=sara)
    first = ContactFactory(assigned_to=sara)
    sale = OpportunityFactory(assigned_to=sara, contact=first)
    made = convert(
        lead.pk, Order(parts={"contact": Part(), "opportunity": Part(existing=sale.pk)}, role="Pays"), by=sara
    )
    sale.refresh_from_db()
    assert sale.contact == first
    assert list(sale.people.values_list("contact", "role")) == [(made.contact_id, "Pays")]
    assert list(violations()) == []


def test_related_records_tags_and_the_note_reach_an_existing_record(sara):
    lead = LeadFactory(assigned_to=sara)
    comment(lead, sara)
    Tagging.objects.create(dossier=lead.dossiers.get(), tag=Tag.objects.create(name="VIP"))
    Following.objects.create(dossier=lead.dossiers.get(), user=sara)
    there = ContactFactory(assigned_to=sara)
    made = convert(lead.pk, Order(parts={"contact": Part(existing=there.pk)}), by=sara)
    home = Dossier.objects.get(contact=there, is_home=True)
    assert Dossier.objects.get(came_from=lead.pk).contact == there
    assert (home.taggings.count(), home.followings.count()) == (1, 1)
    assert Comment.objects.get(pk=made.note).dossier == home


@pytest.mark.parametrize("key", ["organization", "contact", "opportunity"])
def test_hidden_missing_and_unchangeable_records_are_refused_alike(key, sara, omid):
    factory = {"organization": OrganizationFactory, "contact": ContactFactory, "opportunity": OpportunityFactory}[key]
    hidden, mine = factory(assigned_to=omid), factory(assigned_to=sara)
    lead = LeadFactory(assigned_to=sara)

    def refusal(pk, user=sara):
        with pytest.raises(ExistingMissing) as caught:
            convert(lead.pk, Order(parts={"contact": Part(), key: Part(existing=pk)}), by=user)
        with pytest.raises(ExistingMissing):
            rehearse(lead.pk, Order(parts={"contact": Part(), key: Part(existing=pk)}), by=user)
        return caught.value.errors

    expected = refusal(hidden.pk)
    assert refusal(999_999) == refusal(2**70) == expected
    group = sara.groups.get()
    group.permissions.remove(group.permissions.get(codename=f"change_{key}"))
    assert refusal(mine.pk, type(sara).objects.get(pk=sara.pk)) == expected
    assert not Conversion.objects.exists()


def test_closed_opportunity_is_refused(sara):
    sale = OpportunityFactory(assigned_to=sara, sales_stage="Closed Won")
    with pytest.raises(InvalidOrder) as refusal:
        convert(
            LeadFactory(assigned_to=sara).pk,
            Order(parts={"contact": Part(), "opportunity": Part(existing=sale.pk)}),
            by=sara,
        )
    assert list(refusal.value.errors) == ["opportunity"]


def test_record_that_changed_since_it_was_shown_is_refused(sara, manager):
    there, lead = OrganizationFactory(assigned_to=sara), LeadFactory(assigned_to=sara)
    order = Order(parts=organization_part(there, seen=there.modified_at))
    filing.edit(there, {"phone": "1"}, by=manager)
    with pytest.raises(StaleExisting) as refusal:
        convert(lead.pk, order, by=sara)
    assert refusal.value.records == {"organization": there}
    assert not Conversion.objects.exists()


def test_existing_alone_needs_no_right_to_create(sara):
    there, lead = ContactFactory(assigned_to=sara), LeadFactory(assigned_to=sara)
    group = sara.groups.get()
    group.permissions.remove(*group.permissions.filter(codename__in=["add_organization", "add_contact"]))
    user = type(sara).objects.get(pk=sara.pk)
    assert convert(lead.pk, Order(parts={"contact": Part(existing=there.pk)}), by=user).contact == there


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ({"overwrite": frozenset({"nonsense"})}, "nonsense"),
        ({"overwrite": frozenset({"created_by"})}, "created_by"),
        ({"append": frozenset({"phone"})}, "phone"),
        ({"append": frozenset({"custom.evil"})}, "custom.evil"),
    ],
)
def test_choices_for_what_is_no_field_are_refused(part, field, sara):
    there = OrganizationFactory(assigned_to=sara)
    with pytest.raises(InvalidOrder) as refusal:
        convert(LeadFactory(assigned_to=sara).pk, Order(parts=organization_part(there, **part)), by=sara)
    assert list(refusal.value.errors["organization"]) == [field]


def test_appended_text_that_is_too_long_is_refused(sara):
    there = OrganizationFactory(assigned_to=sara, billing_street="x" * 200)
    lead = LeadFactory(assigned_to=sara, street="y" * 100)
    with pytest.raises(InvalidOrder) as refusal:
        convert(lead.pk, Order(parts=organization_part(there, append=frozenset({"billing_street"}))), by=sara)
    assert list(refusal.value.errors["organization"]) == ["billing_street"]


def test_three_existing_records_take_few_statements(sara):
    records = {
        "organization": OrganizationFactory(assigned_to=sara),
        "contact": ContactFactory(assigned_to=sara),
        "opportunity": OpportunityFactory(assigned_to=sara),
    }
    lead = LeadFactory(assigned_to=sara)
    order = Order(parts={key: Part(existing=record.pk, seen=record.modified_at) for key, record in records.items()})
    list(registry.modules()[0].fields)
    sara.has_perm("leads.convert_lead")
    with CaptureQueriesContext(connection) as done:
        convert(lead.pk, order, by=sara)
    sent = [query["sql"] for query in done if "SAVEPOINT" not in query["sql"]]
    assert len(sent) <= 20, sent
    assert Organization.objects.get().modified_at > dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
