"""The conversion settings: every way to convert follows them, and every change is kept."""

import datetime as dt
import io

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from crm.fields import services
from crm.fields.models import PicklistOption
from crm.people.tokens import create_token
from crm.related.models import Comment
from leads.conversion import preferences
from leads.conversion.draft import draft
from leads.conversion.errors import InvalidOrder
from leads.conversion.order import Order, Part
from leads.conversion.preferences import PreferencesChanged
from leads.conversion.service import convert
from leads.models import Conversion, ConversionPreferences
from tests.factories import LeadFactory
from tests.leads.test_convert_page import posted

pytestmark = pytest.mark.django_db
ADDRESS = "/settings/modules/leads/conversion/"
BOTH = {"organization": Part(), "contact": Part()}


def api(user, method, path, data=None):
    call = getattr(Client(), method)
    return call(path, data, content_type="application/json", headers={"Authorization": f"Bearer {create_token(user)}"})


def test_a_chosen_first_stage_goes_before_the_default_of_the_field_and_that_before_the_order(sara, admin, as_user):
    services.set_field("opportunity", "sales_stage", default="Needs Analysis", by=admin)
    lead = LeadFactory(assigned_to=sara)
    assert draft(lead, by=sara).parts["opportunity"].values["sales_stage"] == "Needs Analysis"
    page = as_user(admin).get(ADDRESS).content.decode()
    assert "The field&#x27;s default (Needs Analysis)" in page
    ConversionPreferences.objects.create(first_stage="Qualification")
    assert draft(lead, by=sara).parts["opportunity"].values["sales_stage"] == "Qualification"


def test_a_new_installation_keeps_to_the_documented_defaults(sara, noon):
    drawn = draft(LeadFactory(assigned_to=sara), by=sara)
    assert drawn.chosen() == {"organization", "contact"}
    assert drawn.parts["opportunity"].values["sales_stage"] == "Prospecting"
    assert drawn.parts["opportunity"].values["closing_date"] == timezone.localdate() + dt.timedelta(days=30)


def test_page_api_and_command_start_as_the_settings_say(sara, as_user, noon):
    ConversionPreferences.objects.create(opportunity_ticked=True, closing_days=0, first_stage="Qualification")
    first, second, third = (LeadFactory(assigned_to=sara) for _ in range(3))
    browser = as_user(sara)
    page = browser.get(f"/leads/{first.pk}/convert/")
    assert browser.post(f"/leads/{first.pk}/convert/", posted(page)).status_code == 302
    assert api(sara, "post", f"/api/v1/leads/{second.pk}/convert/", {}).status_code == 201
    call_command("convert_leads", "--ids", str(third.pk), stdout=io.StringIO())
    made = Conversion.objects.select_related("opportunity")
    today = timezone.localdate()
    assert {(one.opportunity.sales_stage, one.opportunity.closing_date) for one in made} == {("Qualification", today)}
    assert made.count() == 3


def test_who_may_not_add_opportunities_converts_without(sara):
    ConversionPreferences.objects.create(opportunity_ticked=True)
    group = sara.groups.get()
    group.permissions.remove(group.permissions.get(codename="add_opportunity"))
    lead = LeadFactory(assigned_to=sara)
    assert api(sara, "post", f"/api/v1/leads/{lead.pk}/convert/", {}).status_code == 201


def test_a_stage_that_went_out_of_use_gives_way_to_the_first(sara):
    ConversionPreferences.objects.create(first_stage="Qualification")
    PicklistOption.objects.filter(list_key="sales_stage", value="Qualification").update(retired_at=timezone.now())
    drawn = draft(LeadFactory(assigned_to=sara), by=sara)
    assert drawn.parts["opportunity"].values["sales_stage"] == "Prospecting"


def test_where_a_decision_is_wanted_nothing_goes_into_the_note_by_itself(sara, as_user):
    ConversionPreferences.objects.create(unmapped="ask")
    lead = LeadFactory(assigned_to=sara)
    with pytest.raises(InvalidOrder) as refusal:
        convert(lead.pk, Order(parts=BOTH), by=sara)
    message = "No mapping carries Lead status. Decide what to do with it."
    assert refusal.value.errors == {"unmapped": {"lead_status": [message]}}
    answer = api(sara, "post", f"/api/v1/leads/{lead.pk}/convert/", {})
    assert (answer.status_code, answer.json()) == (400, {"unmapped": {"lead_status": [message]}})
    browser = as_user(sara)
    address = f"/leads/{lead.pk}/convert/"
    page = browser.get(address)
    refused = browser.post(address, posted(page))
    assert (refused.status_code, message in refused.content.decode()) == (422, True)
    assert not Conversion.objects.exists()
    assert browser.post(address, posted(page, lost_lead_status="note")).status_code == 302
    assert Comment.objects.get().body == "Lead status: Qualified"


