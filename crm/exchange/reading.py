"""Reading the rows of a table: each becomes a draft of a record, or is named with its column and reason."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm.exchange import cells
from crm.exchange.dialect import Table
from crm.exchange.headers import is_errors, is_ours, is_vtiger
from crm.exchange.people import Owners
from crm.exchange.report import BadRow, Report
from crm.fields import dictionary, registry
from crm.fields.kind import is_empty, missing
from crm.fields.kinds import DATE, DATETIME
from crm.kit.sheets import untamed
from crm.people.models import User


@dataclass(slots=True, kw_only=True)
class Draft:
    """A row that can be taken: the values by field key, the owner, and the lines for the note."""

    row: int
    values: dict[str, Any]
    owner: User
    note: list[str] = field(default_factory=list)
    existing: int | None = None


class Reader:
    """Reads a table for a module. `columns` are the fields by their columns' places, `unused` the places of which nothing is kept;
    what is wrong or strange goes into the report.
    """

    def __init__(
        self,
        table: Table,
        module: registry.Module,
        *,
        columns: dict[int, registry.Field],
        unused: set[int],
        owners: Owners,
        report: Report,
    ) -> None:
        self.table, self.module, self.columns, self.unused = table, module, columns, unused
        self.owners, self.report = owners, report
        self.is_vtiger, self.is_ours = is_vtiger(table.header), is_ours(table.header)
        self.is_tamed = is_errors(table.header)
        self.day_first: dict[int, bool] = {}

    def prepare(self) -> None:
        """Look at whole columns, once before rows are read."""
        dated = (place for place, found in self.columns.items() if found.kind in (DATE, DATETIME))
        self.day_first = {place: self._day_first(place) for place in dated}

    def column(self, place: int) -> list[str]:
        """The column's cells as they were typed."""
        column = [row[place] for row in self.table.rows if place < len(row)]
        return [cells.unescape(cell) for cell in column] if self.is_vtiger else column

    def _day_first(self, place: int) -> bool:
        column = [row[place] for row in self.table.rows if place < len(row)]
        order = cells.is_day_first(column)
        if order is None and any(cells.reorder(cell.strip(), day_first=True) != cell.strip() for cell in column):
            self.report.notices[
                _("Column %(column)s: read as day-month-year; nothing in it says otherwise")
                % {"column": self.table.header[place]}
            ] += 1
        return order is not False

    def drafts(self, start: int, count: int) -> Iterator[Draft]:
        """The rows from there on that can be taken; blank ones are none."""
        for number, row in enumerate(self.table.rows[start : start + count], start=start + 2):
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(self.table.header):
                reason = _("%(found)s cells instead of %(wanted)s") % {
                    "found": len(row),
                    "wanted": len(self.table.header),
                }
                self.report.bad.append(BadRow(row=number, column="", reason=reason))
            elif (draft := self._draft(number, row)) is not None:
                yield draft

    def _draft(self, number: int, row: list[str]) -> Draft | None:
        bad: list[BadRow] = []
        values: dict[str, Any] = {}
        owner = self.owners.fallback
        for place, found in self.columns.items():
            try:
                if found.key == "assigned_to":
                    owner = self._owner(row[place])
                else:
                    values[found.key] = self._value(row[place], found, place)
            except ValidationError as error:
                bad.append(BadRow(row=number, column=self.table.header[place], reason=cells.reason(error)))
        bad += self._missing(number, values, owner, bad)
        self.report.bad += bad
        if bad or owner is None:
            return None
        return Draft(row=number, values=values, owner=owner, note=list(self._note(row)))

    def _owner(self, name: str) -> User:
        owner = self.owners.find(name)
        if owner is None:
            raise ValidationError(
                _("There is no user “%(name)s”. Say with --owner whose the row is."), params={"name": name}
            )
        if not self.owners.knows(name):
            self.report.notices[
                _("Owner “%(name)s” is unknown; the rows went to %(owner)s") % {"name": name, "owner": owner}
            ] += 1
        return owner

    def _value(self, cell: str, found: registry.Field, place: int) -> Any:
        value = cells.value(
            untamed(cell) if self.is_tamed else cell,
            found,
            is_vtiger=self.is_vtiger,
            is_ours=self.is_ours,
            day_first=self.day_first.get(place, True),
        )
        for chosen in value if isinstance(value, list) else [value] if found.kind.chooses and value else []:
            if chosen not in dictionary.labels(found.list_key):
                text = _("%(field)s: “%(value)s” is not in the list; it was kept")
                self.report.notices[text % {"field": found.label, "value": chosen}] += 1
        if self.is_vtiger and cells.may_be_zero(found) and cell and is_empty(value):
            self.report.notices[_("%(field)s: 0 was read as empty, as Vtiger writes it") % {"field": found.label}] += 1
        return value

    def _missing(
        self, number: int, values: Mapping[str, Any], owner: User | None, bad: list[BadRow]
    ) -> Iterator[BadRow]:
        """Name the mandatory fields that have no value, unless something was said of them already."""
        told = {one.column for one in bad}
        titles = {found.key: self.table.header[place] for place, found in self.columns.items()}
        for one in self.module.editable():
            title = titles.get(one.key, str(one.label))
            is_missing = owner is None if one.key == "assigned_to" else is_empty(values.get(one.key))
            if one.required and is_missing and title not in told:
                yield BadRow(row=number, column=title, reason=missing(one))

    def _note(self, row: list[str]) -> Iterator[str]:
        """What has no field, a line "Label: value" each."""
        for place, title in enumerate(self.table.header):
            if place not in self.columns and place not in self.unused and row[place].strip():
                cell = untamed(row[place]) if self.is_tamed or self.is_ours else row[place]
                cell = cells.unescape(cell) if self.is_vtiger else cell
                yield f"{title}: {cell}".replace("\0", "")
