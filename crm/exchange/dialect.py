r"""Reading tables out of files: CSV as the standard has it, CSV as PHP writes it (Vtiger's exports), and XLSX.

PHP's fputcsv is not RFC 4180: inside quotes a quote is doubled except right behind a backslash, so that `\"` in a value stays
`\"`, and a value that ends in a backslash is written `...\"`. Whether such a quote ends the value can't be told from the place
alone; both readings are tried against the number of columns, and against the rule that PHP quotes every value with a blank, a
quote, a backslash or a line break in it.
"""

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import filetype
from django.utils.translation import gettext as _
from openpyxl import load_workbook

from crm.kit.numbers import show_number

MAX_UNPACKED = 500 * 1024 * 1024  # bytes
SUSPICIOUS = 50 * 1024 * 1024  # bytes that no table unpacks to from less than a hundredth
MAX_COLUMNS = 300
MAX_CELLS = 10_000_000
MAX_BLANK = 50_000  # empty rows of a workbook, one behind the other: each costs time, wherever the data is
_CODED = re.compile(r"_x(?![Dd][89A-Fa-f])([0-9A-Fa-f]{4})_")  # how a workbook writes such characters
_SPECIAL = re.compile(r'[\s"\\]')
_RUN = re.compile(r'\\+"+|"+')
_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")


class UnreadableFile(Exception):
    """The file can't be read as a table; the text says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A header and its rows; a row may have another number of cells than the header, then it is a bad one."""

    header: list[str]
    rows: list[list[str]]


def read_table(path: Path) -> Table:
    """Read a CSV or XLSX file. Raises UnreadableFile."""
    return table_from(path.read_bytes())


def table_from(content: bytes) -> Table:
    """Read the content of a CSV or XLSX file. Raises UnreadableFile."""
    rows = _read_xlsx(content) if content[:4] == b"PK\x03\x04" else read_csv(decode(content))
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if not rows:
        raise UnreadableFile(_("This file is empty."))
    if not any(cell.strip() for cell in rows[0]):
        raise _untitled()
    if len(rows[0]) > MAX_COLUMNS:
        raise too_wide()
    return Table(header=[cell.strip() for cell in rows[0]], rows=rows[1:])


def too_wide() -> UnreadableFile:
    text = _("This file has more than %(max)s columns. Remove those that you don't need and try again.")
    return UnreadableFile(text % {"max": MAX_COLUMNS})


def decode(content: bytes) -> str:
    """Decode a text file: UTF-8, UTF-16 with its mark, or the Arabic code page of Windows."""
    if content[:2] not in (b"\xff\xfe", b"\xfe\xff") and _is_binary(content):
        raise UnreadableFile(_("This file is no table. Save it as CSV or as an Excel workbook (XLSX) and try again."))
    encodings = ["utf-16"] if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "cp1256"]
    for encoding in encodings:
        if encoding == "cp1256" and _is_broken_unicode(content):
            break
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(_("This file's letters can't be read. Save it as CSV in UTF-8 and try again."))


def _is_binary(content: bytes) -> bool:
    """Tell whether this is a picture, an old workbook or another thing that is no text."""
    head = content[:8192]
    return b"\0" in head or bool(filetype.guess_extension(head)) or len(_CONTROLS.findall(head)) * 20 > len(head)


def _is_broken_unicode(content: bytes) -> bool:
    """Tell whether a text is UTF-8 but for a few bytes, as a file is that was cut off: no code page explains it."""
    if content[:3] == b"\xef\xbb\xbf":
        return True
    kept = content.decode("utf-8", "ignore")
    letters = sum(1 for char in kept if char > "\x7f")
    return letters > 0 and len(content) - len(kept.encode()) <= letters // 20


def read_csv(text: str) -> list[list[str]]:
    """Read CSV rows; standard CSV first, and PHP's where the standard doesn't fit."""
    delimiter = _delimiter(text)
    standard = _read_standard(text, delimiter)
    if standard is not None and len({len(row) for row in standard}) <= 1:
        return standard
    php = read_php(text, delimiter)
    if php is not None:
        return php
    if standard is not None:
        return standard
    raise UnreadableFile(_("This file is not a table: a quotation mark is not closed. Save it as CSV again."))


def _delimiter(text: str) -> str:
    head = re.sub(r'"[^"]*"', "", text.split("\n", 1)[0])
    return max(",;\t", key=head.count)


def _read_standard(text: str, delimiter: str) -> list[list[str]] | None:
    csv.field_size_limit(10**8)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return [row for row in rows if row]
    except csv.Error:
        return None


def read_php(text: str, delimiter: str = ",") -> list[list[str]] | None:
    """Read what fputcsv wrote, or None if no reading gives every row as many cells as the first has."""
    header = _read_standard(text.split("\n", 1)[0], delimiter)
    return _Search(text, delimiter, len(header[0])).rows() if header else None


