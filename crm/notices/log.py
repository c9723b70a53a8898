"""The deliveries of a webhook as its page shows them."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from crm.notices.models import Webhook, WebhookDelivery
from crm.notices.pages import key_of

ON_A_PAGE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try: when, what status came (None: none), after how long, and what the answer or the problem was."""

    at: dt.datetime
    status: int | None
    ms: int | None
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    delivery: WebhookDelivery
    tries: list[Try]

    @property
    def latest(self) -> Try | None:
        return self.tries[0] if self.tries else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    lines: list[Line]
    older: int | None  # the key to go on from


def page_of(webhook: Webhook, query: Mapping[str, Any]) -> Page:
    """The newest deliveries, or those before a key; one statement."""
    deliveries = webhook.deliveries.order_by("-pk")
    if before := key_of(str(query.get("before", ""))):
        deliveries = deliveries.filter(pk__lt=before)
    found = list(deliveries[: ON_A_PAGE + 1])
    older = found[ON_A_PAGE - 1].pk if len(found) > ON_A_PAGE else None
    return Page(lines=[_line(one) for one in found[:ON_A_PAGE]], older=older)


def _line(delivery: WebhookDelivery) -> Line:
    return Line(delivery=delivery, tries=[_try(**entry) for entry in delivery.log])


def _try(*, at: str, status: int | None, ms: int | None, answer: str) -> Try:
    """A line of the log; what we said ourselves is said in the reader's language, a receiver's answer as it came."""
    words = _(answer) if status is None and answer else answer
    return Try(at=dt.datetime.fromisoformat(at), status=status, ms=ms, answer=words)
