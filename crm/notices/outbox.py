"""Telling the world: written down in the transaction of what happened, sent by the worker after it is committed, or never."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Aggregate, JSONField, Subquery

from crm.jobs.models import Task
from crm.notices.models import Notification, Webhook, WebhookDelivery

SEND_WEBHOOK = "send-webhook"
SEND_EMAIL = "send-email"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What other programs are told. The same `id` is never sent to a webhook as two messages."""

    id: str
    event: str
    time: str  # ISO 8601
    content: Mapping[str, Any]  # under the name of what it is about: {"conversion": {…}}

    def body(self) -> str:
        """The JSON text that is signed and sent."""
        return json.dumps({"event": self.event, "id": self.id, "time": self.time, **self.content}, ensure_ascii=False)


class _Keys(Aggregate):
    """All values of a column as one JSON list."""

    function = "JSONB_AGG"
    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, function="JSON_GROUP_ARRAY", **context)


def active_webhooks() -> Subquery:
    """The keys of the active webhooks, for the statement of somebody who reads something else anyway; None for none."""
    active = Webhook.objects.filter(is_active=True).order_by()
    return Subquery(active.values("is_active").annotate(keys=_Keys("pk")).values("keys"), output_field=JSONField())


def post(
    *, notifications: Sequence[Notification] = (), messages: Sequence[Message] = (), webhooks: Sequence[int] = ()
) -> None:
    """Write down notifications, and the messages for each of these webhooks: at most three statements, none for nothing."""
    Notification.objects.bulk_create(notifications)
    deliveries = WebhookDelivery.objects.bulk_create(
        WebhookDelivery(webhook_id=pk, message=message.id, event=message.event, body=message.body())
        for message in messages
        for pk in webhooks
    )
    due = [one for one in notifications if one.email == Notification.Email.DUE]
    Task.objects.bulk_create(
        [
            *(Task(name=SEND_WEBHOOK, arguments={"delivery": one.pk}) for one in deliveries),
            *(Task(name=SEND_EMAIL, arguments={"notification": one.pk}) for one in due),
        ]
    )
