"""Notifications by e-mail: to whom, in which language, and what becomes of them when the mail server is away."""

import smtplib

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from crm.jobs.models import Task
from crm.jobs.worker import work_off
from crm.notices.models import Notification
from crm.people.models import User
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.models import Conversion
from tests.factories import LeadFactory
from tests.notices.test_webhooks import due_now

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mail_server(settings):
    settings.SENDS_EMAIL = True
    settings.PUBLIC_URL = "https://crm.example.com"


@pytest.fixture
def owner(omid):
    User.objects.filter(pk=omid.pk).update(
        email="omid@example.com", language="fa", first_name="Omid", last_name="Sharifi"
    )
    return User.objects.get(pk=omid.pk)


def hand_over(sara, owner, message=""):
    order = Order(parts={"contact": Part(values={"assigned_to": owner.pk})}, message=message)
    return convert(LeadFactory(assigned_to=sara, last_name="Karimi", first_name="Ali").pk, order, by=sara)


def states():
    return list(Notification.objects.values_list("email", flat=True))


def test_new_owner_gets_it_in_their_language(sara, owner):
    made = hand_over(sara, owner, "فردا زنگ بزنید.")
    assert (mail.outbox, states()) == ([], ["due"])
    assert work_off() == 1
    [sent] = mail.outbox
    lead = f"\u2068LEA{made.lead_id}\u2069"
    sentence = f"\u2068sara\u2069 یک سرنخ فروش تبدیل‌شده ({lead}) را به شما سپرد: مخاطب \u2068Ali Karimi\u2069."
    assert (sent.to, sent.subject, states()) == (["omid@example.com"], sentence, ["sent"])
    assert sent.body.splitlines() == [
        "سلام \u2068Omid Sharifi\u2069،",
        "",
        sentence,
        "",
        "فردا زنگ بزنید.",
        "",
        f"https://crm.example.com{made.contact.get_absolute_url()}",
        "",
        "این ایمیل‌ها را می‌توانید در صفحهٔ نمایهٔ خود خاموش کنید.",
    ]
    assert sent.content_subtype == "plain"


@pytest.mark.parametrize("changes", [{"gets_email": False}, {"email": ""}])
def test_who_does_not_want_it_or_has_no_address_gets_none(changes, sara, owner):
    User.objects.filter(pk=owner.pk).update(**changes)
    hand_over(sara, owner)
    assert (states(), Task.objects.count()) == (["none"], 0)


def test_nobody_gets_any_where_no_mail_server_is_configured(sara, owner, settings):
    settings.SENDS_EMAIL = False
    hand_over(sara, owner)
    assert (states(), Task.objects.count()) == (["none"], 0)


def test_a_change_of_mind_before_it_is_sent_counts(sara, owner):
    hand_over(sara, owner)
    User.objects.filter(pk=owner.pk).update(gets_email=False)
    assert (work_off(), mail.outbox, states()) == (1, [], ["none"])


@pytest.mark.parametrize("problem", [ConnectionRefusedError(), smtplib.SMTPRecipientsRefused({}), TimeoutError()])
def test_a_mail_server_that_is_away_breaks_nothing_and_is_tried_again(problem, sara, owner, monkeypatch):
    with monkeypatch.context() as broken:

        def fail(*_args):
            raise problem

        broken.setattr(EmailBackend, "send_messages", fail)
        hand_over(sara, owner)
        assert (work_off(), work_off(), Conversion.objects.count(), states()) == (1, 0, 1, ["due"])
    due_now()
    assert (work_off(), len(mail.outbox), states(), Task.objects.count()) == (1, 1, ["sent"], 0)


def test_it_is_given_up_in_the_end(sara, owner, monkeypatch):
    monkeypatch.setattr(EmailBackend, "send_messages", lambda *_args: _refuse())
    hand_over(sara, owner)
    for _ in range(6):
        due_now()
        assert work_off() == 1
    assert (states(), Task.objects.count()) == (["failed"], 0)


def _refuse():
    raise smtplib.SMTPServerDisconnected


def test_a_name_with_a_line_break_stays_one_header(sara, owner):
    User.objects.filter(pk=sara.pk).update(first_name="Sara\r\nBcc: all@example.com")
    hand_over(User.objects.get(pk=sara.pk), owner)
    work_off()
    assert "\n" not in mail.outbox[0].subject
    assert mail.outbox[0].message()["Bcc"] is None
