"""What is done about leads that look like records that are there, or like each other."""

import pytest
from django.db import DatabaseError

from crm.records.models import Contact, Organization
from leads.conversion import bulk, many
from leads.conversion.many import Choice, Wish, convert_many, examine_many
from leads.integrity import violations
from leads.models import Conversion, Lead
from tests.factories import ContactFactory, LeadFactory, OrganizationFactory

pytestmark = pytest.mark.django_db


def results(outcomes):
    return {one.lead: one.result for one in outcomes}


@pytest.fixture
def alike(sara):
    """A contact that is there, a lead with the same e-mail, and one that nothing looks like."""
    there = ContactFactory(assigned_to=sara, email="ali@karimi.ir", first_name="Ali", last_name="Karimi")
    same = LeadFactory(
        assigned_to=sara, email="ALI@karimi.ir", company="", first_name="Ali", last_name="Karimi", phone=""
    )
    other = LeadFactory(assigned_to=sara, company="Other", first_name="Omid", last_name="Rad", phone="", city="Shiraz")
    return there, same, other


def test_create_makes_new_records_whatever_they_look_like(sara, alike):
    there, same, other = alike
    assert results(convert_many([same.pk, other.pk], Wish(), by=sara)) == {same.pk: "converted", other.pk: "converted"}
    assert Conversion.objects.get(lead=same).contact_id != there.pk


def test_use_best_fills_the_strong_match(sara, alike):
    there, same, other = alike
    told = []
    outcomes = convert_many([same.pk, other.pk], Wish(on_match="use_best", key="k"), by=sara, mark=told.extend)
    assert results(outcomes) == {same.pk: "converted", other.pk: "converted"}
    assert told == outcomes
    conversion = Conversion.objects.get(lead=same)
    assert (conversion.contact_id, conversion.existing, conversion.idempotency_key) == (there.pk, ["contact"], "k")
    assert Contact.objects.count() == 2
    assert list(violations()) == []


def test_skip_leaves_what_looks_like_something_to_a_person(sara, alike):
    there, same, other = alike
    wish = Wish(on_match="skip")
    expected = {same.pk: "undecided", other.pk: "converted"}
    assert results(examine_many([same.pk, other.pk], wish, by=sara)) == expected
    outcomes = convert_many([same.pk, other.pk], wish, by=sara)
    assert results(outcomes) == expected
    assert [one.reason for one in outcomes if one.lead == same.pk] == [f"Looks like {there}."]


def test_two_leads_of_one_new_company_become_one_organization(sara):
    ali = {"first_name": "Ali", "last_name": "Karimi", "phone": "", "email": "ali@nur.ir"}
    mina = {"first_name": "Mina", "last_name": "Rad", "phone": "", "email": "mina@elsewhere.ir"}
    first = LeadFactory(assigned_to=sara, company="Nur Co", **ali)
    second = LeadFactory(assigned_to=sara, company=" nur  CO ", **mina)
    third = LeadFactory(assigned_to=sara, company="NUR co", **ali)
    wish = Wish(on_match="use_best", key="job-1")
    assert set(results(convert_many([first.pk, second.pk, third.pk], wish, by=sara)).values()) == {"converted"}
    assert (Organization.objects.count(), Contact.objects.count()) == (1, 2)
    later = LeadFactory(assigned_to=sara, company="Nur Co", phone="")
    convert_many([later.pk], wish, by=sara)
    assert Organization.objects.count() == 1
    assert list(violations()) == []


def test_a_choice_goes_before_the_wish(sara):
    organization, contact = OrganizationFactory(assigned_to=sara), ContactFactory(assigned_to=sara)
    lead = LeadFactory(assigned_to=sara)
    choice = Choice(
        existing={"organization": organization.pk, "contact": contact.pk},
        parts=("organization", "contact", "opportunity"),
        transfer_to="organization",
    )
    assert results(convert_many([lead.pk], Wish(choices={lead.pk: choice}, on_match="skip"), by=sara)) == {
        lead.pk: "converted"
    }
    made = Conversion.objects.get()
    assert (made.organization_id, made.contact_id, made.transfer_to) == (organization.pk, contact.pk, "organization")
    assert made.opportunity.organization_id == organization.pk


def test_the_radio_is_followed_where_that_record_is_made(sara):
    company, person = LeadFactory(assigned_to=sara), LeadFactory(assigned_to=sara, company="")
    convert_many([company.pk, person.pk], Wish(transfer_to="organization"), by=sara)
    assert dict(Conversion.objects.values_list("lead", "transfer_to")) == {
        company.pk: "organization",
        person.pk: "contact",
    }
    explicit = LeadFactory(assigned_to=sara)
    outcomes = convert_many([explicit.pk], Wish(parts=("contact",), transfer_to="organization"), by=sara)
    assert results(outcomes) == {explicit.pk: "refused"}


def test_a_chunk_that_the_database_refuses_is_tried_one_by_one(sara, monkeypatch):
    leads = [LeadFactory(assigned_to=sara) for _ in range(2)]

    def fail(*_args):
        raise DatabaseError

    monkeypatch.setattr(bulk, "_write_notes", fail)
    outcomes = many.convert_many([lead.pk for lead in leads], Wish(), by=sara)
    assert results(outcomes) == dict.fromkeys([lead.pk for lead in leads], "converted")
    assert list(violations()) == []


def test_an_existing_record_of_others_is_not_filled(sara, omid):
    theirs = OrganizationFactory(assigned_to=omid)
    lead = LeadFactory(assigned_to=sara)
    wish = Wish(choices={lead.pk: Choice(existing={"organization": theirs.pk})})
    assert results(convert_many([lead.pk], wish, by=sara)) == {lead.pk: "refused"}
    assert Lead.objects.get() == lead


def test_skip_leaves_the_second_lead_of_a_company_to_a_person(sara):
    first, second = (LeadFactory(assigned_to=sara, company="Nur Co", phone="") for _ in range(2))
    wish = Wish(on_match="skip")
    expected = {first.pk: "converted", second.pk: "undecided"}
    assert results(examine_many([first.pk, second.pk], wish, by=sara)) == expected
    assert results(convert_many([first.pk, second.pk], wish, by=sara)) == expected
    assert results(convert_many([second.pk], wish, by=sara)) == {second.pk: "undecided"}