class _Search:
    """Depth-first search for a reading; a place that led nowhere is not tried again, so that it takes linear time."""

    def __init__(self, text: str, delimiter: str, columns: int) -> None:
        self.text, self.delimiter, self.columns = text, delimiter, columns
        self.end = len(text)

    def rows(self) -> list[list[str]] | None:
        cells: list[str] = []
        failed: set[tuple[int, int]] = set()
        stack: list[tuple[int, Iterator[tuple[str, int]]]] = [(0, self._cells(0))]
        while stack:
            start, choices = stack[-1]
            if start >= self.end and len(cells) % self.columns == 0:
                return [cells[at : at + self.columns] for at in range(0, len(cells), self.columns)]
            for cell, behind in choices:
                column = (len(cells) + 1) % self.columns
                if self._fits(behind, column) and (behind, column) not in failed:
                    cells.append(cell)
                    stack.append((behind + 1, self._cells(behind + 1)))
                    break
            else:
                failed.add((start - 1, len(cells) % self.columns))
                stack.pop()
                if cells:
                    cells.pop()
        return None

    def _fits(self, behind: int, column: int) -> bool:
        """Tell whether what follows a cell is right: a line's end behind the last column, else the delimiter."""
        following = self.text[behind : behind + 1]
        return following in ("", "\n") if column == 0 else following == self.delimiter

    def _cells(self, start: int) -> Iterator[tuple[str, int]]:
        """The possible cells that begin here: the value, and the place behind it."""
        if self.text[start : start + 1] == '"':
            yield from self._quoted(start + 1)
            return
        stops = [at for at in (self.text.find(self.delimiter, start), self.text.find("\n", start)) if at >= 0]
        behind = min(stops, default=self.end)
        value = self.text[start:behind]
        if not _SPECIAL.search(value):
            yield value, behind

    def _quoted(self, start: int) -> Iterator[tuple[str, int]]:
        """The possible readings of a quoted cell, the shortest first."""
        parts: list[str] = []
        at = start
        for run in _RUN.finditer(self.text, start):
            slashes, quotes = run.group().rstrip('"'), len(run.group().rstrip("\\").lstrip("\\"))
            parts.append(self.text[at : run.start()] + slashes)
            at = run.end()
            first = 1 if slashes else 0  # the quote behind a backslash is not doubled
            if slashes and quotes == 1 and self.text[at : at + 1] in (self.delimiter, "\n", ""):
                yield "".join(parts), at
            doubled, closing = divmod(quotes - first, 2)
            parts.append('"' * (first + doubled))
            if closing:
                yield "".join(parts), at
                return


def _read_xlsx(content: bytes) -> list[list[str]]:
    unpacked(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        return _sheet_rows(book.worksheets[0])
    except UnreadableFile:
        raise
    except Exception:  # whatever a damaged archive or its XML makes of the reader
        raise UnreadableFile(_("This workbook is damaged. Save it again and try once more.")) from None


def unpacked(content: bytes) -> int:
    """The size of a workbook when it is unpacked. Raises UnreadableFile if it is none, or unpacks to far too much."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError):
        raise UnreadableFile(_("This workbook is damaged. Save it again and try once more.")) from None
    if size > MAX_UNPACKED or (size > SUSPICIOUS and size > 100 * len(content)):
        raise UnreadableFile(_("This file unpacks to far more than its size. It can't be read."))
    return size


def _sheet_rows(sheet: Any) -> list[list[str]]:
    """The rows as wide as the header; what a workbook says of its own size is not believed."""
    sheet.reset_dimensions()
    rows: list[list[str]] = []
    filled = 0  # the last row with something in it
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        row = [_text(value) for value in values]
        while row and not row[-1]:
            row.pop()
        if len(row) > MAX_COLUMNS:
            raise too_wide()
        filled = number if row else filled
        if number - filled > MAX_BLANK:
            raise _too_many_blank_rows(filled) if filled else _untitled()
        width = len(rows[0]) if rows else len(row)
        rows.append(row + [""] * (width - len(row)))
        if len(rows) * width > MAX_CELLS:
            raise UnreadableFile(_("This file is too large. Split it and import the parts."))
    return rows


def _untitled() -> UnreadableFile:
    return UnreadableFile(_("The first row is empty. The titles of the columns belong there."))


def _too_many_blank_rows(last: int) -> UnreadableFile:
    text = _("Behind row %(row)s come more than %(max)s empty rows. Copy the table into a new workbook and try again.")
    return UnreadableFile(text % {"row": show_number(last), "max": show_number(MAX_BLANK)})


def _text(value: object) -> str:
    """A cell of a workbook as text: dates in ISO 8601, numbers in full, characters that XML can't hold as they were."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.isoformat(" ") if value.time() != dt.time() else value.date().isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, float):
        return format(Decimal(repr(value)).normalize(), "f")
    return _CODED.sub(lambda code: chr(int(code[1], 16)), str(value))
