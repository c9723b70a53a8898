"""What a record must satisfy before it is written, the same on every database and on every way in."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Model
from django.utils.translation import gettext as _

from crm.fields import registry
from crm.fields.kind import is_empty, missing
from crm.fields.kinds import LINK, USER
from crm.people.models import User
from crm.records.base import Mergeable, Record


def validate(record: Record, *, by: Any, only: Collection[str] | None = None, trusted: Collection[str] = ()) -> None:
    """Check the record's fields (or `only` some of them) in the name of `by`; raise one ValidationError with all errors by key.

    `trusted` fields hold values that were stored before: they need not satisfy rules that came later.
    """
    errors: dict[str, list[str]] = {}
    values = record.module.read(record)
    for field in record.module.editable():
        is_asked = only is None or field.key in only
        if not is_asked or (field.key in trusted and not field.required):
            continue
        value = values[field.key]
        if is_empty(value):
            error = [missing(field)] if field.required else []
        else:
            error = [] if field.key in trusted else _error(field, value, record, by)
        if error:
            errors[field.key] = error
    if errors:
        raise ValidationError(errors)


def _error(field: registry.Field, value: Any, record: Record, by: Any) -> list[str]:
    try:
        field.kind.check(value, field)
    except ValidationError as error:
        return error.messages
    if field.kind not in (LINK, USER):
        return []
    if field.to == record.module.key and value == record.pk:
        return [_("Choose another record: this one can't point at itself.")]
    return [] if _is_known(field, record, by) else [_("Choose a record that you may see.")]


def _is_known(field: registry.Field, record: Record, by: Any) -> bool:
    """Tell whether the link points at an active user, or at a record that `by` may see."""
    pk = field.get(record)
    if field.kind is USER:
        return bool(pk == by.pk or User.objects.filter(pk=pk, is_active=True).exists())
    if field.to in {module.key for module in registry.modules()}:
        model = registry.module(field.to).model
        return bool(model._default_manager.visible_to(by).filter(pk=pk).exists()) and hold(model, pk)  # type: ignore[attr-defined]
    related = record._meta.get_field(field.key).related_model
    return bool(related._default_manager.filter(pk=pk).exists())  # type: ignore[union-attr]


def hold(model: type[Model], pk: int) -> bool:
    """Keep a record from being merged into another until the transaction ends; tells whether it was not merged before.

    Who links to it needs that. SQLite lets only one transaction write anyway. PostgreSQL locks the row as a foreign key
    does, which is in nobody's way but that of a merge or a deletion.
    """
    if not issubclass(model, Mergeable) or connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(model._meta.db_table)
        cursor.execute(f"SELECT merged_into_id FROM {table} WHERE id = %s FOR KEY SHARE", [pk])
        return bool(cursor.fetchone() == (None,))
