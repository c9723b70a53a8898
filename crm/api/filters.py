"""What a list may be asked for: search, order and field filters, each checked against the registry."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.http import QueryDict
from rest_framework import exceptions

from crm.fields import kinds, registry, values
from crm.fields.kind import Kind, is_empty
from crm.lists.paging import Sort
from crm.lists.selection import has_empty

RESERVED = {"search", "ordering", "cursor", "page_size", "format"}
COMPARED = (*values.NUMBERS, *values.MOMENTS)
SORTED = (kinds.TEXT, kinds.PICKLIST, kinds.EMAIL, kinds.PHONE, kinds.URL)
ALWAYS_SORTED = {"id": "id", "number": "id", "created_at": "created_at", "modified_at": "modified_at"}


def lookups(field: registry.Field) -> tuple[str, ...]:
    """What may stand behind the field's key and two underscores."""
    kind = field.kind
    if kind is kinds.MULTIPICKLIST:
        return ("isnull",)
    if kind in COMPARED:
        return ("gte", "lte", "gt", "lt", "not", "isnull")
    if kind in values.TEXTS:
        return ("contains", "startswith", "not", "isnull")
    return ("in", "not", "isnull")


def filtered(records: QuerySet[Any], module: registry.Module, sent: QueryDict) -> QuerySet[Any]:
    """Apply the query string to the records. A parameter that is no filter is refused by name."""
    errors: dict[str, list[str]] = {}
    for name in sent:
        if name in RESERVED:
            continue
        try:
            records = records.filter(_condition(module, name, str(sent[name])))
        except KeyError:
            errors[name] = [registry.unknown_field(name)]
        except ValidationError as error:
            errors[name] = error.messages
    if errors:
        raise exceptions.ValidationError(errors)
    text = sent.get("search", "").replace("\0", "")[:200]
    return records.matching(text) if text.strip() else records  # type: ignore[attr-defined]


def _condition(module: registry.Module, name: str, raw: str) -> Q:
    """One parameter: a field's key, or key__lookup; `custom__` may stand in front of a custom field's."""
    key, mark, lookup = name.removeprefix("custom__" if name.startswith("custom__cf_") else "").partition("__")
    field = module.fields[key]
    if mark and lookup not in lookups(field):
        raise KeyError(name)
    if lookup == "isnull":
        is_empty = kinds.CHECKBOX.parse(raw, field)
        return values.empty(field) if is_empty else ~values.empty(field)
    if lookup == "in":
        return values.compare(field, "in", [_value(field, one) for one in raw.split(",")])
    value = _value(field, raw)
    if lookup in ("contains", "startswith"):
        return values.compare(field, f"i{lookup}", value)
    if lookup == "not":
        return ~_equal(field, value) | values.empty(field)
    return values.compare(field, lookup, value) if lookup else _equal(field, value)


def _equal(field: registry.Field, value: Any) -> Q:
    if is_empty(value):
        return values.empty(field)
    if field.kind is kinds.MULTIPICKLIST:
        return values.holds(field, value)
    return values.compare(field, "exact", value)


def _value(field: registry.Field, raw: str) -> Any:
    """Parse the value that is asked for; a picklist may hold values that its list no longer knows."""
    Kind.check(kinds.TEXT, raw, registry.Field(key=field.key, label=field.label, kind=kinds.TEXT, length=1000))
    return raw if field.kind.chooses else field.kind.parse(raw, field)


def sort(module: registry.Module, sent: QueryDict) -> Sort | None:
    """The order that is asked for if it is one field's; None if it is several fields'. Refuses what has no order."""
    wanted = [part for part in sent.get("ordering", "-created_at").split(",") if part] or ["-created_at"]
    if len(wanted) > 1:
        return None
    key, descending = wanted[0].removeprefix("-"), wanted[0].startswith("-")
    if key in ("id", "number"):
        return Sort(key=key, value=F("pk"), descending=descending, has_empty=False)
    field = module.fields.get(key)
    value = values.order(field) if field else None
    if field is None or value is None:
        raise exceptions.ValidationError({"ordering": [f"The list can't be ordered by “{key}”."]})
    return Sort(key=key, value=value, descending=descending, has_empty=has_empty(field, module))


def ordering(module: registry.Module, sent: QueryDict) -> tuple[str, ...]:
    """The order by several fields that is asked for, as model columns, made total by the primary key."""
    wanted = [part for part in sent.get("ordering", "-created_at").split(",") if part]
    columns = list(_columns(module, wanted))
    return (*columns, "-id" if columns and columns[0].startswith("-") else "id")


def _columns(module: registry.Module, wanted: list[str]) -> Iterator[str]:
    for part in wanted:
        key = part.removeprefix("-")
        field = module.fields.get(key)
        is_sorted = field is not None and not field.custom and (field.kind in SORTED or key == "closing_date")
        if key not in ALWAYS_SORTED and not is_sorted:
            raise exceptions.ValidationError({"ordering": [f"The list can't be ordered by “{key}”."]})
        yield ("-" if part.startswith("-") else "") + ALWAYS_SORTED.get(key, key)
