"""Keyset paging: a page begins behind the last row of the page before, so that page 1,000 costs what page 1 does.

Rows whose value is empty stand behind all others, whatever the direction and the database: they are asked for apart.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import ExpressionWrapper, IntegerField, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable, RawSQL

from crm.fields.values import AsIs

COUNT_LIMIT = 10_000
SIZES = (25, 50, 100)
READERS: dict[str, Callable[[str], Any]] = {
    "datetime": dt.datetime.fromisoformat,
    "date": dt.date.fromisoformat,
    "time": dt.time.fromisoformat,
    "Decimal": Decimal,
    "int": int,
    "float": float,
    "bool": "True".__eq__,
    "str": str,
}
_signer = Signer(salt="lists.paging")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """What to sort by: its key in the address, its value in the database, and the direction."""

    key: str
    value: Combinable
    descending: bool = False
    has_empty: bool = True  # False where every row has a value

    @property
    def parameter(self) -> str:
        return f"-{self.key}" if self.descending else self.key

    def apply(self, records: QuerySet[Any], *, empty_first: bool = False) -> QuerySet[Any]:
        """Sort as pages do, in one go; for what reads everything."""
        raw: Any = _raw(self)
        where = {"nulls_first" if empty_first else "nulls_last": True} if self.has_empty else {}
        return records.order_by(
            raw.desc(**where) if self.descending else raw.asc(**where), "-pk" if self.descending else "pk"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of rows; the cursors are "" where there is no further page. `total` is how many rows there are, None if not known."""

    rows: list[Any]
    previous: str
    next: str
    total: int | None = None


class Counted(Subquery):
    """How many rows a query has, inside another statement."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def _raw(sort: Sort) -> Any:
    """The value as the database gives it, so that it can be sent back and compared without loss."""
    return ExpressionWrapper(sort.value, output_field=AsIs())


def page(records: QuerySet[Any], sort: Sort, *, size: int, after: str = "", before: str = "") -> Page:
    """Give the rows behind the cursor `after`, or those in front of `before`, in the order of `sort` and then of the key."""
    backwards = bool(before) and not after
    cursor = _decode(before if backwards else after, sort)
    counted = Counted(records.order_by().values("pk")[: COUNT_LIMIT + 1])
    shown = records.annotate(sorted_by=_raw(sort), counted=counted)
    parts = _parts(shown, sort, cursor, backwards=backwards)
    found = parts[0] if len(parts) == 1 else _joined(shown, parts, size + 1, sort, backwards=backwards)
    rows = list(found[: size + 1])
    has_more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_previous = has_more if backwards else cursor is not None
    has_next = (cursor is not None) if backwards else has_more
    return Page(
        rows=rows,
        previous=_encode(rows[0], sort) if rows and has_previous else "",
        next=_encode(rows[-1], sort) if rows and has_next else "",
        total=rows[0].counted if rows else None if cursor else 0,
    )


def neighbours(records: QuerySet[Any], sort: Sort, pk: int) -> tuple[Any | None, Any | None]:
    """The records in front of this one and behind it; none for one that is not among them."""
    shown = records.annotate(sorted_by=_raw(sort))
    here = shown.filter(pk=pk).first()
    if here is None:
        return None, None
    before, after = (_parts(shown, sort, (here.sorted_by, pk), backwards=backwards) for backwards in (True, False))
    return _first(before), _first(after)


def _first(parts: list[QuerySet[Any]]) -> Any | None:
    return next((found for part in parts if (found := part.first()) is not None), None)


def _parts(
    records: QuerySet[Any], sort: Sort, cursor: tuple[Any, int] | None, *, backwards: bool
) -> list[QuerySet[Any]]:
    """The rows with a value and those without, from the cursor on, in the order of reading."""
    descending = sort.descending != backwards
    sign, beyond = ("-", "lt") if descending else ("", "gt")
    filled = records.order_by(f"{sign}sorted_by", f"{sign}pk")
    if cursor and cursor[0] is not None:
        filled = filled.filter(_behind(*cursor, beyond))
    if not sort.has_empty:
        return [filled]
    filled = filled.filter(sorted_by__isnull=False)
    empty = records.filter(sorted_by__isnull=True).order_by(f"{sign}pk")
    if cursor is None:
        return [empty, filled] if backwards else [filled, empty]
    if cursor[0] is not None:
        return [filled] if backwards else [filled, empty]
    empty = empty.filter(**{f"pk__{beyond}": cursor[1]})
    return [empty, filled] if backwards else [empty]


def _joined(
    records: QuerySet[Any], parts: list[QuerySet[Any]], size: int, sort: Sort, *, backwards: bool
) -> QuerySet[Any]:
    """The first rows of both parts in one statement, in which each part can still be read from its index."""
    compiled = [part.values("pk")[:size].query.get_compiler(records.db).as_sql() for part in parts]
    keys = " UNION ALL ".join(f"SELECT * FROM ({sql}) part_{number}" for number, (sql, _params) in enumerate(compiled))
    chosen = records.filter(pk__in=RawSQL(keys, [param for _sql, params in compiled for param in params]))  # noqa: S611
    if not backwards:
        return sort.apply(chosen)
    turned = Sort(key=sort.key, value=sort.value, descending=not sort.descending)
    return turned.apply(chosen, empty_first=True)


def _behind(value: Any, pk: Any, beyond: str) -> Q:
    """The rows after this one. The first condition is redundant, and what lets databases use the index."""
    until = Q(**{f"sorted_by__{beyond}e": value})
    return until & (Q(**{f"sorted_by__{beyond}": value}) | Q(**{"sorted_by": value, f"pk__{beyond}": pk}))


def _encode(row: Any, sort: Sort) -> str:
    value = row.sorted_by
    text = value.isoformat() if isinstance(value, dt.date | dt.time) else None if value is None else str(value)
    return _signer.sign_object([sort.parameter, type(value).__name__, text, row.pk])


def _decode(cursor: str, sort: Sort) -> tuple[Any, int] | None:
    """Read a cursor; one that is none of ours, or of another order, begins at the beginning."""
    try:
        parameter, kind, text, pk = _signer.unsign_object(cursor)
    except BadSignature:
        return None
    if parameter != sort.parameter:
        return None
    return (None if text is None else READERS[kind](text)), pk


def capped_count(records: QuerySet[Any]) -> tuple[int, bool]:
    """Count the rows up to the limit, and tell whether there are more."""
    count = records.order_by()[: COUNT_LIMIT + 1].count()
    return min(count, COUNT_LIMIT), count > COUNT_LIMIT
