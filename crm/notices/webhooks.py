"""Webhooks: making them, sending what is due for one, and sending it again."""

import datetime as dt
import time
import uuid
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm.jobs.models import Task
from crm.jobs.tasks import Again, enqueue, task
from crm.notices import posting, signing
from crm.notices.models import Webhook, WebhookDelivery
from crm.notices.outbox import SEND_WEBHOOK, Message, post

# Seconds from a failed try to the next; after the last one the delivery has failed, and only a person sends it again.
BACK_OFF = (60, 5 * 60, 30 * 60, 2 * 3600, 12 * 3600, 24 * 3600)
KEPT_TRIES = 20
KEPT_DAYS = 90  # of what was delivered


def save(webhook: Webhook, *, by: Any) -> str:
    """Save a webhook. Returns the secret of a new one, which is not shown again, else ""."""
    _check(by)
    if webhook.pk:
        webhook.save(update_fields=["name", "url", "is_active"])
        return ""
    webhook.salt, webhook.created_by_id = signing.new_salt(), by.pk
    webhook.save(force_insert=True)
    return signing.secret(webhook.salt)


def renew_secret(webhook: Webhook, *, by: Any) -> str:
    """Give a webhook another secret and return it; from now on everything is signed with it."""
    _check(by)
    webhook.salt = signing.new_salt()
    webhook.save(update_fields=["salt"])
    return signing.secret(webhook.salt)


def delete(webhook: Webhook, *, by: Any) -> None:
    """Delete a webhook with its deliveries; what is due for it is not sent."""
    _check(by)
    webhook.delete()


def _check(by: AbstractBaseUser) -> None:
    if not by.has_perm("notices.change_webhook"):  # type: ignore[attr-defined]
        raise PermissionDenied


def send_test(webhook: Webhook, *, by: Any) -> None:
    """Have the worker send a message that says that it is a test."""
    _check(by)
    key, now = f"test-{uuid.uuid4()}", timezone.now().isoformat()
    with transaction.atomic():
        post(messages=[Message(id=key, event="test", time=now, content={})], webhooks=[webhook.pk])


def send_again(delivery: WebhookDelivery, *, by: Any) -> None:
    """Have the worker send a delivery now, whatever became of it before; its id stays the same."""
    _check(by)
    now = timezone.now()
    with transaction.atomic():
        seen = WebhookDelivery.objects.select_for_update().get(pk=delivery.pk)
        seen.state, seen.tries, seen.next_at = WebhookDelivery.State.DUE, 0, now
        seen.save(update_fields=["state", "tries", "next_at"])
        if not Task.objects.filter(name=SEND_WEBHOOK, arguments={"delivery": seen.pk}).update(run_at=now):
            enqueue(SEND_WEBHOOK, delivery=seen.pk)


@task(SEND_WEBHOOK)
def send(delivery: int) -> None:
    """Try a delivery that is due. Raises Again as long as another try makes sense."""
    found = WebhookDelivery.objects.select_related("webhook").filter(pk=delivery, state=WebhookDelivery.State.DUE)
    due = found.first()
    if due is None:
        return
    with translation.override("en"):  # the log is shown in the language of whoever reads it
        line, is_good = _try(due)
    pause = None if is_good or not due.webhook.is_active else next(iter(BACK_OFF[due.tries :]), None)
    states = WebhookDelivery.State
    WebhookDelivery.objects.filter(pk=due.pk).update(
        state=states.DELIVERED if is_good else states.FAILED if pause is None else states.DUE,
        tries=due.tries + 1,
        log=[{"at": timezone.now().isoformat(), **line}, *due.log][:KEPT_TRIES],
        next_at=None if pause is None else timezone.now() + dt.timedelta(seconds=pause),
    )
    if pause is not None:
        raise Again(pause)
    old = timezone.now() - dt.timedelta(days=KEPT_DAYS)
    due.webhook.deliveries.filter(state=states.DELIVERED, created_at__lt=old).delete()


def _try(due: WebhookDelivery) -> tuple[dict[str, Any], bool]:
    """Send it, and give the line for its log and whether the receiver took it."""
    if not due.webhook.is_active:
        return {"status": None, "ms": None, "answer": _("The webhook is switched off.")}, False
    now = int(time.time())
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "webhook-id": due.message,
        "webhook-timestamp": str(now),
        "webhook-signature": signing.signature(signing.secret(due.webhook.salt), due.message, now, due.body),
    }
    try:
        answer = posting.post(due.webhook.url, due.body.encode(), headers)
    except posting.Unreachable as error:
        return {"status": None, "ms": None, "answer": str(error)[: posting.EXCERPT]}, False
    return {"status": answer.status, "ms": answer.milliseconds, "answer": answer.excerpt}, answer.is_good
