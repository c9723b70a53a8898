"""Keyset paging: a page begins behind the last row of the page before, so that page 1,000 costs what page 1 does."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core import signing
from django.db.models import Q, QuerySet

COUNT_LIMIT = 10_000
SIZES = (25, 50, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """A column to sort by: its key in the address, the model column, and the direction."""

    key: str
    column: str
    descending: bool = False

    @property
    def parameter(self) -> str:
        return f"-{self.key}" if self.descending else self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of rows; the cursors are "" where there is no further page."""

    rows: list[Any]
    previous: str
    next: str


def page(records: QuerySet[Any], sort: Sort, *, size: int, after: str = "", before: str = "") -> Page:
    """Give the rows behind the cursor `after`, or those in front of `before`, in the order of `sort` and then of the key."""
    backwards = bool(before) and not after
    cursor = _decode(before if backwards else after, sort.column)
    descending = sort.descending != backwards
    found = records if cursor is None else records.filter(_behind(sort.column, *cursor, descending=descending))
    sign = "-" if descending else ""
    rows = list(found.order_by(f"{sign}{sort.column}", f"{sign}pk")[: size + 1])
    has_more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_previous = has_more if backwards else cursor is not None
    has_next = (cursor is not None) if backwards else has_more
    return Page(
        rows=rows,
        previous=_encode(rows[0], sort.column) if rows and has_previous else "",
        next=_encode(rows[-1], sort.column) if rows and has_next else "",
    )


def _behind(column: str, value: Any, pk: int, *, descending: bool) -> Q:
    """The rows after this one. The first condition is redundant, and what lets databases use the index."""
    beyond, until = ("lt", "lte") if descending else ("gt", "gte")
    return Q(**{f"{column}__{until}": value}) & (
        Q(**{f"{column}__{beyond}": value}) | Q(**{column: value, f"pk__{beyond}": pk})
    )


def _encode(row: Any, column: str) -> str:
    value = getattr(row, column)
    kind = (
        "t"
        if isinstance(value, dt.datetime)
        else "d"
        if isinstance(value, dt.date)
        else "n"
        if isinstance(value, Decimal)
        else ""
    )
    text = value.isoformat() if isinstance(value, dt.date) else str(value)
    return signing.dumps([kind, text, row.pk], salt=f"cursor of {column}", compress=True)


def _decode(cursor: str, column: str) -> tuple[Any, int] | None:
    """Read a cursor; one that is none of ours, or of another order, begins at the beginning."""
    readers: dict[str, Callable[[str], Any]] = {
        "t": dt.datetime.fromisoformat,
        "d": dt.date.fromisoformat,
        "n": Decimal,
        "": str,
    }
    try:
        kind, text, pk = signing.loads(cursor, salt=f"cursor of {column}")
    except signing.BadSignature:
        return None
    return readers[kind](text), pk


def capped_count(records: QuerySet[Any]) -> tuple[int, bool]:
    """Count the rows up to the limit, and tell whether there are more."""
    count = records.order_by()[: COUNT_LIMIT + 1].count()
    return min(count, COUNT_LIMIT), count > COUNT_LIMIT
