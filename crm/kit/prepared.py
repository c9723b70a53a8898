"""Questions whose SQL is put together once: for small ones that takes Django longer than the database takes to answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Expression, Field, QuerySet
from django.db.models.query import ModelIterable, get_related_populators
from django.db.models.sql.compiler import SQLCompiler

Row = tuple[Any, ...]
Converters = dict[int, tuple[list[Callable[..., Any]], Any]]  # by column, as Django's compilers give them


class Slot(Expression):
    """A place in a prepared question for a value that is given by this name when it is asked."""

    def __init__(self, name: str, output_field: "Field[Any, Any] | None" = None) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    __eq__, __hash__ = object.__eq__, object.__hash__  # two places are two, however alike: else a list has one of them

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> Any:
        return "%s", [self]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """`sql` is empty where nothing can be found. `build` makes a record of a row of columns."""

    sql: str = ""
    params: tuple[Any, ...] = ()
    converters: Converters = field(default_factory=dict)
    build: Callable[[Row], Any] = tuple


@dataclass(frozen=True, slots=True)
class Prepared:
    """A queryset whose only variables are slots. `make` gives it, and is called once for each kind of database."""

    make: Callable[[], QuerySet[Any, Any]]
    _known: dict[str, _Question] = field(default_factory=dict)

    def rows(self, **values: Any) -> list[Row]:
        """Ask, and give the rows as `values_list` would. `values` fill the slots, by name."""
        question = self._question()
        if not question.sql:
            return []
        params = [values[param.name] if isinstance(param, Slot) else param for param in question.params]
        with connection.cursor() as cursor:
            cursor.execute(question.sql, params)
            rows = cursor.fetchall()
        return [_converted(row, question.converters) for row in rows] if question.converters else rows

    def records(self, **values: Any) -> list[Any]:
        """Ask, and give the records as the queryset would, with those that `select_related` names."""
        build = self._question().build
        return [build(row) for row in self.rows(**values)]

    def _question(self) -> _Question:
        if connection.vendor not in self._known:
            self._known[connection.vendor] = _prepare(self.make())
        return self._known[connection.vendor]


def _prepare(asked: QuerySet[Any, Any]) -> _Question:
    compiler = asked.query.get_compiler(connection=connection)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return _Question()
    converters = compiler.get_converters([column[0] for column in compiler.select])
    build = _builder(compiler) if asked._iterable_class is ModelIterable else tuple
    return _Question(sql=sql, params=tuple(params), converters=converters, build=build)


def _builder(compiler: SQLCompiler) -> Callable[[Row], Any]:
    """What makes a record of a row, as Django's own `ModelIterable` does."""
    model, places = compiler.klass_info["model"], compiler.klass_info["select_fields"]
    start, end = places[0], places[-1] + 1
    names = [column[0].target.attname for column in compiler.select[start:end]]
    related = get_related_populators(compiler.klass_info, compiler.select, connection.alias)  # type: ignore[call-arg]
    annotated = compiler.annotation_col_map or {}

    def build(row: Row) -> Any:
        record = model.from_db(connection.alias, names, row[start:end])
        for one in related:
            one.populate(row, record)
        for name, place in annotated.items():
            setattr(record, name, row[place])
        return record

    return build


def _converted(row: Row, converters: Converters) -> Row:
    values = list(row)
    for place, (convert_all, expression) in converters.items():
        for convert in convert_all:
            values[place] = convert(values[place], expression, connection)
    return tuple(values)
