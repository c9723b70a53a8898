"""The rules applied to a whole table (PRODUCT §1). Page, API, command and file all ask here; nothing is read or written."""

from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import gettext as _

from crm.fields import registry
from crm.fields.kinds import LINK
from crm.fields.registry import Field
from crm.kit.numbers import show_number
from mapping.defaults import ROWS
from mapping.errors import Errors
from mapping.rows import TARGETS, Row
from mapping.rules import Problem, problem

Fields = Mapping[str, Mapping[str, Field]]
LOCKED = tuple(row for row in ROWS if row.locked)
LOCKED_PAIRS = frozenset((row.lead, module, target) for row in LOCKED for module, target in row.targets().items())


def fields_now() -> dict[str, dict[str, Field]]:
    """The fields in use, by module and key."""
    return {key: dict(registry.module(key).fields) for key in ("lead", *TARGETS)}


def check(rows: Sequence[Row], fields: Fields) -> Errors:
    """Say by row and column what is wrong with a table; an empty answer means that it may be saved.

    A locked row that is missing is reported behind the last row.
    """
    errors: Errors = {}
    for index, row in enumerate(rows):
        for column, message in _row(row, fields):
            errors.setdefault(index, {}).setdefault(column, []).append(message)
    for index, column, message in _taken_twice(rows, fields):
        errors.setdefault(index, {}).setdefault(column, []).append(message)
    for row in LOCKED:
        if row not in rows:
            message = _("The row of %(field)s is part of the system and has to be there unchanged.")
            name = label(fields, "lead", row.lead)
            errors.setdefault(len(rows), {}).setdefault("row", []).append(message % {"field": name})
    return errors


def _row(row: Row, fields: Fields) -> Iterator[tuple[str, str]]:
    if row.locked:
        if row not in LOCKED:
            yield "row", _("This mapping is part of the system and can't be changed.")
        return
    source = fields["lead"].get(row.lead)
    if not row.lead:
        yield "lead", _("Choose the lead field first.")
    elif source is None:
        yield "lead", _("This lead field doesn't exist any more. Choose another.")
    if not row.targets():
        yield "row", _("Choose at least one target, or remove this row.")
    for module, target in row.targets().items() if source else ():
        if found := pair_problem(source, module, fields[module].get(target), is_locked=False):
            yield module, found.message


def pair_problem(source: Field | None, module: str, target: Field | None, *, is_locked: bool) -> Problem | None:
    """What is wrong with one arrow. The system's company row makes the link to the organization: no type has to fit there."""
    if is_locked and source and target and target.kind is LINK and (source.key, module, target.key) in LOCKED_PAIRS:
        return None
    return problem(source, target)


def _taken_twice(rows: Sequence[Row], fields: Fields) -> Iterator[tuple[int, str, str]]:
    """The third rule: a target takes one source. Locked rows come first, then the rows in their order."""
    takers: dict[tuple[str, str], int] = {}
    for index in sorted(range(len(rows)), key=lambda index: not rows[index].locked):
        for module, target in rows[index].targets().items():
            first = takers.setdefault((module, target), index)
            if first != index and target in fields[module]:
                yield index, module, _taken(rows[index], rows[first], first, label(fields, module, target), fields)


def _taken(row: Row, other: Row, index: int, target: str, fields: Fields) -> str:
    values = {"source": label(fields, "lead", other.lead), "target": target, "row": show_number(index + 1)}
    if row.lead == other.lead:
        return _("%(source)s → %(target)s is already in row %(row)s.") % values
    return _("%(target)s already takes %(source)s (row %(row)s). A target takes one source.") % values


def label(fields: Fields, module: str, key: str) -> str:
    """The field's label, or its key where the field is gone."""
    return str(fields[module][key].label) if key in fields[module] else key
