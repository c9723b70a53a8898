"""Several leads, one deal: one organization, several contacts with roles, one opportunity, and a receipt for each lead."""

import pytest

from crm.records.models import Contact, Opportunity, Organization
from crm.related import filing
from crm.related.models import Comment, Dossier
from leads.conversion.draft import draft
from leads.conversion.errors import InvalidOrder, NoSuchLead, StaleDraft
from leads.conversion.order import Also, Order, Part
from leads.conversion.service import convert
from leads.integrity import violations
from leads.models import Conversion, Lead
from tests.factories import ContactFactory, LeadFactory, OpportunityFactory, OrganizationFactory, comment

pytestmark = pytest.mark.django_db
ALL = {"organization": Part(), "contact": Part(), "opportunity": Part()}


def test_leads_become_contacts_of_one_organization_and_one_deal(sara):
    first = LeadFactory(assigned_to=sara)
    second = LeadFactory(assigned_to=sara, rating="Active", city="شیراز", industry="Banking")
    comment(second, sara, "Signs.")
    order = Order(parts=ALL, role="Uses it", also=(Also(lead=second.pk, role="Decides"),))
    made = convert(first.pk, order, by=sara)
    brought = Conversion.objects.get(lead=second)
    assert (Organization.objects.count(), Contact.objects.count(), Opportunity.objects.count()) == (1, 2, 1)
    assert (brought.organization, brought.opportunity, brought.together_with) == (made.organization, None, made)
    assert (brought.contact.last_name, brought.contact.organization) == (second.last_name, made.organization)
    assert (made.opportunity.contact, made.organization.billing_city) == (made.contact, "تهران")
    assert set(made.opportunity.people.values_list("contact", "role")) == {
        (made.contact_id, "Uses it"),
        (brought.contact_id, "Decides"),
    }
    assert brought.moved["comments"] == 1
    assert Dossier.objects.get(came_from=second).contact == brought.contact
    note = Comment.objects.get(pk=brought.note)
    assert note.dossier.contact == brought.contact
    assert note.body.splitlines() == ["Lead status: Qualified"]
    assert brought.provenance["organization"]["rating"] == {"how": "filled", "lead": "rating", "row": 12}
    assert brought.provenance["organization"]["billing_city"]["how"] == "kept"
    assert not Lead.objects.exists()
    assert list(violations()) == []


def test_lead_of_the_same_person_fills_the_same_contact(sara):
    first = LeadFactory(assigned_to=sara)
    second = LeadFactory(
        assigned_to=sara, last_name=first.last_name, mobile="0912", job_title="Buyer", email=first.email
    )
    made = convert(first.pk, Order(parts=ALL, also=(Also(lead=second.pk, contact=None),)), by=sara)
    contact = Contact.objects.get()
    assert (contact.mobile, contact.job_title) == ("0912", "Buyer")
    assert Conversion.objects.get(lead=second).contact == made.contact == contact
    assert list(violations()) == []


def test_a_person_has_all_the_roles_they_are_said_to_have(sara):
    person = ContactFactory(assigned_to=sara)
    deal = OpportunityFactory(assigned_to=sara)
    deal.people.create(contact=person, role="Decides")
    first, second = LeadFactory(assigned_to=sara), LeadFactory(assigned_to=sara)
    parts = {**ALL, "contact": Part(existing=person.pk), "opportunity": Part(existing=deal.pk)}
    convert(
        first.pk, Order(parts=parts, role="Pays", also=(Also(lead=second.pk, contact=None, role="Signs"),)), by=sara
    )
    assert list(deal.people.values_list("contact", "role")) == [(person.pk, "Decides, Pays, Signs")]


def test_refusal_on_either_side_holds_for_the_shared_records(sara):
    first, second = LeadFactory(assigned_to=sara), LeadFactory(assigned_to=sara, email_opt_out=True)
    made = convert(first.pk, Order(parts=ALL, also=(Also(lead=second.pk, contact=None),)), by=sara)
    assert (made.organization.email_opt_out, made.contact.email_opt_out) == (True, True)
    assert list(violations()) == []


def test_existing_records_can_take_several_leads(sara):
    organization, person = OrganizationFactory(assigned_to=sara), ContactFactory(assigned_to=sara)
    first, second = LeadFactory(assigned_to=sara), LeadFactory(assigned_to=sara)
    parts = {"organization": Part(existing=organization.pk), "contact": Part()}
    convert(first.pk, Order(parts=parts, also=(Also(lead=second.pk, contact=Part(existing=person.pk)),)), by=sara)
    person.refresh_from_db()
    assert person.organization == organization
    assert Conversion.objects.get(lead=second).existing == ["organization", "contact"]
    assert list(violations()) == []


def refused(lead, order, by):
    with pytest.raises(InvalidOrder) as refusal:
        convert(lead.pk, order, by=by)
    assert not Conversion.objects.filter(lead=lead).exists()
    assert Lead.objects.filter(pk=lead.pk).exists()
    return list(refusal.value.errors)


def test_all_or_none(sara, omid):
    first, hidden, gone = (LeadFactory(assigned_to=user) for user in (sara, omid, sara))
    convert(gone.pk, Order(parts={"contact": Part()}), by=sara)
    for number in (hidden.pk, gone.pk, first.pk, 999_999, 2**70):
        assert refused(first, Order(parts=ALL, also=(Also(lead=number),)), sara) == ["also"]
    second = LeadFactory(assigned_to=sara)
    twice = Order(parts=ALL, also=(Also(lead=second.pk), Also(lead=second.pk)))
    assert refused(first, twice, sara) == ["also"]
    bad = Also(lead=second.pk, contact=Part(values={"last_name": ""}))
    assert refused(first, Order(parts=ALL, also=(bad,)), sara) == ["also"]
    assert refused(first, Order(parts=ALL, also=(Also(lead=second.pk, role="x" * 101),)), sara) == ["also"]
    alone = Order(parts={"organization": Part()}, also=(Also(lead=second.pk, contact=None),))
    assert refused(first, alone, sara) == ["also"]
    with pytest.raises(NoSuchLead):
        convert(hidden.pk, Order(parts=ALL, also=(Also(lead=first.pk),)), by=sara)


def test_changed_lead_is_refused(sara):
    first, second = LeadFactory(assigned_to=sara), LeadFactory(assigned_to=sara)
    stamp = draft(second, by=sara).stamp
    filing.edit(second, {"city": "Yazd"}, by=sara)
    with pytest.raises(StaleDraft) as refusal:
        convert(first.pk, Order(parts=ALL, also=(Also(lead=second.pk, stamp=stamp),)), by=sara)
    assert (refusal.value.lead, refusal.value.fields) == (second, ("city",))
    assert not Conversion.objects.exists()


def test_same_key_again_gives_the_same_conversion(sara):
    first, second = LeadFactory(assigned_to=sara), LeadFactory(assigned_to=sara)
    order = Order(parts=ALL, also=(Also(lead=second.pk),), key="k")
    assert convert(first.pk, order, by=sara) == convert(first.pk, order, by=sara)
    assert Conversion.objects.count() == 2
