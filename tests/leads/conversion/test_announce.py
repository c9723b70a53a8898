"""Who hears of a conversion, of what, and in which words."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from crm.fields import registry
from crm.jobs.models import Task
from crm.notices import kinds
from crm.notices.models import Notification, Webhook, WebhookDelivery
from crm.people.access import sight_of
from crm.people.models import Team, User
from crm.related import services
from leads.conversion import announce, preferences
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.models import Conversion, ConversionPreferences
from tests.factories import ContactFactory, LeadFactory, OpportunityFactory, OrganizationFactory

pytestmark = pytest.mark.django_db
ALL = {"organization": Part(), "contact": Part(), "opportunity": Part()}
NOBODY = dict.fromkeys(("notify_lead_owner", "notify_new_owners", "notify_followers", "notify_managers"), False)


@pytest.fixture
def hamid(sara):
    """A colleague of sara's team."""
    made = User.objects.create(username="hamid", first_name="حمید", language="fa", team=sara.team)
    made.groups.add(sara.groups.get())
    return made


def told():
    return {(one.user.username, one.kind, one.url) for one in Notification.objects.select_related("user")}


def owned_by(user):
    return Part(values={"assigned_to": user.pk})


def settings(**values):
    ConversionPreferences.objects.create(**{**NOBODY, **values})


def test_who_converts_their_own_lead_tells_nobody(sara):
    convert(LeadFactory(assigned_to=sara).pk, Order(parts=ALL), by=sara)
    assert told() == set()


def test_new_owners_hear_what_they_got(sara, hamid):
    lead = LeadFactory(assigned_to=sara)
    parts = {"organization": Part(), "contact": owned_by(hamid), "opportunity": owned_by(hamid)}
    made = convert(lead.pk, Order(parts=parts, message="Call her on Sunday."), by=sara)
    assert told() == {("hamid", "handed-over", made.opportunity.get_absolute_url())}
    notification = Notification.objects.get()
    assert notification.params == {
        "by": str(sara),
        "lead": lead.number,
        "name": lead.title,
        "records": [["opportunity", made.opportunity.title], ["contact", made.contact.title]],
        "message": "Call her on Sunday.",
    }
    kind = kinds.kind("handed-over")
    assert kind.message(notification.params) == "Call her on Sunday."
    assert kind.sentence(notification.params) == (
        f"\u2068sara\u2069 handed you a converted lead (\u2068{lead.number}\u2069): "
        f"Opportunity \u2068{made.opportunity.title}\u2069, Contact \u2068{made.contact.title}\u2069."
    )
    with translation.override("fa"):
        assert "سپرد" in kind.sentence(notification.params)


def test_the_leads_owner_hears_who_converted_it(sara, hamid):
    lead = LeadFactory(assigned_to=hamid)
    made = convert(lead.pk, Order(parts={"contact": owned_by(sara)}), by=sara)
    assert told() == {("hamid", "lead-converted", made.get_absolute_url())}
    assert kinds.kind("lead-converted").sentence(Notification.objects.get().params) == (
        f"Lead \u2068{lead.title}\u2069 (\u2068{lead.number}\u2069) was converted by \u2068sara\u2069."
    )


def test_who_may_not_see_a_resulting_record_hears_nothing(sara, omid, reader, admin):
    settings(notify_users=[omid.pk, reader.pk, admin.pk], notify_followers=True)
    lead = LeadFactory(assigned_to=sara)
    services.follow(lead, by=omid, on=True)
    made = convert(lead.pk, Order(parts=ALL), by=sara)
    assert told() == {(name, "lead-converted", made.get_absolute_url()) for name in ("reader", "admin")}
    User.objects.filter(pk=reader.pk).update(is_active=False)
    Notification.objects.all().delete()
    convert(LeadFactory(assigned_to=sara).pk, Order(parts=ALL), by=sara)
    assert {name for name, *_rest in told()} == {"admin"}


def test_a_record_handed_to_another_team_is_told_of_there(sara, omid):
    made = convert(LeadFactory(assigned_to=sara).pk, Order(parts={"contact": owned_by(omid)}), by=sara)
    assert told() == {("omid", "handed-over", made.contact.get_absolute_url())}


