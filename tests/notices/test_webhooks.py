"""Webhooks against a real receiver: written down with the conversion, signed, tried again, and never sent where they may not go."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.jobs.models import Task
from crm.jobs.worker import work_off
from crm.notices import posting, webhooks
from crm.notices.models import Webhook, WebhookDelivery
from crm.notices.outbox import Message, post
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from tests.factories import LeadFactory
from tests.notices.receiver import receiver

pytestmark = pytest.mark.django_db
BOTH = {"organization": Part(), "contact": Part()}


@pytest.fixture
def other():
    with receiver() as told:
        yield told


def webhook(admin, url, **more):
    made = Webhook(name="ERP", url=url, **more)
    return made, webhooks.save(made, by=admin)


def converted(sara):
    return convert(LeadFactory(assigned_to=sara).pk, Order(parts=BOTH), by=sara)


def verified(secret, message):
    """What a receiver does, as docs/webhooks.md tells it."""
    headers = {name.lower(): value for name, value in message["headers"].items()}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{message['body']}".encode()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return headers["webhook-signature"] == f"v1,{expected}"


def test_the_receiver_of_the_documentation_knows_us(admin, sara, other):
    code = Path("docs/webhooks.md").read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    room: dict = {}
    exec(code, room)
    _hook, secret = webhook(admin, other.url)
    converted(sara)
    work_off()
    headers = {name.lower(): value for name, value in other.got[0]["headers"].items()}
    body = other.got[0]["body"].encode()
    assert room["is_genuine"](secret, headers, body)
    assert not room["is_genuine"](secret, headers, body + b" ")
    assert not room["is_genuine"](secret, {**headers, "webhook-timestamp": "1"}, body)


def tries(delivery):
    return [(one["status"], one["answer"]) for one in delivery.log]


def due_now():
    Task.objects.update(run_at=timezone.now())


def test_conversion_arrives_signed(admin, sara, other):
    _hook, secret = webhook(admin, other.url)
    made = converted(sara)
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, other.got) == ("due", [])
    assert work_off() == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries, tries(delivery)) == ("delivered", 1, [(200, "thank you")])
    [message] = other.got
    assert json.loads(message["body"]) == {
        "event": "lead.converted",
        "id": f"lead-converted-{made.pk}",
        "time": made.converted_at.isoformat(),
        "conversion": {
            "id": made.pk,
            "lead": made.lead_id,
            "organization": made.organization_id,
            "contact": made.contact_id,
            "opportunity": None,
            "moved": made.moved,
            "existing": [],
            "together": [],
            "kept_in_note": made.kept_in_note,
            "left_behind": [],
        },
    }
    assert (message["path"], verified(secret, message), verified(secret[:-4] + "AAA=", message)) == (
        "/hook?a=1",
        True,
        False,
    )
    age = dt.datetime.now(dt.UTC).timestamp() - int(message["headers"]["webhook-timestamp"])
    assert 0 <= age < 60


def test_a_failure_is_tried_again_with_growing_pauses_and_the_same_id(admin, sara, other):
    webhook(admin, other.url)
    other.statuses = [500, 302, 404, 200]
    other.headers = {"Location": other.url.replace("/hook", "/elsewhere")}
    converted(sara)
    pauses = []
    for _ in range(3):
        assert work_off() == 1
        pauses.append(round((WebhookDelivery.objects.get().next_at - timezone.now()).total_seconds() / 60))
        due_now()
    assert work_off() == 1
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, [status for status, _answer in tries(delivery)]) == ("delivered", [200, 404, 302, 500])
    assert pauses == [1, 5, 30]
    assert {(one["path"], one["headers"]["webhook-id"], one["body"]) for one in other.got} == {
        ("/hook?a=1", delivery.message, delivery.body)
    }
    assert Task.objects.count() == 0


def test_it_is_given_up_after_the_last_try_and_sent_again_on_request(admin, sara, other):
    webhook(admin, other.url)
    other.statuses = [503] * 7 + [204]
    converted(sara)
    for _ in range(7):
        due_now()
        assert work_off() == 1
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.tries, delivery.next_at, work_off()) == ("failed", 7, None, 0)
    webhooks.send_again(delivery, by=admin)
    assert work_off() == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries, len(delivery.log)) == ("delivered", 1, 8)


def test_what_waits_is_sent_now_on_request(admin, sara, other):
    webhook(admin, other.url)
    other.statuses = [503, 200]
    converted(sara)
    assert (work_off(), work_off()) == (1, 0)
    webhooks.send_again(WebhookDelivery.objects.get(), by=admin)
    assert (Task.objects.count(), work_off(), WebhookDelivery.objects.get().state) == (1, 1, "delivered")


def test_nobody_there_and_a_slow_answer_are_failures(admin, sara, other, monkeypatch):
    hook, _secret = webhook(admin, other.url)
    monkeypatch.setattr(posting, "CONNECT_TIMEOUT", 0.2)
    other.waits = 5
    converted(sara)
    work_off()
    hook.url = "http://127.0.0.1:9/"
    hook.save()
    due_now()
    work_off()
    [refused, late] = tries(WebhookDelivery.objects.get())
    assert (refused[0], late) == (None, (None, "timed out"))
    assert "refused" in refused[1]


def test_an_answer_that_trickles_in_is_cut_off(admin, other, monkeypatch):
    monkeypatch.setattr(posting, "WHOLE_TIMEOUT", 0.2)
    other.waits = 3
    with pytest.raises(posting.Unreachable):
        posting.post(other.url, b"{}", {})


def test_a_webhook_that_is_off_hears_nothing(admin, sara, other):
    hook, _secret = webhook(admin, other.url)
    converted(sara)
    hook.is_active = False
    hook.save()
    assert work_off() == 1
    converted(sara)
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, tries(delivery), other.got) == ("failed", [(None, "The webhook is switched off.")], [])


def test_a_deleted_webhook_hears_nothing(admin, sara, other):
    hook, _secret = webhook(admin, other.url)
    converted(sara)
    webhooks.delete(hook, by=admin)
    assert (work_off(), Task.objects.count(), other.got) == (1, 0, [])


def test_every_active_webhook_hears_of_it(admin, sara, other):
    for place in range(3):
        webhook(admin, f"{other.url}&n={place}")
    converted(sara)
    assert (work_off(), sorted(one["path"] for one in other.got)) == (3, [f"/hook?a=1&n={n}" for n in range(3)])


def test_a_conversion_that_fails_tells_nobody(admin, sara, other, monkeypatch):
    webhook(admin, other.url)
    monkeypatch.setattr("leads.conversion.announce._message", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        converted(sara)
    assert (WebhookDelivery.objects.count(), Task.objects.count()) == (0, 0)


def test_the_same_message_is_written_down_once(admin, other):
    hook, _secret = webhook(admin, other.url)
    message = Message(id="lead-converted-1", event="lead.converted", time="t", content={})
    post(messages=[message], webhooks=[hook.pk])
    with pytest.raises(IntegrityError), transaction.atomic():
        post(messages=[message], webhooks=[hook.pk])
    assert WebhookDelivery.objects.count() == 1


def test_what_was_delivered_long_ago_leaves_the_log(admin, sara, other):
    webhook(admin, other.url)
    other.statuses = [200, 200, 410]
    old = timezone.now() - dt.timedelta(days=91)
    for _ in range(3):
        converted(sara)
        work_off()
        WebhookDelivery.objects.update(created_at=old)
    converted(sara)
    other.statuses = [200]
    work_off()
    assert sorted(WebhookDelivery.objects.values_list("state", flat=True)) == ["delivered", "due"]


def test_a_task_that_runs_twice_sends_once(admin, sara, other):
    webhook(admin, other.url)
    converted(sara)
    delivery = WebhookDelivery.objects.get()
    webhooks.send(delivery=delivery.pk)
    webhooks.send(delivery=delivery.pk)
    assert len(other.got) == 1


def test_no_statement_without_a_webhook_and_two_with_some(admin, sara, other):
    def count():
        lead = LeadFactory(assigned_to=sara)
        with CaptureQueriesContext(connection) as done:
            convert(lead.pk, Order(parts=BOTH), by=sara)
        return len(done)

    count()
    without = count()
    for place in range(3):
        webhook(admin, f"{other.url}&n={place}")
    assert count() - without == 2


def test_a_new_secret_signs_what_waits(admin, sara, other):
    hook, old = webhook(admin, other.url)
    converted(sara)
    new = webhooks.renew_secret(hook, by=admin)
    work_off()
    assert (verified(new, other.got[0]), verified(old, other.got[0])) == (True, False)


def test_only_administrators_may(sara, manager, admin, other):
    hook, _secret = webhook(admin, other.url)
    for user in (sara, manager):
        for attempt in (
            lambda: webhooks.save(Webhook(name="x", url=other.url), by=user),  # noqa: B023
            lambda: webhooks.renew_secret(hook, by=user),  # noqa: B023
            lambda: webhooks.delete(hook, by=user),  # noqa: B023
            lambda: webhooks.send_test(hook, by=user),  # noqa: B023
        ):
            with pytest.raises(PermissionDenied):
                attempt()


PRIVATE = (
    "http://127.0.0.1/", "http://localhost/", "http://LOCALHOST./", "https://10.0.0.8/", "http://192.168.1.1:8080/x",
    "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[fd00::1]/",
    "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://0.0.0.0/", "http://100.64.0.1/", "http://224.0.0.1/",
    "http://2130706433/", "http://0x7f.1/", "http://127.1/",
)  # fmt: skip


@pytest.mark.parametrize("url", PRIVATE)
def test_private_addresses_are_refused(url, settings):
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = False
    with pytest.raises(posting.Unreachable):
        posting.post(url, b"{}", {})


OLD_WAYS = (
    "http://[::127.0.0.1]/", "http://[::ffff:0:127.0.0.1]/", "http://[64:ff9b:1::7f00:1]/", "http://[fec0::1]/",
)  # fmt: skip


@pytest.mark.parametrize("url", OLD_WAYS)
def test_no_old_or_local_way_of_ipv6_to_an_ipv4_address_is_taken(url, settings):
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = False
    assert "private network" in posting.problem(url)


def test_a_handshake_that_trickles_in_is_cut_off(monkeypatch, settings):
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    monkeypatch.setattr(posting, "WHOLE_TIMEOUT", 0.3)
    closing = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def trickle():
            link, _address = server.accept()
            with link, suppress(OSError):
                link.sendall(b"\x16\x03\x03\x40\x00")  # the head of a long record of the handshake
                while not closing.wait(0.05):
                    link.sendall(b"\0")

        threading.Thread(target=trickle, daemon=True).start()
        began = time.monotonic()
        with pytest.raises(posting.Unreachable):
            posting.post(f"https://127.0.0.1:{server.getsockname()[1]}/", b"{}", {})
        closing.set()
    assert time.monotonic() - began < 3


def test_a_name_that_leads_into_the_private_network_is_refused_when_it_is_sent(settings, monkeypatch, other):
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = False
    entry = lambda address: (2, 1, 6, "", (address, 80))  # noqa: E731
    monkeypatch.setattr(posting.socket, "getaddrinfo", lambda *_a, **_k: [entry("93.184.216.34"), entry("127.0.0.1")])
    assert posting.problem("http://rebound.example.com/") == ""
    with pytest.raises(posting.Unreachable, match="private network"):
        posting.post("http://rebound.example.com/", b"{}", {})
    assert other.got == []


@pytest.mark.parametrize(
    "url",
    ["ftp://example.com/", "file:///etc/passwd", "javascript:alert(1)", "//example.com", "example.com", "", "http://",
     "http://user:pass@example.com/", "http://exa mple.com/", "http://example.com/\r\nX: y", "http://example.com:99999/",
     "http://[::1", "gopher://example.com"],
)  # fmt: skip
def test_what_is_no_address_is_refused(url):
    assert posting.problem(url) != ""
