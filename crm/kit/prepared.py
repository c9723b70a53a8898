"""Questions whose SQL is put together once: for small ones that takes Django longer than the database takes to answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Expression, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = tuple[Any, ...]
Converters = dict[int, tuple[list[Callable[..., Any]], Any]]  # by column, as Django's compilers give them


class Slot(Expression):
    """A place in a prepared question for a value that is given when it is asked."""

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> Any:
        return "%s", [self]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    sql: str
    params: tuple[Any, ...]
    converters: Converters


@dataclass(frozen=True, slots=True)
class Prepared:
    """A `values_list` whose only variables are slots. `make` gives it, and is called once for each kind of database."""

    make: Callable[[], QuerySet[Any, Any]]
    _known: dict[str, _Question] = field(default_factory=dict)

    def rows(self, *values: Any) -> list[Row]:
        """Ask, and give the rows as `values_list` would. `values` fill the slots, in the order of the statement."""
        question, given = self._question(), iter(values)
        params = [next(given) if isinstance(param, Slot) else param for param in question.params]
        with connection.cursor() as cursor:
            cursor.execute(question.sql, params)
            rows = cursor.fetchall()
        return [_converted(row, question.converters) for row in rows] if question.converters else rows

    def _question(self) -> _Question:
        if connection.vendor not in self._known:
            compiler = self.make().query.get_compiler(connection=connection)
            sql, params = compiler.as_sql()
            converters = compiler.get_converters([column[0] for column in compiler.select])
            self._known[connection.vendor] = _Question(sql=sql, params=tuple(params), converters=converters)
        return self._known[connection.vendor]


def _converted(row: Row, converters: Converters) -> Row:
    values = list(row)
    for place, (convert_all, expression) in converters.items():
        for convert in convert_all:
            values[place] = convert(values[place], expression, connection)
    return tuple(values)