def test_followers_hear_of_it_once(sara, hamid):
    lead = LeadFactory(assigned_to=hamid)
    services.follow(lead, by=hamid, on=True)
    services.follow(lead, by=sara, on=True)
    settings(notify_followers=True, notify_lead_owner=True)
    made = convert(lead.pk, Order(parts={"contact": Part()}), by=sara)
    assert told() == {("hamid", "lead-converted", made.get_absolute_url())}


def test_a_follower_of_an_existing_record_too(sara, hamid):
    there, lead = ContactFactory(assigned_to=sara), LeadFactory(assigned_to=sara)
    for record in (there, lead):
        services.follow(record, by=hamid, on=True)
    convert(lead.pk, Order(parts={"contact": Part(existing=there.pk)}), by=sara)
    assert {name for name, *_rest in told()} == {"hamid"}


def test_the_owner_of_a_record_that_was_only_filled_got_nothing_new(sara, hamid):
    there = ContactFactory(assigned_to=hamid)
    convert(LeadFactory(assigned_to=sara).pk, Order(parts={"contact": Part(existing=there.pk)}), by=sara)
    assert told() == set()


def test_managers_hear_of_their_team_and_those_without_one_of_all(sara, manager):
    manager_of = {}
    for name, team in (("mine", sara.team), ("theirs", Team.objects.create(name="Other"))):
        manager_of[name] = User.objects.create(username=name, team=team)
        manager_of[name].groups.add(manager.groups.get())
    settings(notify_managers=True)
    convert(LeadFactory(assigned_to=sara).pk, Order(parts=ALL), by=sara)
    assert {name for name, *_rest in told()} == {"manager", "mine"}


def test_nobody_is_told_where_the_settings_say_so(sara, hamid):
    settings()
    lead = LeadFactory(assigned_to=hamid)
    services.follow(lead, by=hamid, on=True)
    convert(lead.pk, Order(parts={"contact": owned_by(hamid)}), by=sara)
    assert told() == set()


def test_a_written_message_arrives_even_so(sara, hamid):
    settings()
    convert(LeadFactory(assigned_to=sara).pk, Order(parts={"contact": owned_by(hamid)}, message="Yours."), by=sara)
    assert {name for name, *_rest in told()} == {"hamid"}


def test_many_conversions_are_told_in_as_many_statements_as_one(sara, hamid):
    """What a job of a thousand conversions calls."""
    settings(notify_new_owners=True, notify_followers=True, notify_managers=True)
    Webhook.objects.create(name="ERP", url="https://example.com/", salt="s")
    made = [
        convert(LeadFactory(assigned_to=sara).pk, Order(parts={"contact": owned_by(hamid)}), by=sara) for _ in range(20)
    ]
    for model in (Notification, WebhookDelivery, Task):
        model.objects.all().delete()
    counts = []
    for chunk in (made[:1], made[1:]):
        related = Conversion.objects.select_related("lead", "organization", "contact", "opportunity", "together_with")
        loaded = list(related.filter(pk__in=[one.pk for one in chunk]))
        wanted = preferences.current()
        with CaptureQueriesContext(connection) as done:
            announce.announce(loaded, by=sara, preferences=wanted)
        counts.append(len([query for query in done if "SAVEPOINT" not in query["sql"]]))
    assert counts == [5, 5]
    assert (Notification.objects.count(), WebhookDelivery.objects.count()) == (20, 20)


def test_sight_says_what_visible_to_says(request, sara, omid):
    people = [request.getfixturevalue(name) for name in ("admin", "manager", "sara", "omid", "reader")]
    nobody = User.objects.create(username="nobody", team=sara.team)
    off = person_off(sara)
    records = [
        factory(assigned_to=owner)
        for factory in (OrganizationFactory, ContactFactory, OpportunityFactory)
        for owner in (sara, omid)
    ]
    everybody = [*people, nobody, off]
    sight = sight_of(User.objects.all(), [module.model for module in registry.modules()])
    for user in everybody:
        for record in records:
            expected = type(record).objects.visible_to(user).filter(pk=record.pk).exists()
            assert sight.sees(user.pk, record) is expected, (user, record)


def person_off(sara):
    off = User.objects.create(username="off", team=sara.team, is_active=False)
    off.groups.add(sara.groups.get())
    return off
