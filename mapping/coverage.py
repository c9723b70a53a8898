"""How much of what leads know reaches a target, and what does not."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from crm.fields import kinds, registry
from crm.fields.registry import Field
from mapping.table import Mapping

# The conversion itself takes care of these, so that they need no mapping.
HANDLED = frozenset({"assigned_to", "lead_status", "created_at", "created_by", "modified_at", "modified_by"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmapped:
    """A lead field that no row carries, and how many open leads hold a value in it."""

    field: Field
    open_leads: int


def mappable() -> list[Field]:
    """The lead's fields that a mapping could carry."""
    return [field for field in registry.module("lead").fields.values() if field.key not in HANDLED]


def reach(mapping: Mapping) -> tuple[int, int]:
    """How many of the mappable lead fields reach a target, and of how many."""
    keys = {field.key for field in mappable()}
    return len(keys & _carried(mapping)), len(keys)


def _carried(mapping: Mapping) -> set[str]:
    return {arrow.source for arrow in mapping.arrows if arrow.problem is None}


def unmapped(mapping: Mapping) -> list[Unmapped]:
    """The lead fields that no sound row carries, counted in one statement."""
    carried = _carried(mapping)
    fields = [field for field in mappable() if field.key not in carried]
    if not fields:
        return []
    leads: Any = registry.module("lead").model._default_manager
    counts = leads.aggregate(**{field.key: Count("pk", filter=_is_filled(field)) for field in fields})
    return [Unmapped(field=field, open_leads=counts[field.key]) for field in fields]


def _is_filled(field: Field) -> Q:
    if field.custom:
        return Q(custom__has_key=field.key)
    empty = Q(**{f"{field.column}__isnull": True})
    if field.kind not in (
        kinds.CHECKBOX,
        kinds.INTEGER,
        kinds.CURRENCY,
        kinds.DECIMAL,
        kinds.PERCENT,
        kinds.DATE,
        kinds.DATETIME,
        kinds.TIME,
    ):
        empty |= Q(**{field.column: ""})
    return ~empty
