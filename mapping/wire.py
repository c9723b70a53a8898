"""The mapping as JSON: what the API, the download and the upload carry. The shape is checked here, the rules are not."""

import json
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from crm.kit.numbers import show_number
from mapping.errors import Errors, MappingRefused
from mapping.rows import TARGETS, Row

MAX_ROWS = 1000  # far more than there are targets
MAX_BYTES = 1_000_000
COLUMNS = ("lead", *TARGETS)


class MappingUnreadable(Exception):
    """What was sent is no mapping. `errors`: sentences by key."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        self.errors = errors
        super().__init__(errors)

    def __str__(self) -> str:
        return " ".join(message for messages in self.errors.values() for message in messages)


def loads(data: bytes) -> Any:
    """Read a JSON file; raises MappingUnreadable."""
    if len(data) > MAX_BYTES:
        raise MappingUnreadable({"file": [_("This file is too large for a mapping.")]})
    try:
        read = json.loads(data.decode("utf-8-sig"))
        json.dumps(read, ensure_ascii=False).encode()  # half of a surrogate pair could not even be named in an answer
        return read
    except (ValueError, RecursionError):
        raise MappingUnreadable({"file": [_("This file is no JSON. Choose one that was exported here.")]}) from None


def read_revision(sent: object) -> int:
    """The number of the table that the sender started from; raises MappingUnreadable."""
    number = sent.get("revision") if isinstance(sent, dict) else None
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < 2**31:
        raise MappingUnreadable({"revision": [_("Send the number of the revision that you started from.")]})
    return number


def read_rows(sent: object) -> list[Row]:
    """The rows of `{"rows": [{"lead": …, "organization": …, …}]}`; raises MappingUnreadable, or MappingRefused by row and column."""
    if not isinstance(sent, dict):
        raise MappingUnreadable({"detail": [_("Send a JSON object.")]})
    if unknown := sorted(set(sent) - {"revision", "rows", "unmapped"}):
        raise MappingUnreadable({key: [_("There is no such key.")] for key in unknown})
    rows = sent.get("rows")
    if not isinstance(rows, list):
        raise MappingUnreadable({"rows": [_("Send the list of rows.")]})
    if len(rows) > MAX_ROWS:
        raise MappingUnreadable({"rows": [_("A mapping has at most %(max)s rows.") % {"max": show_number(MAX_ROWS)}]})
    errors: Errors = {index: wrong for index, row in enumerate(rows) if (wrong := _problems(row))}
    if errors:
        raise MappingRefused(errors)
    return [_row(row) for row in rows]


def _problems(row: object) -> dict[str, list[str]]:
    if not isinstance(row, dict):
        return {"row": [_("Send a JSON object.")]}
    wrong = {str(key): [_("There is no such key.")] for key in row if key not in (*COLUMNS, "locked")}
    wrong |= {key: [_("Send a field key or null.")] for key in COLUMNS if not isinstance(row.get(key), str | None)}
    if not isinstance(row.get("locked", False), bool):
        wrong["locked"] = [_("Send true or false.")]
    return wrong


def _row(row: dict[str, Any]) -> Row:
    cells = {module: row.get(module) or None for module in TARGETS}
    return replace(Row.of(row.get("lead") or "", cells), locked=row.get("locked", False))
