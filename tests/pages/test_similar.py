"""Possible duplicates on pages: chips, the list beside a record, the warning while typing, and their settings."""

import pytest

from crm.matching.models import Rules
from tests.factories import ContactFactory, LeadFactory, OrganizationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def twins(sara):
    return [
        LeadFactory(assigned_to=sara, first_name="سارا", last_name="احمدی", email="s@parsaria.ir") for _ in range(2)
    ]


def test_lists_and_records_carry_the_chip(twins, sara, as_user):
    LeadFactory(assigned_to=sara, first_name="رضا", last_name="کریمی")
    browser = as_user(sara)
    rows = list(browser.get("/leads/").context["listing"].rows())
    assert {row.record.pk for row in rows if row.is_possible_duplicate} == {twin.pk for twin in twins}
    page = browser.get(f"/leads/{twins[0].pk}/").content.decode()
    assert ("Possible duplicate" in page, f"/leads/{twins[0].pk}/similar/" in page) == (True, True)


def test_similar_records_have_a_page_of_their_own(twins, sara, as_user):
    browser = as_user(sara)
    page = browser.get(f"/leads/{twins[0].pk}/similar/").content.decode()
    assert (twins[1].get_absolute_url() in page, "Same e-mail" in page) == (True, True)
    alone = OrganizationFactory(assigned_to=sara, name="کویر")
    assert "No similar record" in browser.get(f"/organizations/{alone.pk}/similar/").content.decode()
    assert browser.get(f"/organizations/{alone.pk}/similar/?part=1").content.strip() == b""


def test_typing_a_known_address_is_told_before_saving(sara, as_user):
    contact = ContactFactory(assigned_to=sara, last_name="Moradi", email="m@kavir.ir")
    browser = as_user(sara)
    told = browser.get("/contacts/similar/", {"email": "M@Kavir.ir", "last_name": "moradi"}).content.decode()
    assert (contact.get_absolute_url() in told, "You can save it all the same" in told) == (True, True)
    assert browser.get("/contacts/similar/", {"email": "M@Kavir.ir", "pk": str(contact.pk)}).content.strip() == b""
    saved = browser.post("/contacts/new/", {"last_name": "Moradi", "email": "m@kavir.ir", "assigned_to": sara.pk})
    assert "Possible duplicate" in browser.get(saved.url).content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "email=%00",
        "phone=" + "9" * 3000,
        "pk=x",
        "pk=" + "9" * 30,
        "first_name=%22%27--&last_name=%25",
        "last_name=a%22b",
        "company=%F0%9F%98%80",
    ],
)
def test_no_typing_upsets_it(query, sara, as_user):
    LeadFactory(assigned_to=sara)
    assert as_user(sara).get(f"/leads/similar/?{query}").status_code == 200


def test_administrator_changes_the_rules(admin, as_user):
    browser = as_user(admin)
    address = "/settings/modules/leads/duplicates/"
    wrong = browser.post(address, {"by_email": "on", "strong_from": "60", "shown_from": "۷۰"})
    assert (wrong.status_code, sorted(wrong.context["form"].errors)) == (422, ["shown_from"])
    nothing = browser.post(address, {"strong_from": "80", "shown_from": "50"})
    assert (nothing.status_code, Rules.objects.count()) == (422, 0)
    assert (
        browser.post(address, {"by_email": "on", "by_name": "on", "strong_from": "۹۰٪", "shown_from": "60"}).url
        == address
    )
    rules = Rules.objects.get()
    assert (rules.using, rules.strong_from, rules.shown_from) == ({"email", "name"}, 90, 60)


def test_likely_duplicate_leads_to_merging_for_those_who_may_change(sara, reader, as_user):
    lead = LeadFactory(assigned_to=sara, first_name="سارا", last_name="احمدی", email="s@parsaria.ir")
    same = LeadFactory(assigned_to=sara, first_name="سارا", last_name="احمدی", email="s@parsaria.ir")
    address = f"/leads/{lead.pk}/similar/?part=1"
    link = f"/leads/{lead.pk}/merge/?with=LEA{same.pk}"
    assert [link in as_user(user).get(address).content.decode() for user in (sara, reader)] == [True, False]
