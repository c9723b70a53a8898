"""Inserting many rows in one statement, several times faster than `bulk_create`, which asks for each value how to write it."""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)
# What these hold goes to the driver as it is.
_PLAIN = (models.CharField, models.TextField, models.BooleanField, models.IntegerField, models.ForeignKey)


def insert(rows: Sequence[M]) -> Sequence[M]:
    """Insert rows of one model and give them their primary keys; nothing is validated. As few statements as the database allows."""
    if not rows:
        return rows
    meta: Any = rows[0]._meta
    fields = [field for field in meta.concrete_fields if field is not meta.pk]
    writers = [_writer(field) for field in fields]
    quote = connection.ops.quote_name
    head = f"INSERT INTO {quote(meta.db_table)} ({', '.join(quote(field.column) for field in fields)}) VALUES "
    mark = f"({', '.join(['%s'] * len(fields))})"
    step = _rows_at_once(len(fields), len(rows))
    with connection.cursor() as cursor:
        for start in range(0, len(rows), step):
            part = rows[start : start + step]
            values = [[write(row) for write in writers] for row in part]
            sql = f"{head}{', '.join([mark] * len(part))} RETURNING {quote(meta.pk.column)}"
            cursor.execute(sql, list(chain.from_iterable(values)))
            for row, (key,) in zip(part, cursor.fetchall(), strict=True):
                row.pk = key
                row._state.adding, row._state.db = False, connection.alias
    return rows


def _rows_at_once(columns: int, rows: int) -> int:
    limit = connection.features.max_query_params
    return max(1, limit // columns) if limit else rows


def _writer(field: Any) -> Callable[[Any], Any]:
    """How the driver gets a row's value of this field."""
    name = field.attname
    if type(field).pre_save is not models.Field.pre_save:
        return lambda row: field.get_db_prep_save(field.pre_save(row, add=True), connection)
    if isinstance(field, _PLAIN):
        return lambda row: getattr(row, name)
    return lambda row: field.get_db_prep_save(getattr(row, name), connection)
