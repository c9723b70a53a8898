"""What a list may be asked for: search, order and field filters, each checked against the registry."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import QueryDict
from rest_framework import exceptions

from crm.fields import kinds, registry
from crm.fields.kind import Kind

RESERVED = {"search", "ordering", "cursor", "page_size", "format"}
RANGES = ("__gte", "__lte")
COMPARED = (kinds.INTEGER, kinds.DECIMAL, kinds.CURRENCY, kinds.PERCENT, kinds.DATE, kinds.DATETIME)
SORTED = (kinds.TEXT, kinds.PICKLIST, kinds.EMAIL, kinds.PHONE, kinds.URL)
ALWAYS_SORTED = {"id": "id", "number": "id", "created_at": "created_at", "modified_at": "modified_at"}


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
    key = name.removeprefix("custom__") if name.startswith("custom__cf_") else name
    lookup = next((suffix for suffix in RANGES if key.endswith(suffix)), "")
    field = module.fields[key.removesuffix(lookup)]
    if field.custom != name.startswith("custom__") or (lookup and field.kind not in COMPARED):
        raise KeyError(name)
    value = _value(field, raw)
    if field.custom:
        return Q(**{f"custom__{field.key}{lookup}": field.kind.store(value)})
    return Q(**{f"{field.column}{lookup}": value})


def _value(field: registry.Field, raw: str) -> Any:
    """Parse the value that is asked for; a picklist may hold values that its list no longer knows."""
    Kind.check(kinds.TEXT, raw, registry.Field(key=field.key, label=field.label, kind=kinds.TEXT, length=1000))
    return raw if field.kind.chooses else field.kind.parse(raw, field)


def ordering(module: registry.Module, sent: QueryDict) -> tuple[str, ...]:
    """The order that is asked for, as model columns, made total by the primary key."""
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
