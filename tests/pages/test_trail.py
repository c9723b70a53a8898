"""A record's page that was opened from a list: the way back, and the neighbours there."""

import pytest

from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db


def trail(browser, address):
    return browser.get(address).context["page"].trail


def test_record_leads_back_to_its_list_and_to_its_neighbours(sara, omid, as_user):
    names = ("Adams", "Brown", "Clark")
    adams, brown, clark = [LeadFactory(assigned_to=sara, last_name=name, lead_status="Hot") for name in names]
    LeadFactory(assigned_to=omid, last_name="Bell", lead_status="Hot")
    LeadFactory(assigned_to=sara, last_name="Bond", lead_status="Cold")
    browser = as_user(sara)
    listing = browser.get("/leads/?view=mine&status=Hot&sort=name")
    address = f"{brown.get_absolute_url()}{listing.context['listing'].trail}"
    assert address in listing.content.decode().replace("&amp;", "&")
    found = trail(browser, address)
    assert (found.previous, found.next) == (adams, clark)
    assert found.address == "/leads/?view=mine&status=Hot&sort=name"
    assert str(found.label) == "My open leads"
    at_the_end = trail(browser, f"{clark.get_absolute_url()}{listing.context['listing'].trail}")
    assert (at_the_end.previous, at_the_end.next) == (brown, None)


@pytest.mark.parametrize("sort", ["rating", "-rating", "-created_at"])
def test_neighbours_are_the_rows_beside_it_whatever_the_order(sort, sara, as_user):
    for rating in ("Active", "", "Acquired", "", "Shutdown"):
        LeadFactory(assigned_to=sara, rating=rating)
    browser = as_user(sara)
    listing = browser.get(f"/leads/?sort={sort}").context["listing"]
    rows = listing.page.rows
    for place, lead in enumerate(rows):
        found = trail(browser, f"{lead.get_absolute_url()}{listing.trail}")
        before, after = rows[place - 1] if place else None, rows[place + 1] if place + 1 < len(rows) else None
        assert (found.previous, found.next) == (before, after)


@pytest.mark.parametrize("address", ["", "?in=", "?in=view%3Dnone%26f%3D%00%26sort%3Dx", "?in=status%3DCold"])
def test_page_opens_whatever_list_is_named(address, sara, as_user):
    lead = LeadFactory(assigned_to=sara, lead_status="Hot")
    LeadFactory(assigned_to=sara, lead_status="Cold")
    page = as_user(sara).get(f"{lead.get_absolute_url()}{address}")
    assert page.status_code == 200
    if "Cold" in address:
        assert page.context["page"].trail.next is None
