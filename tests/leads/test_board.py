"""The board: what stands in its columns, and how a card gets into another."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.related.models import Comment
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.models import Lead
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db


def columns(response):
    return {
        column.value: [lead.last_name for lead in column.cards]
        for column in response.context["board"].columns()
        if column.count
    }


def test_leads_stand_under_their_status_newest_first(sara, manager, as_user):
    for name, status, owner in (
        ("A", "Hot", sara),
        ("B", "Hot", sara),
        ("C", "Cold", manager),
        ("D", "Warm", sara),
    ):
        LeadFactory(last_name=name, lead_status=status, assigned_to=owner)
    Lead.objects.filter(last_name="D").update(lead_status="Long gone")  # an option that was taken away since
    done = LeadFactory(last_name="E", lead_status="Qualified", assigned_to=sara)
    convert(done.pk, Order(parts={"contact": Part()}), by=sara)
    assert columns(as_user(sara).get("/leads/board/")) == {"Hot": ["B", "A"], "Long gone": ["D"]}
    everybody = as_user(manager).get("/leads/board/")
    assert columns(everybody) == {"Cold": ["C"], "Hot": ["B", "A"], "Long gone": ["D"]}
    assert columns(as_user(manager).get("/leads/board/?view=mine")) == {"Cold": ["C"]}


def test_column_tells_of_all_and_shows_the_newest(sara, as_user):
    LeadFactory.create_batch(23, assigned_to=sara, lead_status="Hot", annual_revenue=10**9)
    [hot] = [one for one in as_user(sara).get("/leads/board/").context["board"].columns() if one.count]
    assert (hot.count, len(hot.cards), hot.amount, hot.url) == (23, 20, "23 bn IRR", "/leads/?view=mine&status=Hot")


@pytest.mark.parametrize("count", [1, 30])
def test_board_takes_the_same_few_statements_for_any_number_of_leads(count, sara, as_user):
    LeadFactory.create_batch(count, assigned_to=sara, lead_status="Qualified")
    browser = as_user(sara)
    browser.get("/leads/board/")
    with CaptureQueriesContext(connection) as queries:
        browser.get("/leads/board/")
    assert len(queries) == 8


def test_card_is_moved_by_its_menu(sara, as_user):
    lead = LeadFactory(assigned_to=sara, lead_status="Cold")
    browser = as_user(sara)
    assert 'name="reason"' in browser.get(f"/leads/board/?move={lead.pk}").content.decode()
    answer = browser.post(f"/leads/{lead.pk}/move/", {"status": "Hot", "view": "all"})
    assert (answer.status_code, answer.url) == (302, f"/leads/board/?view=all#move-{lead.pk}")
    assert Lead.objects.get().lead_status == "Hot"


def test_lead_that_is_given_up_needs_a_reason_which_is_kept(sara, as_user):
    lead = LeadFactory(assigned_to=sara, lead_status="Cold")
    browser = as_user(sara)
    refused = browser.post(f"/leads/{lead.pk}/move/", {"status": "Lost Lead"})
    assert refused.status_code == 422
    assert "Say why the lead is given up." in refused.content.decode()
    assert Lead.objects.get().lead_status == "Cold"
    browser.post(f"/leads/{lead.pk}/move/", {"status": "Lost Lead", "reason": "Bought elsewhere"})
    assert (Lead.objects.get().lead_status, Comment.objects.get().body) == ("Lost Lead", "Bought elsewhere")


@pytest.mark.parametrize("status", ["", "Converted", "Alchemy", "a\0b"])
def test_no_other_status_is_taken(status, sara, as_user):
    lead = LeadFactory(assigned_to=sara, lead_status="Cold")
    assert as_user(sara).post(f"/leads/{lead.pk}/move/", {"status": status}).status_code == 422
    assert Lead.objects.get().lead_status == "Cold"


def test_who_may_not_change_the_lead_may_not_move_it(sara, omid, reader, as_user):
    lead = LeadFactory(assigned_to=sara, lead_status="Cold")
    codes = [as_user(who).post(f"/leads/{lead.pk}/move/", {"status": "Hot"}).status_code for who in (omid, reader)]
    assert (codes, Lead.objects.get().lead_status) == ([404, 403], "Cold")
    assert "data-move" not in as_user(reader).get("/leads/board/").content.decode()


def test_converted_lead_can_not_be_moved(sara, as_user):
    lead = LeadFactory(assigned_to=sara, lead_status="Qualified")
    convert(lead.pk, Order(parts={"contact": Part()}), by=sara)
    assert as_user(sara).post(f"/leads/{lead.pk}/move/", {"status": "Hot"}).status_code == 410
