"""Exporting a list: every row that it has, as CSV or as a workbook, written while it is read.

Numbers stay numbers. A text that a spreadsheet would run as a formula gets an apostrophe in front; importing takes that away again
(`crm.kit.sheets`; TRUST, attack 7).
"""

import csv
import datetime as dt
import re
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from typing import IO, Any

from django.db.models import QuerySet
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ERROR_CODES

from crm.exchange.headers import OUR_NUMBER
from crm.fields import kinds, registry
from crm.fields.registry import Field
from crm.kit.sheets import tamed
from crm.lists.selection import Selection
from crm.people.models import User

CHUNK = 2000
MAX_SHEET_ROWS = 1_048_576  # what a worksheet holds, its header included
MAX_CELL = 32_767  # characters that a cell of a workbook holds
FIRST_DAY = dt.date(1900, 3, 1)  # before that, programs count the days of a workbook differently
PRECISE = 15  # digits that a workbook's number keeps
_CODED = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")  # what XML can't hold


class DoesNotFit(Exception):
    """A workbook can't hold so many rows, or so long a text; CSV can."""


class Export:
    """Records of a list (`found`, or all of it) in its order. `keys` puts field keys into the header instead of labels."""

    def __init__(self, selection: Selection, found: Any = None, *, whole: bool = True, keys: bool = False) -> None:
        self.selection, self.module = selection, selection.module
        self.found = selection.found if found is None else found
        self.fields: list[Field] = list(self._fields(whole))
        self.header = [OUR_NUMBER, *(one.key if keys else str(one.label) for one in self.fields)]
        self.users = {user.pk: user.username for user in User.objects.all()}

    def _fields(self, whole: bool) -> Iterator[Field]:
        """The list's columns and then all other fields; or those that the list shows alone, behind the name."""
        names = [key for key in ("first_name", "last_name", "name") if key in self.module.fields]
        shown = dict.fromkeys([*names, *(field.key for field in self.selection.columns)])
        rest = [key for key in self.module.fields if key not in shown] if whole else []
        return (self.module.fields[key] for key in [*shown, *rest])

    def records(self) -> QuerySet[Any]:
        links = [field.key for field in self.fields if field.kind is kinds.LINK]
        found: QuerySet[Any] = self.selection.sort.apply(self.found.select_related(*links))
        return found

    def rows(self) -> Iterator[list[Any]]:
        """Rows of texts, numbers, dates and booleans; None where there is nothing."""
        for record in self.records().iterator(chunk_size=CHUNK):
            yield [record.number, *(self._value(record, field) for field in self.fields)]

    def _value(self, record: Any, field: Field) -> Any:
        value = field.get(record)
        if field.kind is kinds.USER:
            return self.users.get(value, "")
        if field.kind is kinds.LINK:
            other = getattr(record, field.key)
            return str(other) if other else ""
        if field.kind is kinds.MULTIPICKLIST:
            return " |##| ".join(value or [])
        return value


def as_csv(export: Export) -> Iterator[bytes]:
    """CSV in UTF-8 with a byte order mark, without which Excel takes the letters for others."""
    line = _Line()
    writer = csv.writer(line, quoting=csv.QUOTE_MINIMAL)
    yield b"\xef\xbb\xbf"
    for row in _rows(export):
        writer.writerow([_csv_cell(value) for value in row])
        yield line.text.encode()


class _Line:
    """A file of which only the last line is kept."""

    text = ""

    def write(self, text: str) -> None:
        self.text = text


def _rows(export: Export) -> Iterator[list[Any]]:
    yield export.header
    yield from export.rows()


def _csv_cell(value: Any) -> str:
    if isinstance(value, str):
        return tamed(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).replace(tzinfo=None).isoformat(" ")
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


def as_workbook(export: Export) -> IO[bytes]:
    """An open file with a workbook, written row by row through the disk. Raises DoesNotFit."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(str(export.module.label_plural)[:31])
    for number, row in enumerate(_rows(export), start=1):
        if number > MAX_SHEET_ROWS:
            raise DoesNotFit
        sheet.append([_sheet_cell(value, sheet) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the response closes it
    book.save(file)
    file.seek(0)
    return file


def _sheet_cell(value: Any, sheet: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).replace(tzinfo=None).isoformat(" ")
    if isinstance(value, Decimal):
        return value if len(value.normalize().as_tuple().digits) <= PRECISE else format(value.normalize(), "f")
    if isinstance(value, dt.date):
        return value if value >= FIRST_DAY else value.isoformat()
    return _sheet_text(value, sheet) if isinstance(value, str) else value


def _sheet_text(text: str, sheet: Any) -> Any:
    """A text for a workbook: never a formula, and never what looks like a fault of one (#N/A)."""
    coded = _CODED.sub(lambda found: f"_x{ord(found[0][0]):04X}_{found[0][1:]}", tamed(text))
    if len(coded) > MAX_CELL:
        raise DoesNotFit
    if coded not in ERROR_CODES:
        return coded
    cell = WriteOnlyCell(sheet, coded)
    cell.data_type = "s"
    return cell


def may_export(user: Any, module: registry.Module) -> bool:
    """Tell whether the user may take this module's lists out of the product, as far as they may see them."""
    return bool(user.has_perm("lists.export_records") and user.has_perm(module.permission("view")))
