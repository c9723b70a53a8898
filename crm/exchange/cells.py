"""From a cell of a file to the value of a field. Nothing is changed but what a file can't say otherwise."""

import re
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm.fields import dictionary, kinds
from crm.fields.kind import Kind
from crm.fields.registry import Field
from crm.fields.values import NUMBERS
from crm.kit.sheets import untamed
from crm.kit.text import is_blank, refuse_unstorable

ZERO_IS_EMPTY = ("annual_revenue", "employees")  # Vtiger writes 0 where these are empty
BAD_DATES = ("0000-00-00", "0000-00-00 00:00:00")
_SCRIPT = re.compile(r"&lt;script\b.*?&gt;.*?&lt;/script\s*&gt;", re.IGNORECASE | re.DOTALL)
_NUMERIC_DATE = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(.*)", re.DOTALL)


def may_be_zero(field: Field) -> bool:
    """Tell whether Vtiger writes 0 where this field is empty."""
    return field.key in ZERO_IS_EMPTY or (field.custom and field.kind in NUMBERS)


def unescape(cell: str) -> str:
    """Undo what Vtiger does to a value with a whole script element in it, and only to such a one: <, > and quotes as entities."""
    if not _SCRIPT.search(cell):
        return cell
    return cell.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"')


def value(cell: str, field: Field, *, is_vtiger: bool, day_first: bool, is_ours: bool = False) -> Any:
    """The field's value. Texts stay as they are, to the character. Raises ValidationError with the reason."""
    if is_ours:
        cell = untamed(cell)
    kind = field.kind
    if is_vtiger:
        cell = unescape(cell)
        if may_be_zero(field) and re.fullmatch(r"0(\.0*)?", cell):
            return kind.empty
    if cell in BAD_DATES:
        return kind.empty
    if kind in (kinds.DATE, kinds.DATETIME):
        return kind.parse(reorder(cell.strip(), day_first=day_first) or None, field)
    if kind is kinds.MULTIPICKLIST:
        parts = (part.strip() for part in cell.split("|##|"))
        return list(dict.fromkeys(option(part, field) for part in parts if part))
    if kind is kinds.CHECKBOX and field.custom and not cell.strip():
        return kind.empty
    if kind is kinds.CHECKBOX:
        return kind.parse(CHECKED.get(cell.strip().lower(), cell.strip()), field)
    if kind in NUMBERS or kind is kinds.TIME:
        return kind.parse(cell.strip() or None, field)
    return _text(cell, field, is_trusted=is_vtiger or is_ours)


CHECKED = {"yes": "1", "no": "0", "بله": "1", "خیر": "0"}


def _text(cell: str, field: Field, *, is_trusted: bool) -> str:
    """A text as it is. What Vtiger or we kept is taken without a check of its form; elsewhere the form is checked too."""
    refuse_unstorable(cell)
    if is_blank(cell):
        return ""
    Kind.check(field.kind, cell, field)
    if not is_trusted and not field.kind.chooses:
        field.kind.check(cell.strip(), field)
    return option(cell, field) if field.kind.chooses else cell


def option(cell: str, field: Field) -> str:
    """The option that a cell names by its value or by a label in either language; an unknown one stays as it is."""
    for known in dictionary.options(field.list_key):
        if cell.strip() in (known.value, known.label_en, known.label_fa):
            return known.value
    return cell


def is_day_first(cells: Sequence[str]) -> bool | None:
    """Tell the order of dates such as 02-10-2026 from a whole column: True, False, or None where nothing tells."""
    found = [match for cell in cells if (match := _NUMERIC_DATE.fullmatch(cell.strip()))]
    if any(int(match[1]) > 12 for match in found):
        return True
    if any(int(match[2]) > 12 for match in found):
        return False
    return None


def reorder(cell: str, *, day_first: bool) -> str:
    """Write 02-10-2026 as 2026-10-02; what begins with the year stays."""
    match = _NUMERIC_DATE.fullmatch(cell)
    if not match:
        return cell
    first, second, year, rest = match.groups()
    day, month = (first, second) if day_first else (second, first)
    return f"{year}-{int(month):02}-{int(day):02}{rest}"


def reason(error: ValidationError) -> str:
    """The error in one line."""
    return _(", ").join(error.messages)
