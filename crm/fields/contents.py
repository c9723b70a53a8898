"""What records hold in a custom field: looked through before a change, and rewritten with it."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from crm.fields import dictionary, guards, registry, values
from crm.fields.kind import is_empty
from crm.fields.kinds import KINDS, MULTIPICKLIST
from crm.fields.lists import users_of
from crm.fields.models import CustomField
from crm.fields.registry import Field

CHUNK = 500
SEARCHED_KINDS = ("text", "email", "phone", "url")


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


def count_options(field: CustomField) -> int:
    """How many options the field's list offers, if its type has one."""
    options = dictionary.options(f"{field.module}.{field.key}") if KINDS[field.kind].chooses else []
    return sum(1 for option in options if not option.retired)


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
    now = timezone.now()
    for records in _chunks(field):
        for record in records:
            record.custom = {**record.custom, field.key: as_new_type(record.custom[field.key], before, after)}
            record.modified_at, record.modified_by_id = now, by.pk
        _update(records, ["custom", "modified_at", "modified_by"])


def work_out_anew(field: CustomField) -> None:
    """Bring the search words of the records that hold something up to date: the field was retired, or came back."""
    if field.kind in SEARCHED_KINDS:
        dictionary.forget()
        for records in _chunks(field):
            _update(records, [])


def _chunks(field: CustomField) -> Iterator[list[Any]]:
    pks = list(holders(field).values_list("pk", flat=True))
    for start in range(0, len(pks), CHUNK):
        yield list(holders(field).filter(pk__in=pks[start : start + CHUNK]))


def _update(records: list[Any], columns: list[str]) -> None:
    """Save these columns and those that are worked out from others, in one statement."""
    model = type(records[0])
    derived = [column for column in model._meta.concrete_fields if not column.editable]
    for record in records:
        for column in derived:
            column.pre_save(record, False)
    model._base_manager.bulk_update(records, [*columns, *(column.name for column in derived)])


def count_empty(field: Field) -> int:
    """How many records in use hold nothing in a field, standard or custom."""
    return registry.module(field.module).model._default_manager.filter(values.empty(field)).count()


def count_by_option(list_key: str) -> dict[str, int]:
    """How many records in use hold each option of a list, one statement for each field that uses it."""
    counts = guards.held_by_rows(list_key)
    options = dictionary.options(list_key)
    for field in users_of(list_key):
        records: Any = registry.module(field.module).model._default_manager
        held = {f"option{number}": Count("pk", filter=_holds(field, one.value)) for number, one in enumerate(options)}
        found = records.aggregate(**held) if held else {}
        counts.update({one.value: found[f"option{number}"] for number, one in enumerate(options)})
    return counts


def _holds(field: Field, option: str) -> Q:
    if field.kind is MULTIPICKLIST:
        return values.holds(field, option)
    return values.compare(field, "exact", option)
