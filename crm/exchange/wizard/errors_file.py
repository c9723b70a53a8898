"""The rows that were not taken, as a file: mend them there and import the file again."""

from collections.abc import Iterator, Sequence

from crm.exchange.headers import ERROR_REASON, ERROR_ROW
from crm.exchange.models import FileImport, ImportedRow


def lines(found: FileImport) -> Iterator[Sequence[str | int]]:
    """The header, then a line for each row: its number, what is wrong, and its cells."""
    yield [ERROR_ROW, ERROR_REASON, *found.header]
    rows = found.rows.filter(outcome=ImportedRow.Outcome.REFUSED).order_by("number")
    for row in rows.iterator(chunk_size=500):
        yield [row.number, _told(row), *row.cells]


def _told(row: ImportedRow) -> str:
    return " | ".join(f"{column}: {reason}" if column else reason for column, reason in row.problems)
