"""An index for a custom field that lists are often filtered or sorted by: made on request, put back after migrations."""

import hashlib
import time
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import ProgrammingError, connection, transaction
from django.db.models import F, Index

from crm.fields import registry, values
from crm.fields.kinds import MULTIPICKLIST
from crm.fields.models import CustomField
from crm.fields.mutex import changing
from crm.fields.rights import require

CHANGE = "fields.change_customfield"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What an index took to make, in seconds, and takes on the disk, in bytes."""

    seconds: float
    size: int


def can_be_indexed(field: CustomField) -> bool:
    """Tell whether an index would help: a multi-select is searched inside, where none reaches."""
    return field.kind != MULTIPICKLIST.key and field.retired_at is None


def index_field(field: CustomField, *, by: Any) -> Cost | None:
    """Make the field's index, and say what it cost. Lists that filter or sort by the field use it from now on.

    None where the product's database role may not change tables: the next `migrate`, run by their owner, makes it.
    """
    require(by, CHANGE)
    before, began = _used(), time.monotonic()
    with changing():
        fresh = CustomField.objects.select_for_update().get(pk=field.pk)
        is_made = _execute(_creation(fresh))
        fresh.is_indexed = True
        fresh.save(update_fields=["is_indexed"])
    if not is_made:
        return None
    return Cost(seconds=time.monotonic() - began, size=max(0, _size(fresh, before)))


def drop_index(field: CustomField, *, by: Any) -> None:
    """Take the field's index away."""
    require(by, CHANGE)
    with changing():
        fresh = CustomField.objects.select_for_update().get(pk=field.pk)
        drop(fresh)
        fresh.is_indexed = False
        fresh.save(update_fields=["is_indexed"])


def create(field: CustomField) -> bool:
    """Make the indexes that are not there yet."""
    return _execute(_creation(field))


def drop(field: CustomField) -> bool:
    """Take away whatever index the field has, as it is or as another type had it."""
    names = [connection.ops.quote_name(_name(field, number)) for number in range(2)]
    return _execute([f"DROP INDEX IF EXISTS {name}" for name in names])


def _creation(field: CustomField) -> list[str]:
    model = registry.module(field.module).model
    writer: Any = connection.SchemaEditorClass(connection)
    statements = [str(index.create_sql(model, writer)) for index in _indexes(field)]
    return [statement.replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS", 1) for statement in statements]


def _execute(statements: list[str]) -> bool:
    """Execute the statements; False if the database role may not."""
    if connection.vendor == "postgresql":
        connection.check_constraints()  # it makes no index of a table whose rows wait for their foreign keys to be checked
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    except ProgrammingError:  # "must be owner of table"
        return False
    return True


def refresh(field: CustomField) -> None:
    """Make the index anew after the field got another type; a retired field has none."""
    if field.is_indexed:
        drop(field)
        field.is_indexed = can_be_indexed(field)
        field.save(update_fields=["is_indexed"])
        if field.is_indexed:
            create(field)


def install(**_signal: Any) -> None:
    """Put the indexes back that a rebuilt table lost (SQLite's migrations rebuild tables), and finish what a role might not do."""
    tables = connection.introspection.table_names()
    for field in apps.get_model("fields.CustomField").objects.all():
        if registry.module(field.module).model._meta.db_table in tables:
            create(field) if field.is_indexed and field.retired_at is None else drop(field)


def _indexes(field: CustomField) -> list[Index]:
    expressions = values.indexed(field.as_field())
    return [Index(expression, F("pk"), name=_name(field, number)) for number, expression in enumerate(expressions)]


def _name(field: CustomField, number: int) -> str:
    digest = hashlib.sha256(f"{field.module}.{field.key}".encode()).hexdigest()[:16]
    return f"custom_{digest}_{number}"


def _used() -> int:
    """How many bytes SQLite's file has in use."""
    if connection.vendor != "sqlite":
        return 0
    found = []
    with connection.cursor() as cursor:
        for name in ("page_count", "freelist_count", "page_size"):
            cursor.execute(f"PRAGMA {name}")
            found.append(cursor.fetchone()[0])
    pages, free, size = found
    return int((pages - free) * size)


def _size(field: CustomField, before: int) -> int:
    if connection.vendor == "sqlite":
        return _used() - before
    names = [index.name for index in _indexes(field)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(SUM(pg_relation_size(c.oid)), 0) FROM pg_class c WHERE c.relname = ANY(%s)", [names]
        )
        return int(cursor.fetchone()[0])
