"""Values of fields inside the database: the expressions by which lists filter and sort, and which an index must repeat.

A standard field is its column. A custom field is a place in the JSON column `custom`: texts, options, dates and times as text (ISO
8601, moments in UTC, so that their order is the order of time), numbers as numbers, checkboxes as booleans. Absent is empty.
The key is written into the SQL, for only a literal path finds its index on SQLite; so it is checked here, whoever calls.
"""

import re
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Q, Value
from django.db.models.expressions import Combinable, Expression
from django.db.models.functions import Concat, NullIf
from django.db.models.sql.compiler import SQLCompiler

from crm.fields import kinds
from crm.fields.registry import Field

KEY = re.compile(r"cf_[a-z0-9_]{1,59}")
NUMBERS = (kinds.INTEGER, kinds.DECIMAL, kinds.CURRENCY, kinds.PERCENT)
MOMENTS = (kinds.DATE, kinds.DATETIME, kinds.TIME)
TEXTS = (kinds.TEXT, kinds.TEXTAREA, kinds.EMAIL, kinds.PHONE, kinds.URL)
Sql = tuple[str, tuple[str | int, ...]]

# Letters whose code points don't follow the Persian alphabet, and a spelling that does.
LETTERS = (
    ("ک", "ك"), ("گ", "ك\uffff"), ("ی", "ي"), ("پ", "ب\uffff"), ("چ", "ج\uffff"), ("ژ", "ز\uffff"), ("و", "ن\uffff"),
)  # fmt: skip


class AsIs(models.Field):  # type: ignore[type-arg]
    """The type of a value that goes to the database and comes from it unchanged, whatever the database gives."""


class Derived(Expression):
    """An expression made of one other."""

    inner: Any

    def get_source_expressions(self) -> list[Any]:
        return [self.inner]

    def set_source_expressions(self, exprs: Any) -> None:
        (self.inner,) = exprs


class CustomValue(Derived):
    """A custom value as text: the base of all, and what texts, options, dates and times need."""

    sqlite, postgresql = "JSON_EXTRACT({column}, '$.{key}')", "({column} ->> '{key}') COLLATE \"C\""
    result: "type[models.Field[Any, Any]]" = models.TextField

    def __init__(self, key: str) -> None:
        if not KEY.fullmatch(key):
            raise ValueError(f"{key!r} is not the key of a custom field")
        super().__init__(output_field=self.result())
        self.key, self.inner = key, F("custom")

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Sql:
        column, params = compiler.compile(self.inner)
        template = self.postgresql if connection.vendor == "postgresql" else self.sqlite
        return template.format(column=column, key=self.key), params


class CustomNumber(CustomValue):
    """A number, also one with so many digits that it is kept as text; anything else counts as empty."""

    sqlite = "CAST(JSON_EXTRACT({column}, '$.{key}') AS NUMERIC)"
    postgresql = "(CASE WHEN {column} ->> '{key}' ~ '^-?[0-9]+([.][0-9]+)?$' THEN ({column} ->> '{key}')::numeric END)"
    result = AsIs


class CustomBoolean(CustomValue):
    sqlite = "JSON_EXTRACT({column}, '$.{key}')"
    postgresql = "(CASE {column} ->> '{key}' WHEN 'true' THEN true WHEN 'false' THEN false END)"
    result = AsIs


class HasOption(CustomValue):
    """Tell whether a custom multi-select holds an option."""

    sqlite = "EXISTS(SELECT 1 FROM JSON_EACH({column}, '$.{key}') WHERE value = %s)"
    postgresql = "COALESCE({column} -> '{key}' @> jsonb_build_array(%s::text), false)"
    result = models.BooleanField

    def __init__(self, key: str, option: str) -> None:
        super().__init__(key)
        self.option = option

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Sql:
        sql, params = super().as_sql(compiler, connection)
        return sql, (*params, self.option)


class PersianOrder(Derived):
    """A text respelt so that its plain order is alphabetical, Latin letters in one case; the same on every database."""

    def __init__(self, text: Combinable) -> None:
        super().__init__(output_field=models.TextField())
        self.inner = text

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Sql:
        sql, params = compiler.compile(self.inner)
        sql = f"LOWER({sql})"
        for letter, spelling in LETTERS:
            sql = f"REPLACE({sql}, '{letter}', '{spelling}')"
        return (f'{sql} COLLATE "C"' if connection.vendor == "postgresql" else sql), params


def value(field: Field) -> Combinable:
    """The field's value, as filters compare it with `stored` values."""
    if not field.custom:
        return F(field.column)
    if field.kind in NUMBERS:
        return CustomNumber(field.key)
    return CustomBoolean(field.key) if field.kind is kinds.CHECKBOX else CustomValue(field.key)


def order(field: Field) -> Combinable | None:
    """What the field is sorted by, NULL where it is empty; None for what has no order: multi-selects."""
    if field.kind is kinds.MULTIPICKLIST:
        return None
    if field.kind is kinds.USER:
        name = Concat(F(f"{field.key}__first_name"), Value(" "), F(f"{field.key}__last_name"))
        return PersianOrder(NullIf(name, Value(" ")))
    if field.kind is kinds.LINK:
        return F(f"{field.key}__name") if field.to == "campaign" else F(f"{field.key}__sort_name")
    known = value(field)
    if not field.custom and field.kind in (*TEXTS, kinds.PICKLIST):
        known = NullIf(known, Value(""))
    return PersianOrder(known) if field.kind in TEXTS else known


def indexed(field: Field) -> list[Combinable]:
    """What an index for fast filtering and sorting must hold; one index per expression, each followed by the primary key."""
    known: list[Combinable] = [value(field)]
    sorted_by = order(field)
    return [*known, sorted_by] if isinstance(sorted_by, PersianOrder) else known


def compare(field: Field, lookup: str, wanted: Any) -> Q:
    """The condition that the field's value stands so to `wanted`, a value of the field's kind. The lookup is the caller's, never a user's."""
    if not field.custom:
        return Q(**{f"{field.column}__{lookup}": wanted})
    expression: Any = value(field)
    stored = wanted if field.kind in NUMBERS or lookup in ("in", "isnull") else field.kind.store(wanted)
    return Q(expression.output_field.get_lookup(lookup)(expression, stored))


def empty(field: Field) -> Q:
    """The condition that the field holds nothing; 0 and "no" are something."""
    condition = compare(field, "isnull", True) if field.custom or _is_nullable(field) else Q()
    if field.kind in (*TEXTS, kinds.PICKLIST):
        condition |= compare(field, "exact", "")
    if field.kind is kinds.MULTIPICKLIST:
        condition |= compare(field, "in", ["[]", ""])
    return condition or Q(pk__in=[])


def _is_nullable(field: Field) -> bool:
    return field.kind in (*NUMBERS, *MOMENTS, kinds.LINK, kinds.USER)


def holds(field: Field, option: str) -> Q:
    """The condition that a custom multi-select holds the option."""
    return Q(HasOption(field.key, option))
