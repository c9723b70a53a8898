"""Reading tables: the standard's CSV, PHP's CSV, workbooks; and never an unnamed error."""

import csv
import io
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from crm.exchange.dialect import UnreadableFile, read_csv, read_php, table_from


def fputcsv(rows):
    """What PHP writes: quoted where needed, quotes doubled except right behind a backslash."""
    return "".join(",".join(_field(cell) for cell in row) + "\n" for row in rows)


def _field(cell):
    if not any(char in cell for char in ',"\\\n\r\t '):
        return cell
    written, escaped = [], False
    for char in cell:
        if char == "\\":
            escaped = True
        elif char == '"' and not escaped:
            written.append('"')
        else:
            escaped = False
        written.append(char)
    return '"' + "".join(written) + '"'


@pytest.mark.parametrize(
    "row",
    [
        ["a", "b", "c"],
        ['say "hi"', "x", ""],
        ["C:\\new\\", "next", "1"],
        ['path \\"quoted\\"', "x", "y"],
        ["two\nlines", 'ends in "', "\\"],
        ['\\",', "x", "y"],
    ],
)
def test_php_rows_come_back(row):
    rows = [["one", "two", "three"], row, ["1", "2", "3"]]
    assert read_csv(fputcsv(rows)) == rows


CELL = st.text('ab"\\, \nی', max_size=8)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=5))
def test_whatever_php_wrote_is_read_in_a_way_that_php_would_write_again(rows):
    text = fputcsv([["one", "two", "three"], *rows])
    read = read_php(text)
    assert read is not None
    assert fputcsv(read) == text


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(st.text('ab", \nی;', max_size=8), min_size=3, max_size=3), min_size=1, max_size=5))
def test_standard_rows_come_back(rows):
    target = io.StringIO(newline="")
    csv.writer(target, lineterminator="\r\n").writerows([["one", "two", "three"], *rows])
    assert read_csv(target.getvalue()) == [["one", "two", "three"], *rows]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text('ab"\\,\n', max_size=200).map(str.encode))
def test_any_content_is_read_or_refused_by_name(content):
    with suppress(UnreadableFile):
        assert table_from(content).header is not None


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_usual_delimiters_and_encodings(delimiter, encoding):
    table = table_from(f"name{delimiter}city\r\nسارا{delimiter}تهران\r\n".encode(encoding))
    assert (table.header, table.rows) == (["name", "city"], [["سارا", "تهران"]])


def test_workbook():
    book = Workbook()
    book.active.append(["Last Name", "Employees", "Note"])
    book.active.append(["احمدی", 12, None])
    target = io.BytesIO()
    book.save(target)
    table = table_from(target.getvalue())
    assert (table.header, table.rows) == (["Last Name", "Employees", "Note"], [["احمدی", "12", ""]])


@pytest.mark.parametrize(
    ("filled", "problem"),
    [
        ([1_048_576], "The first row is empty"),
        ([2], "The first row is empty"),
        ([1, 3, 1_048_576], "Behind row 3 come more than 50,000 empty rows"),
    ],
)
def test_a_workbook_that_is_nearly_nothing_but_empty_rows(filled, problem):
    book = Workbook()
    for row in filled:
        book.active.cell(row, 1, "Last Name")
    target = io.BytesIO()
    book.save(target)
    with pytest.raises(UnreadableFile, match=problem):
        table_from(target.getvalue())


def test_sample_of_a_real_export():
    table = table_from((Path(__file__).parent / "data" / "quirks.csv").read_bytes())
    assert [len(row) for row in table.rows] == [len(table.header)] * 3
    assert table.rows[1][4] == 'C:\\Users\\علی\\"desktop"\\'
