"""Who may convert, and what a stranger learns: nothing (PRODUCT §4.1)."""

import pytest
from django.contrib.auth.models import AnonymousUser, Permission
from django.core.exceptions import PermissionDenied

from crm.people.models import User
from crm.related.models import Dossier
from leads.conversion.errors import AlreadyConverted, NoSuchLead
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.models import Conversion, Lead
from tests.accounts import person
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db
ALL = {"organization": Part(), "contact": Part(), "opportunity": Part()}


def again(user):
    """The same user, who has asked for no right yet."""
    return User.objects.get(pk=user.pk)


def take(user, *codenames):
    user.groups.get().permissions.remove(*Permission.objects.filter(codename__in=codenames))
    return again(user)


def nothing_happened(lead):
    return Lead.objects.filter(pk=lead.pk).exists() and not Conversion.objects.exists() and Dossier.objects.count() == 1


@pytest.mark.parametrize("name", ["sara", "manager", "admin"])
def test_who_sells_manages_or_administers_converts(sara, name):
    user = sara if name == "sara" else person(name)
    made = convert(LeadFactory(assigned_to=sara).pk, Order(parts=ALL), by=user)
    assert {made.converted_by, made.contact.created_by, made.organization.created_by, made.opportunity.modified_by} == {
        user
    }


@pytest.mark.parametrize("name", ["add_organization", "add_contact", "add_opportunity", "change_lead", "convert_lead"])
def test_each_right_is_needed(sara, name):
    lead, user = LeadFactory(assigned_to=sara), take(sara, name)
    with pytest.raises(PermissionDenied):
        convert(lead.pk, Order(parts=ALL), by=user)
    assert nothing_happened(lead)


def test_the_right_to_create_is_needed_for_what_is_chosen_only(sara):
    lead, user = LeadFactory(assigned_to=sara), take(sara, "add_opportunity", "add_organization")
    assert convert(lead.pk, Order(parts={"contact": Part()}), by=user).contact


def test_reader_may_look_and_no_more(sara, reader):
    lead = LeadFactory(assigned_to=sara)
    with pytest.raises(PermissionDenied):
        convert(lead.pk, Order(parts=ALL), by=reader)
    assert nothing_happened(lead)


def test_the_other_team_is_told_nothing(sara, omid):
    lead = LeadFactory(assigned_to=sara)
    with pytest.raises(NoSuchLead):
        convert(lead.pk, Order(parts=ALL), by=omid)
    convert(lead.pk, Order(parts=ALL, key="k"), by=sara)
    with pytest.raises(NoSuchLead):
        convert(lead.pk, Order(parts=ALL, key="k"), by=omid)


def test_who_was_switched_off_or_is_nobody_may_nothing(sara):
    lead = LeadFactory(assigned_to=sara)
    sara.is_active = False
    for user in (sara, AnonymousUser()):
        with pytest.raises(PermissionDenied):
            convert(lead.pk, Order(parts=ALL), by=user)
    assert nothing_happened(lead)


def test_a_key_is_good_for_its_user_only(sara, manager):
    lead = LeadFactory(assigned_to=sara)
    first = convert(lead.pk, Order(parts=ALL, key="k"), by=sara)
    with pytest.raises(AlreadyConverted):
        convert(lead.pk, Order(parts=ALL, key="k"), by=manager)
    other = convert(LeadFactory(assigned_to=sara).pk, Order(parts=ALL, key="k"), by=sara)
    assert other != first


def test_no_such_lead(sara):
    with pytest.raises(NoSuchLead):
        convert(10**9, Order(parts=ALL), by=sara)
