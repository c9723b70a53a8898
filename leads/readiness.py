"""How ready a lead is to be converted: shown beside it, never a wall."""

from dataclasses import dataclass
from typing import Any

from crm.fields import registry
from crm.fields.kind import is_empty
from leads.conversion.draft import Loss, draft
from leads.models import Lead

QUALIFIED = "Qualified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    is_qualified: bool
    missing: list[str]  # labels of mandatory fields without a value
    lost: list[Loss]  # values that no mapping carries


def readiness(lead: Lead, user: Any) -> Readiness:
    """What still speaks against converting this lead."""
    fields = registry.module("lead").editable()
    return Readiness(
        is_qualified=lead.lead_status == QUALIFIED,
        missing=[str(field.label) for field in fields if field.required and is_empty(field.get(lead))],
        lost=draft(lead, by=user, related=False).losses(),
    )
