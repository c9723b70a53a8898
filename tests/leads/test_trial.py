"""Trying the mapping with a lead: what is shown is what a conversion would do, and nothing is written."""

import pytest

from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.trial.lines import trial
from mapping import services
from mapping.defaults import ROWS
from mapping.models import Revision
from mapping.rows import Row
from mapping.table import current
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db
URL = "/settings/modules/leads/mapping/try/"


@pytest.fixture
def lead(sara):
    return LeadFactory(assigned_to=sara, first_name="Ali", city="Shiraz", rating="Active")


def shown(response):
    return {
        line.field.key: ([" ".join(cell) for cell in line.cells], line.remark) for line in response.context["lines"]
    }


def test_each_value_shows_where_it_would_land(lead, admin, as_user):
    lines = shown(as_user(admin).get(f"{URL}?lead={lead.number}"))
    assert {key: lines[key] for key in ("city", "first_name", "rating", "lead_status", "company")} == {
        "city": (["Billing city Shipping city", "Mailing city", ""], ""),
        "first_name": (["", "First name", ""], "Only if Contact is ticked; else kept in a note."),
        "rating": (["Rating", "", ""], "Only if Organization is ticked; else kept in a note."),
        "lead_status": (["", "", ""], "Kept in a note, for no row carries it."),
        "company": (["Organization name", "", ""], "Only if Organization is ticked; else kept in a note."),
    }


def test_edits_that_are_not_saved_are_tried_and_given_back(lead, admin, as_user):
    browser = as_user(admin)
    edits = {
        "seen": "1",
        "r0-lead": "city",
        "r0-contact": "other_city",
        "r1-lead": "rating",
        "r1-contact": "department",
    }
    answer = browser.post(URL, edits | {"lead": lead.number, "do": "save"})
    lines = shown(answer)
    assert (lines["city"][0], lines["rating"]) == (
        ["", "Other city", ""],
        (
            ["", "", ""],
            "Kept in a note, for its row is broken: Picklist can't go into Text. Choose a field of the type Picklist.",
        ),
    )
    assert answer.context["edits"] == edits
    back = browser.post("/settings/modules/leads/mapping/edit/", edits | {"do": "draw"})
    rows = [line.edited.row for line in back.context["editor"].lines]
    assert rows[-2:] == [Row(lead="city", contact="other_city"), Row(lead="rating", contact="department")]
    assert Revision.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        ("", 200, "The newest leads"),
        ("nobody", 422, "No record with this name or number was found."),
        ("LEA" + "9" * 60, 422, "No record with this name or number was found."),
        ("\0<script>", 422, "No record with this name or number was found."),
    ],
)
def test_lead_that_is_not_there(text, status, words, lead, admin, as_user):
    answer = as_user(admin).get(URL, {"lead": text})
    assert (answer.status_code, words in answer.content.decode()) == (status, True)


def test_trial_says_what_the_conversion_then_does(lead, sara, admin):
    services.replace(
        [*(row for row in ROWS if row.lead != "rating"), Row(lead="city", opportunity="next_step")], seen=1, by=admin
    )
    lost = [line.field.key for line in trial(lead, current()) if line.is_lost]
    made = convert(lead.pk, Order(parts={key: Part() for key in ("organization", "contact", "opportunity")}), by=sara)
    assert (made.kept_in_note, made.opportunity.next_step) == (lost, "Shiraz")


def test_row_into_the_opportunity_s_name_goes_before_what_the_conversion_would_put_there(lead, sara, admin):
    services.replace([*ROWS, Row(lead="city", opportunity="name")], seen=1, by=admin)
    made = convert(lead.pk, Order(parts={"contact": Part(), "opportunity": Part()}), by=sara)
    assert (made.opportunity.name, made.provenance["opportunity"]["name"]["lead"]) == ("Shiraz", "city")
