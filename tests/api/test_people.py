"""The people of an opportunity over HTTP."""

import pytest

from tests.factories import ContactFactory, OpportunityFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(sara, as_user):
    browser = as_user(sara)

    def call(method, address, data=None):
        return getattr(browser, method)(f"/api/v1/opportunities/{address}", data, content_type="application/json")

    return call


def test_people_are_read_added_changed_and_removed(api, sara, omid):
    main, other = (ContactFactory(assigned_to=sara, last_name=name) for name in ("Main", "Other"))
    hidden = ContactFactory(assigned_to=omid)
    deal = OpportunityFactory(assigned_to=sara, contact=main)
    deal.people.create(contact=hidden, role="Pays")
    made = api("post", f"{deal.pk}/people/", {"contact": other.pk, "role": "مشاور"})
    theirs = {"contact": other.pk, "number": other.number, "name": "Other", "role": "Advises", "main": False}
    assert (made.status_code, made.json()) == (201, theirs)
    assert api("get", f"{deal.pk}/people/").json() == {
        "next": None,
        "previous": None,
        "results": [
            {"contact": main.pk, "number": main.number, "name": "Main", "role": "", "main": True},
            {"contact": hidden.pk, "number": hidden.number, "name": None, "role": "Pays", "main": False},
            theirs,
        ],
    }
    sent = {**theirs, "role": "Pays", "main": True}
    changed = api("patch", f"{deal.pk}/people/{other.pk}/", sent)
    assert (changed.status_code, changed.json()) == (200, sent)
    assert api("get", f"{deal.pk}/").json()["contact"] == other.pk
    assert api("get", f"{deal.pk}/people/{other.pk}/").json() == sent
    assert api("delete", f"{deal.pk}/people/{other.pk}/").status_code == 204
    assert api("delete", f"{deal.pk}/people/{other.pk}/").status_code == 404
    assert api("get", f"{deal.pk}/").json()["contact"] is None


def test_what_can_not_be_is_refused_by_key(api, sara, omid):
    contact, hidden = ContactFactory(assigned_to=sara), ContactFactory(assigned_to=omid)
    deal, foreign = OpportunityFactory(assigned_to=sara), OpportunityFactory(assigned_to=omid)
    foreign.people.create(contact=contact)
    deal.people.create(contact=hidden)
    for sent, keys in [
        ({}, ["contact"]),
        ([], ["detail"]),
        ({"contact": hidden.pk}, ["contact"]),
        ({"contact": 2**70}, ["contact"]),
        ({"contact": True}, ["contact"]),
        ({"contact": [contact.pk]}, ["contact"]),
        ({"contact": contact.pk, "role": "x" * 101}, ["role"]),
        ({"contact": contact.pk, "role": "a\0"}, ["role"]),
        ({"contact": contact.pk, "role": 5, "main": "yes"}, ["main", "role"]),
        ({"contact": contact.pk, "opportunity": foreign.pk, "id": 1, "assigned_to": omid.pk}, ["assigned_to", "id", "opportunity"]),
    ]:  # fmt: skip
        answer = api("post", f"{deal.pk}/people/", sent)
        assert (answer.status_code, sorted(answer.json())) == (400, keys), sent
    for method in ("get", "patch", "delete"):
        assert api(method, f"{foreign.pk}/people/{contact.pk}/", {"role": "x"}).status_code == 404
    for method in ("patch", "delete"):
        assert api(method, f"{deal.pk}/people/{hidden.pk}/", {"role": "x"}).status_code == 404
    assert api("patch", f"{deal.pk}/people/{hidden.pk}/", {"main": False}).status_code == 400
    assert list(deal.people.values_list("contact", "role")) == [(hidden.pk, "")]
    assert (foreign.people.get().role, foreign.contact) == ("", None)
