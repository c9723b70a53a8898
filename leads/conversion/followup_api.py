"""The follow-up task of a conversion as the API takes it: {"subject": "Call", "due_at": "2026-12-01T09:00:00Z", "assigned_to": 3}."""

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from crm.fields import registry
from leads.conversion.order import FollowUp

KEYS = {"subject", "due_at", "assigned_to"}


def followup_from(sent: object, errors: dict[str, Any]) -> FollowUp | None:
    """Read it; None for none. What is wrong goes into `errors`."""
    if sent is None:
        return None
    if not isinstance(sent, dict):
        errors["follow_up"] = ["Send an object, or null for none."]
        return None
    wrong: dict[str, list[str]] = {name: [registry.unknown_field(name)] for name in sent if name not in KEYS}
    subject, owner = sent.get("subject"), sent.get("assigned_to")
    if not isinstance(subject, str) or not subject.strip() or "\0" in subject:
        wrong["subject"] = ["Send a text."]
    if owner is not None and (not isinstance(owner, int) or isinstance(owner, bool) or not 0 < owner < 2**63):
        wrong["assigned_to"] = ["Send the id of a user."]
    due_at = _moment(sent.get("due_at"), wrong)
    if wrong:
        errors["follow_up"] = wrong
        return None
    return FollowUp(subject=str(subject), due_at=due_at, assigned_to=owner)


def _moment(sent: object, wrong: dict[str, list[str]]) -> dt.datetime | None:
    if sent is None:
        return None
    try:
        found = parse_datetime(sent) if isinstance(sent, str) else None
    except ValueError:
        found = None
    if found is None:
        wrong["due_at"] = ["Send a date and time as ISO 8601 has it."]
        return None
    return timezone.make_aware(found) if timezone.is_naive(found) else found
