"""The people of an opportunity on its page, and the opportunities of a contact on its own."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.records.models import Contact
from crm.related import filing, participation
from tests.factories import ContactFactory, OpportunityFactory, OrganizationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(sara):
    organization = OrganizationFactory(assigned_to=sara)
    return OpportunityFactory(assigned_to=sara, organization=organization)


def card(answer):
    return [
        (one.name, one.role, one.is_main, one.other_organization, bool(one.form))
        for one in answer.context["page"].people.shown
    ]


def test_a_person_is_added_changed_and_removed_with_plain_forms(deal, sara, as_user):
    browser, address = as_user(sara), f"{deal.get_absolute_url()}people/"
    elsewhere = OrganizationFactory(assigned_to=sara, name="Kavir")
    contact = ContactFactory(assigned_to=sara, organization=elsewhere, last_name="Moradi", mobile="0912 345 6789")
    sent = {"person": f"{contact.number} Moradi", "role": "Decides"}
    answer = browser.post(f"{address}add/", sent, follow=True)
    assert card(answer) == [("Moradi", "Decides", False, "Kavir", True)]
    assert 'href="tel:09123456789"' in answer.text
    again = browser.post(f"{address}add/", sent)
    assert (again.status_code, again.context["page"].people.adding["role"].value()) == (422, "Decides")
    assert "takes part already" in again.text
    browser.post(f"{address}{contact.pk}/role/", {"role": "My own words"})
    answer = browser.post(f"{address}{contact.pk}/main/", follow=True)
    assert card(answer) == [("Moradi", "My own words", True, "Kavir", True)]
    long = browser.post(f"{address}{contact.pk}/role/", {"role": "x" * 101})
    assert (long.status_code, long.context["page"].people.shown[0].form["role"].value()) == (422, "x" * 101)
    assert card(browser.post(f"{address}{contact.pk}/remove/", follow=True)) == []
    gone = browser.post(f"{address}{contact.pk}/remove/", follow=True)
    assert "takes no part any more" in gone.text


def test_people_are_shown_as_far_as_the_reader_may_see_them(deal, sara, omid, reader, as_user):
    hidden = ContactFactory(assigned_to=omid, last_name="Secret", email="secret@example.com")
    deal.people.create(contact=hidden, role="Pays")
    answer = as_user(sara).get(deal.get_absolute_url())
    assert card(answer) == [(hidden.number, "Pays", False, "", False)]
    assert "ecret" not in answer.text
    assert card(as_user(reader).get(deal.get_absolute_url())) == [("Secret", "Pays", False, "", False)]
    browser, address = as_user(sara), f"{deal.get_absolute_url()}people/"
    assert browser.post(f"{address}add/", {"person": hidden.number}).status_code == 422
    for action in ("role", "main", "remove"):
        browser.post(f"{address}{hidden.pk}/{action}/", {"role": "x"})
    assert list(deal.people.values_list("contact", "role")) == [(hidden.pk, "Pays")]


def test_a_contact_shows_where_it_takes_part(deal, sara, omid, as_user):
    contact = ContactFactory(assigned_to=sara)
    main = OpportunityFactory(assigned_to=sara, contact=contact)
    OpportunityFactory(assigned_to=omid).people.create(contact=contact, role="Pays")
    for opportunity in (deal, main):
        opportunity.people.create(contact=contact, role="Decides" if opportunity == deal else "")
    page = as_user(sara).get(contact.get_absolute_url()).context["page"]
    found = [(one.opportunity, one.role, one.is_main) for one in page.takes_part()]
    assert found == [(main, "", True), (deal, "Decides", False)]


def test_contacts_of_the_organization_are_suggested_first(deal, sara, omid, as_user):
    browser, near = as_user(sara), {"organization": deal.organization_id}
    names = ("Azadi near", "Babaei near")
    theirs = [ContactFactory(assigned_to=sara, last_name=name, organization=deal.organization) for name in names]
    ContactFactory(assigned_to=sara, last_name="Aban near")
    hidden = ContactFactory(assigned_to=sara, last_name="Secret near", organization=deal.organization)
    Contact.objects.filter(pk=hidden.pk).update(assigned_to=omid)

    def suggested(**query):
        return [one["name"] for one in browser.get("/suggest/contacts/", {**near, **query}).json()["results"]]

    assert suggested(q="near") == [*names, "Aban near"]
    assert suggested(q="") == [one.title for one in theirs]
    assert suggested(organization="9" * 40) == []


@pytest.mark.parametrize("count", [1, 20])
def test_the_page_takes_the_same_statements_for_one_and_for_many(count, deal, sara, as_user):
    for _ in range(count):
        contact = ContactFactory(assigned_to=sara, organization=OrganizationFactory(assigned_to=sara))
        participation.add(deal, contact.pk, role="Pays", by=sara)
    filing.edit(deal, {"contact": Contact.objects.latest("pk").pk}, by=sara)
    browser = as_user(sara)
    browser.get(deal.get_absolute_url())
    with CaptureQueriesContext(connection) as queries:
        browser.get(deal.get_absolute_url())
    assert len(queries) == 23
