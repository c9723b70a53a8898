"""A record's page that was opened from a list: the way back, and the neighbours there."""

import pytest

from tests.factories import LeadFactory, activity

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


def test_trail_stays_whatever_is_done_on_the_page(sara, manager, as_user):
    lead = LeadFactory(assigned_to=sara)
    task = activity(lead, manager)
    browser, here = as_user(manager), f"/leads/{lead.pk}/"
    trail = "?in=view%3Dall%26sort%3Dname"
    drawn = [browser.get(f"{here}{trail}{more}").text for more in ("", "&add=comment", "&tab=details")]
    typed = {"kind": "call", "subject": "Typed", "status": "planned", "priority": "low", "assigned_to": manager.pk}
    posts = {
        f"{here}edit/": {"last_name": "New", "assigned_to": sara.pk},
        f"{here}add/comment/": {"body": "x"},
        f"{here}tags/": {"tags": "x"},
        f"{here}follow/": {"follow": "1"},
        f"/activities/{task.pk}/done/": {},
        f"/related/activity/{task.pk}/edit/": typed,
        f"/related/activity/{task.pk}/delete/": {},
    }
    for address, data in posts.items():
        assert any(f'"{address}{trail}"' in page for page in drawn), address
        assert browser.post(f"{address}{trail}", data).url == f"{here}{trail}", address
    refused = browser.post(f"{here}add/comment/{trail}", {"body": ""}).text
    assert f'href="{here}?tab=details&amp;{trail[1:]}"' in refused
    assert 'href="?' not in refused
    assert browser.get(f"{here}?in={'x' * 3000}").status_code == 200
