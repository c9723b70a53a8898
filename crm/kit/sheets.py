"""Tables as CSV files that spreadsheets open without running what stands in them."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.http import StreamingHttpResponse

_UNSEEN = "\u00a0\u00ad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u2069\u3000\ufeff"  # what some spreadsheets skip
# What makes a spreadsheet take a text for a formula (OWASP), wide forms included, or looks tamed.
_FORMULA = re.compile(rf"[' {_UNSEEN}]*[=+\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]")


def tamed(text: str) -> str:
    """A text that no spreadsheet runs as a formula: with an apostrophe in front where it could be one."""
    return f"'{text}" if _FORMULA.match(text) else text


def untamed(cell: str) -> str:
    """Undo `tamed`."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


NUMBER = (int, float, Decimal, type(None))


class _Echo:
    """A file that gives back what is written to it, so that rows can be sent as they are made."""

    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Write rows as CSV, texts tamed and numbers as they are, beginning with the mark by which spreadsheets know UTF-8."""
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([value if isinstance(value, NUMBER) else tamed(str(value)) for value in row])


def csv_response(name: str, rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Send rows as a CSV file to save under this name."""
    response = StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return response
