"""The follow-up task and the note to the new owner."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from crm.people.models import User
from crm.people.tokens import create_token
from crm.related.models import Activity
from leads.conversion.errors import InvalidOrder
from leads.conversion.order import FollowUp, Order, Part
from leads.conversion.service import convert
from leads.integrity import violations
from leads.models import Conversion
from tests.factories import ContactFactory, LeadFactory
from tests.leads.test_convert_page import posted

pytestmark = pytest.mark.django_db
ALL = {"organization": Part(), "contact": Part(), "opportunity": Part()}
DUE = dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC)
TASK = FollowUp(subject="Send the offer", due_at=DUE)


@pytest.mark.parametrize(
    ("parts", "main"),
    [
        (ALL, "opportunity"),
        ({"organization": Part(), "contact": Part()}, "contact"),
        ({"organization": Part()}, "organization"),
    ],
)
def test_task_is_planned_on_the_main_record(parts, main, sara):
    made = convert(LeadFactory(assigned_to=sara).pk, Order(parts=parts, follow_up=TASK), by=sara)
    task = Activity.objects.select_related("dossier").get()
    assert (task.subject, task.kind, task.status, task.due_at) == ("Send the offer", "task", "planned", DUE)
    assert (task.assigned_to, task.created_by, task.dossier.holder) == (sara, sara, getattr(made, main))
    assert (task.dossier.is_home, made.moved["activities"], list(violations())) == (True, 0, [])


def test_receipt_names_the_task_instead_of_offering_another(sara, as_user):
    browser = as_user(sara)
    without, made = (
        convert(LeadFactory(assigned_to=sara).pk, Order(parts=ALL, follow_up=task), by=sara) for task in (None, TASK)
    )
    assert "Plan a follow-up" in browser.get(without.get_absolute_url()).text
    page = browser.get(made.get_absolute_url())
    assert page.context["page"].follow_up == Activity.objects.get()
    assert "Plan a follow-up" not in page.text
    assert f'{made.opportunity.get_absolute_url()}?tab=activity"><bdi>Send the offer</bdi>' in page.text
    assert 'datetime="2026-12-01T' in page.text


def test_task_is_planned_on_an_existing_record_too(sara):
    there = ContactFactory(assigned_to=sara)
    order = Order(parts={"contact": Part(existing=there.pk)}, follow_up=TASK)
    convert(LeadFactory(assigned_to=sara).pk, order, by=sara)
    assert Activity.objects.get().dossier == there.dossiers.get(is_home=True)


def test_whoever_owns_the_main_record_does_it_unless_somebody_is_named(sara, omid, manager):
    parts = {"contact": Part(values={"assigned_to": omid.pk})}
    for chosen, expected in ((None, omid), (manager.pk, manager)):
        task = FollowUp(subject="Call", assigned_to=chosen)
        convert(LeadFactory(assigned_to=sara).pk, Order(parts=parts, follow_up=task), by=sara)
        assert Activity.objects.latest("pk").assigned_to == expected


@pytest.mark.parametrize(
    ("task", "field"),
    [
        (FollowUp(subject=""), "subject"),
        (FollowUp(subject="x" * 251), "subject"),
        (FollowUp(subject="x", assigned_to=10**9), "assigned_to"),
    ],
)
def test_what_can_not_be_planned_refuses_the_conversion(task, field, sara):
    with pytest.raises(InvalidOrder) as refusal:
        convert(LeadFactory(assigned_to=sara).pk, Order(parts=ALL, follow_up=task), by=sara)
    assert list(refusal.value.errors["follow_up"]) == [field]
    assert not Conversion.objects.exists()


def test_who_may_not_add_activities_plans_none(sara):
    group = sara.groups.get()
    group.permissions.remove(group.permissions.get(codename="add_activity"))
    someone = User.objects.get(pk=sara.pk)
    with pytest.raises(InvalidOrder):
        convert(LeadFactory(assigned_to=sara).pk, Order(parts=ALL, follow_up=TASK), by=someone)


def test_a_message_to_nobody_is_refused(sara):
    with pytest.raises(InvalidOrder) as refusal:
        convert(LeadFactory(assigned_to=sara).pk, Order(parts=ALL, message="Look after her."), by=sara)
    assert list(refusal.value.errors[""]) == ["message"]


def test_page_plans_it_with_a_jalali_date(sara, as_user):
    User.objects.filter(pk=sara.pk).update(language="fa")
    address = f"/leads/{LeadFactory(assigned_to=sara).pk}/convert/"
    browser = as_user(User.objects.get(pk=sara.pk))
    page = browser.get(address)
    assert page.context["form"].follow_up["is_wanted"].value() in (None, False)
    wanted = {
        "follow_up-is_wanted": "on",
        "follow_up-subject": "ارسال پیش‌فاکتور",
        "follow_up-due_at": "۱۴۰۵/۰۹/۱۰ ۱۰:۳۰",
    }
    assert browser.post(address, posted(page, **wanted)).status_code == 302
    task = Activity.objects.get()
    assert (task.subject, timezone.localtime(task.due_at).isoformat()) == (
        "ارسال پیش‌فاکتور",
        "2026-12-01T10:30:00+03:30",
    )


def test_without_its_tick_the_task_counts_for_nothing(sara, as_user):
    address = f"/leads/{LeadFactory(assigned_to=sara).pk}/convert/"
    browser = as_user(sara)
    extra = {"follow_up-subject": "", "follow_up-due_at": "nonsense", "follow_up-assigned_to": "nobody"}
    assert browser.post(address, posted(browser.get(address), **extra)).status_code == 302
    assert not Activity.objects.exists()


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ({"follow_up-is_wanted": "on", "follow_up-subject": None}, "Subject: This field is required."),
        ({"follow_up-is_wanted": "on", "follow_up-due_at": "1404/12/30"}, "Due: There is no such day."),
        ({"follow_up-is_wanted": "on", "follow_up-assigned_to": "999"}, "Assigned to: Select a valid choice."),
        ({"follow_up-message": "Look after her."}, "nobody would get this message"),
        ({"follow_up-message": "x" * 1001}, "1000 characters"),
    ],
)
def test_bad_input_comes_back_in_the_page(extra, words, sara, as_user):
    address = f"/leads/{LeadFactory(assigned_to=sara).pk}/convert/"
    browser = as_user(sara)
    answer = browser.post(address, posted(browser.get(address), **extra))
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert not Conversion.objects.exists()


def api(user, lead, **sent):
    headers = {"Authorization": f"Bearer {create_token(user)}"}
    return Client().post(f"/api/v1/leads/{lead.pk}/convert/", sent, content_type="application/json", headers=headers)


def test_api_plans_it_and_hands_over(sara, omid):
    answer = api(
        sara,
        LeadFactory(assigned_to=sara),
        follow_up={"subject": "Call", "due_at": "2026-12-01T09:00:00Z", "assigned_to": omid.pk},
        contact={"values": {"assigned_to": omid.pk}},
        message="Yours now.",
    )
    assert answer.status_code == 201
    task = Activity.objects.get()
    assert (task.subject, task.due_at, task.assigned_to) == ("Call", DUE, omid)
    assert omid.notifications.get().params["message"] == "Yours now."


@pytest.mark.parametrize(
    ("sent", "errors"),
    [
        ({"follow_up": "Call"}, {"follow_up": ["Send an object, or null for none."]}),
        ({"follow_up": {}}, {"follow_up": {"subject": ["Send a text."]}}),
        ({"follow_up": {"subject": 5}}, {"follow_up": {"subject": ["Send a text."]}}),
        ({"follow_up": {"subject": "a\0b"}}, {"follow_up": {"subject": ["Send a text."]}}),
        ({"message": 5}, {"message": ["Send a text."]}),
        (
            {"follow_up": {"subject": "Call", "due_at": "soon", "assigned_to": True}},
            {
                "follow_up": {
                    "assigned_to": ["Send the id of a user."],
                    "due_at": ["Send a date and time as ISO 8601 has it."],
                }
            },
        ),
        (
            {"follow_up": {"subject": "Call", "due_at": "2026-13-45T00:00:00Z"}},
            {"follow_up": {"due_at": ["Send a date and time as ISO 8601 has it."]}},
        ),
    ],
)
def test_api_names_what_is_wrong(sent, errors, sara):
    answer = api(sara, LeadFactory(assigned_to=sara), **sent)
    assert (answer.status_code, answer.json()) == (400, errors)
