"""Who takes part in an opportunity: one main contact, everybody once, and a history that tells."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from crm.fields import services as fields
from crm.fields.contents import count_by_option
from crm.fields.models import PicklistOption
from crm.records import roles
from crm.records.models import Contact
from crm.related import filing, history, merging, participation
from crm.related.models import Change
from leads.integrity import violations
from tests.factories import ContactFactory, OpportunityFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def main(sara):
    return ContactFactory(assigned_to=sara, last_name="Main")


@pytest.fixture
def other(sara):
    return ContactFactory(assigned_to=sara, last_name="Other")


@pytest.fixture
def deal(sara, main):
    return OpportunityFactory(assigned_to=sara, contact=main)


def people(deal):
    deal.refresh_from_db()
    return [(one.contact.last_name, one.role, one.is_main) for one in participation.people_of(deal)]


def told(deal, reader):
    """The opportunity's history in words, the oldest line first."""
    changes = list(Change.objects.filter(dossier__opportunity=deal).order_by("pk"))
    names = history.names_in(changes, reader)
    return [line for change in changes for line in history.lines(change, names)]


def test_people_come_change_and_go_and_the_history_tells(deal, other, sara):
    assert people(deal) == [("Main", "", True)]
    participation.add(deal, other.pk, role=" تصمیم‌گیرنده ", by=sara)
    assert people(deal) == [("Main", "", True), ("Other", "Decides", False)]
    participation.change(deal, other.pk, role="Pays", by=sara)
    participation.change(deal, other.pk, role="Pays", is_main=True, by=sara)
    assert people(deal) == [("Other", "Pays", True), ("Main", "", False)]
    participation.remove(deal, other.pk, by=sara)
    assert people(deal) == [("Main", "", False)]
    assert told(deal, sara) == [
        "Takes part: Other (Decides)",
        "Role of Other: Decides → Pays",
        "Contact: Main → Other",
        "Takes part no more: Other (Pays)",
        "Contact: Other → —",
    ]
    assert list(violations()) == []


def test_who_is_in_stays_when_the_main_contact_is_edited_on_the_record(deal, other, sara):
    participation.add(deal, other.pk, by=sara)
    filing.edit(deal, {"contact": other.pk}, by=sara)
    assert people(deal) == [("Other", "", True), ("Main", "", False)]


def test_nobody_takes_part_twice(deal, main, other, sara):
    participation.add(deal, other.pk, is_main=True, by=sara)
    before = people(deal)
    for contact in (main, other):
        with pytest.raises(ValidationError) as refusal:
            participation.add(deal, contact.pk, by=sara)
        assert list(refusal.value.message_dict) == ["contact"]
    assert people(deal) == before == [("Other", "", True), ("Main", "", False)]


def test_rights_on_both_ends_are_asked_for(deal, main, other, sara, omid, reader):
    hidden = ContactFactory(assigned_to=omid, last_name="Hidden")
    deal.people.create(contact=hidden, role="Pays")
    for contact in (hidden.pk, 999_999):
        with pytest.raises(ValidationError):
            participation.add(deal, contact, by=sara)
    for act in (participation.change, participation.remove):
        for contact in (hidden.pk, other.pk, 999_999):
            with pytest.raises(participation.TakesNoPart):
                act(deal, contact, by=sara)
    mine = ContactFactory(assigned_to=omid)
    for person, contact in ((omid, mine), (reader, main)):
        with pytest.raises(PermissionDenied):
            participation.add(deal, contact.pk, by=person)
        with pytest.raises(PermissionDenied):
            participation.remove(deal, contact.pk, by=person)
    assert people(deal) == [("Main", "", True), ("Hidden", "Pays", False)]


def test_history_shows_a_hidden_person_by_its_number_alone(deal, other, sara, omid):
    participation.add(deal, other.pk, by=sara)
    Contact.objects.filter(pk=other.pk).update(assigned_to=omid)
    assert told(deal, sara) == [f"Takes part: {other.number}"]


@pytest.mark.parametrize("role", ["x" * 101, "a\0b", "\ud800"])
def test_a_role_that_can_not_be_kept_is_refused(role, deal, other, sara):
    with pytest.raises(ValidationError) as refusal:
        participation.add(deal, other.pk, role=role, by=sara)
    assert list(refusal.value.message_dict) == ["role"]


def test_merging_keeps_one_main_contact_where_both_take_part(deal, main, other, sara):
    participation.add(deal, other.pk, role="Pays", by=sara)
    merging.merge(other, main, by=sara)
    assert people(deal) == [("Other", "Pays", True)]
    assert list(violations()) == []


def test_opportunities_remember_a_contact_that_is_deleted(deal, main, other, sara, manager):
    participation.add(deal, other.pk, role="Pays", by=sara)
    for contact in (main, other):
        filing.delete(contact, by=manager)
    assert people(deal) == []
    assert told(deal, sara)[1:] == [
        f"Contact: {main.number} → —",
        f"Takes part no more: {main.number}",
        f"Takes part no more: {other.number} (Pays)",
    ]


def test_roles_are_a_list_that_administrators_arrange(deal, other, sara, admin):
    participation.add(deal, other.pk, role="Pays", by=sara)
    fields.add_option(roles.LIST, label_en="Signs", label_fa="امضاکننده", by=admin)
    pays = PicklistOption.objects.get(list_key=roles.LIST, value="Pays")
    assert count_by_option(roles.LIST)["Pays"] == 1
    assert fields.retire_option(pays, replacement="Signs", by=admin) == 1
    assert people(deal)[1] == ("Other", "Signs", False)
    assert told(deal, sara)[-1] == "Role of Other: Pays → Signs"
    assert roles.offered() == ["Decides", "Uses it", "Advises", "Signs"]
