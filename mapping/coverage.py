"""How much of what leads know reaches a target, and what does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection

from crm.fields import registry
from crm.fields.registry import Field
from mapping.table import Mapping

# The conversion itself takes care of these, so that they need no mapping.
HANDLED = frozenset({"assigned_to", "lead_status", "created_at", "created_by", "modified_at", "modified_by"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmapped:
    """A lead field that no row carries, and how many open leads hold a value in it."""

    field: Field
    open_leads: int


class Reach(NamedTuple):
    """How many of the mappable lead fields reach a target, and of how many."""

    reached: int
    total: int

    @property
    def missing(self) -> int:
        return self.total - self.reached


def mappable() -> list[Field]:
    """The lead's fields that a mapping could carry."""
    return [field for field in registry.module("lead").fields.values() if field.key not in HANDLED]


def reach(mapping: Mapping) -> Reach:
    keys = {field.key for field in mappable()}
    return Reach(len(keys & _carried(mapping)), len(keys))


def _carried(mapping: Mapping) -> set[str]:
    return {arrow.source for arrow in mapping.arrows if arrow.problem is None}


def unmapped(mapping: Mapping) -> list[Unmapped]:
    """The lead fields that no sound row carries, those that most open leads hold first; counted in one statement."""
    carried = _carried(mapping)
    fields = [field for field in mappable() if field.key not in carried]
    if not fields:
        return []
    counts = _counts(fields)
    found = [Unmapped(field=field, open_leads=counts.get(field.key, 0)) for field in fields]
    return sorted(found, key=lambda one: -one.open_leads)


def _counts(fields: Sequence[Field]) -> dict[str, int]:
    """How many open leads hold a value in each field. Each lead's custom values are gone through once, however many fields ask."""
    leads: Any = registry.module("lead").model._default_manager
    custom = [field.key for field in fields if field.custom]
    standard = [field for field in fields if not field.custom]
    opened, values = (
        leads.order_by().values_list("custom", *(field.column for field in standard)).query.sql_with_params()
    )
    parts = [f"SELECT '{field.key}', COUNT(*) FROM opened WHERE {_is_filled(field)}" for field in standard]
    if custom:
        each = EACH_KEY[connection.vendor]
        parts.append(
            f"SELECT each.key, COUNT(*) FROM opened, {each} WHERE each.key IN ({', '.join(['%s'] * len(custom))}) GROUP BY each.key"
        )
    with connection.cursor() as cursor:
        cursor.execute(f"WITH opened AS ({opened}) {' UNION ALL '.join(parts)}", [*values, *custom])
        return dict(cursor.fetchall())


EACH_KEY = {"sqlite": "json_each(opened.custom) AS each", "postgresql": "jsonb_object_keys(opened.custom) AS each(key)"}


def _is_filled(field: Field) -> str:
    """The condition in SQL; 0 and false are values (PRODUCT §4.4)."""
    column = connection.ops.quote_name(field.column)
    is_text = field.kind.size == "length" or field.kind.chooses
    return f"{column} IS NOT NULL AND {column} <> ''" if is_text else f"{column} IS NOT NULL"