def test_the_command_says_so_and_can_be_told_to_use_the_note(sara):
    ConversionPreferences.objects.create(unmapped="ask")
    lead = LeadFactory(assigned_to=sara)
    told = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("convert_leads", "--ids", str(lead.pk), stdout=told)
    assert "No mapping carries Lead status." in told.getvalue()
    call_command("convert_leads", "--ids", str(lead.pk), "--keep-in-note", stdout=told)
    assert Conversion.objects.get().kept_in_note == ["lead_status"]


def wanted(**changes):
    current = preferences.current()
    return {**{name: getattr(current, name) for name in preferences.FIELDS}, "closing_days": 30, **changes}


def test_changes_are_kept_with_who_and_when(admin):
    before = preferences.current()
    made = preferences.save(wanted(closing_days=14), by=admin, seen=str(before.pk))
    assert (preferences.current().pk, made.saved_by, made.closing_days) == (made.pk, admin, 14)
    assert preferences.save(wanted(closing_days=14), by=admin, seen=str(made.pk)).pk == made.pk  # nothing changed
    with pytest.raises(PreferencesChanged):
        preferences.save(wanted(closing_days=7), by=admin, seen=str(before.pk))
    assert ConversionPreferences.objects.count() == 2


@pytest.mark.parametrize("name", ["sara", "manager", "reader"])
def test_only_administrators_change_them(name, request):
    user = request.getfixturevalue(name)
    with pytest.raises(PermissionDenied):
        preferences.save(wanted(), by=user, seen=str(preferences.current().pk))


def data(page, **changes):
    form = page.context["form"]
    sent = {"seen": page.context["seen"], "closing_days": "30", "unmapped": "note", "first_stage": ""}
    sent |= {name: "on" for name in form.fields if form[name].value() is True}
    return {name: value for name, value in {**sent, **changes}.items() if value is not None}


def test_page_saves_and_lists_the_change(admin, sara, as_user):
    browser = as_user(admin)
    changes = {"closing_days": "۱۴", "opportunity_ticked": "on", "first_stage": "Qualification", "unmapped": "ask"}
    answer = browser.post(ADDRESS, data(browser.get(ADDRESS), notify_users=[sara.pk], **changes))
    assert (answer.status_code, answer.url) == (302, ADDRESS)
    saved = preferences.current()
    assert (saved.closing_days, saved.opportunity_ticked, saved.first_stage) == (14, True, "Qualification")
    assert (saved.unmapped, saved.notify_users, saved.saved_by) == ("ask", [sara.pk], admin)
    [change] = browser.get(ADDRESS).context["changes"]
    assert [(str(line["label"]), line["before"], line["after"]) for line in change["lines"]] == [
        ("Opportunity is ticked from the start", "No", "Yes"),
        ("Days until the closing date", "30", "14"),
        ("First sales stage", "The first of the list (Prospecting)", "Qualification"),
        ("Values that no mapping carries", "Keep in a note", "Ask for a decision for each"),
        ("These users, whoever converts", "—", "sara"),
    ]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"closing_days": "-1"}, "Enter a whole number from 0 to 3,650."),
        ({"closing_days": "1.5"}, "Enter a whole number from 0 to 3,650."),
        ({"closing_days": "many"}, "Enter a number"),
        ({"closing_days": ""}, "required"),
        ({"closing_days": "9" * 50}, "Enter a whole number from 0 to 3,650."),
        ({"first_stage": "Nonsense"}, "Select a valid choice."),
        ({"unmapped": "leave"}, "Select a valid choice."),
        ({"notify_users": ["999"]}, "Select a valid choice."),
        ({"notify_users": ["x\0"]}, "Select a valid choice."),
    ],
)
def test_bad_input_comes_back_in_the_page(changes, words, admin, as_user):
    browser = as_user(admin)
    answer = browser.post(ADDRESS, data(browser.get(ADDRESS), **changes))
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert ConversionPreferences.objects.count() == 1


def test_the_second_of_two_administrators_is_told(admin, as_user):
    browser = as_user(admin)
    page = browser.get(ADDRESS)
    browser.post(ADDRESS, data(page, closing_days="14"))
    late = browser.post(ADDRESS, data(page, closing_days="7"))
    assert (late.status_code, preferences.current().closing_days) == (409, 14)
    content = late.content.decode()
    assert ("admin saved these settings meanwhile" in content, 'value="7"' in content) == (True, True)
    again = data(page, closing_days="7", seen=late.context["seen"])
    assert (browser.post(ADDRESS, again).status_code, preferences.current().closing_days) == (302, 7)
