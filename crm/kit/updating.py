"""Updating many rows in one statement, each with its own values; `bulk_update` asks for every value of every row apart."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from django.db import connection, models


def update(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Write these columns of rows of one model, as the objects hold them; as few statements as the database allows."""
    if not rows:
        return
    meta: Any = rows[0]._meta
    fields = [meta.get_field(name) for name in names]
    quote, table = connection.ops.quote_name, connection.ops.quote_name(meta.db_table)
    columns = ", ".join(f"{quote(one.column)} = {_told(number, one)}" for number, one in enumerate(fields, start=2))
    mark = f"({', '.join(['%s'] * (len(fields) + 1))})"
    limit = connection.features.max_query_params
    step = max(1, limit // (len(fields) + 1)) if limit else len(rows)
    with connection.cursor() as cursor:
        for start in range(0, len(rows), step):
            part = rows[start : start + step]
            values = [(row.pk, *(_value(one, row) for one in fields)) for row in part]
            cursor.execute(
                f"UPDATE {table} SET {columns} FROM (VALUES {', '.join([mark] * len(part))}) AS told "
                f"WHERE {table}.{quote(meta.pk.column)} = told.column1",
                list(chain.from_iterable(values)),
            )


def _told(number: int, field: Any) -> str:
    """The value that was sent. PostgreSQL has to hear its type; a length there would cut it off instead of refusing it."""
    cast = f"::{field.db_type(connection).partition('(')[0]}" if connection.vendor == "postgresql" else ""
    return f"told.column{number}{cast}"


def _value(field: Any, row: models.Model) -> Any:
    return field.get_db_prep_save(field.pre_save(row, add=False), connection)
