"""What records hold in a custom field: looked through before a change, and rewritten with it."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from crm.fields import registry
from crm.fields.kind import is_empty
from crm.fields.models import CustomField
from crm.fields.registry import Field

CHUNK = 500


def holders(field: CustomField) -> QuerySet[Any]:
    """The records in use that hold something in the field."""
    return registry.module(field.module).model._default_manager.filter(custom__has_key=field.key)


def count_locked(field: CustomField) -> int:
    """How many records hold something and can't be changed any more: converted leads."""
    every = registry.module(field.module).model._base_manager.filter(custom__has_key=field.key)
    return every.count() - holders(field).count()


def _stored(field: CustomField) -> Iterator[Any]:
    """What each record in use holds, as it is stored."""
    for custom in holders(field).values_list("custom", flat=True).iterator(chunk_size=2000):
        yield custom[field.key]


def count_unfit(field: CustomField, after: Field) -> int:
    """How many records hold a value that is too long or too big for the field as it would be."""
    return sum(1 for stored in _stored(field) if not _fits(stored, after))


def _fits(stored: Any, field: Field) -> bool:
    try:
        field.kind.check(field.kind.load(stored), field)
    except (ValidationError, ValueError, TypeError, ArithmeticError):
        return False
    return True


def count_unreadable(field: CustomField, before: Field, after: Field) -> int:
    """How many records hold a value that can't be read as the new type."""
    return sum(1 for stored in _stored(field) if as_new_type(stored, before, after) is None)


def as_new_type(stored: Any, before: Field, after: Field) -> Any:
    """The stored value written as the new type stores it, or None if it can't be or is nothing."""
    try:
        value = after.kind.parse(_written(before.kind.load(stored), before, after), after)
    except (ValidationError, ValueError, TypeError, ArithmeticError):
        return None
    return None if is_empty(value) else after.kind.store(value)


def _written(value: Any, before: Field, after: Field) -> Any:
    """The value as somebody would type it into a field of the new type."""
    if after.kind.key == "multipicklist":
        return value if isinstance(value, list) else [str(value)]
    wired = before.kind.wire(value)
    if isinstance(wired, list):
        return ", ".join(wired)
    return str(wired) if not isinstance(wired, bool) else wired


def rewrite(field: CustomField, before: Field, after: Field, *, by: Any) -> None:
    """Write every record's value as the new type stores it."""
    model, now = registry.module(field.module).model, timezone.now()
    changed: list[Any] = []
    for record in holders(field).only("pk", "custom").iterator(chunk_size=CHUNK):
        record.custom = {**record.custom, field.key: as_new_type(record.custom[field.key], before, after)}
        record.modified_at, record.modified_by_id = now, by.pk
        changed.append(record)
        if len(changed) == CHUNK:
            model._base_manager.bulk_update(changed, ["custom", "modified_at", "modified_by"])
            changed.clear()
    if changed:
        model._base_manager.bulk_update(changed, ["custom", "modified_at", "modified_by"])
