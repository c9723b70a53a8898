"""Importing records of a module from a table: each row is taken whole or named with its column and reason."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.exchange import cells
from crm.exchange.dialect import Table
from crm.exchange.guessing import Guess, guess
from crm.exchange.headers import importable, is_ours, is_system, is_vtiger, left_out, match
from crm.exchange.people import Owners
from crm.exchange.report import BadRow, Report
from crm.fields import dictionary, registry
from crm.fields.kind import is_empty, missing
from crm.fields.kinds import DATE, DATETIME
from crm.fields.services import create_field
from crm.kit.fold import fold
from crm.people.access import can
from crm.people.models import User
from crm.records.base import Record, national
from crm.related import filing
from crm.related.models import Comment

CHUNK = 500
NEW_FIELD, IN_NOTE, LEAVE_OUT = "+new", "+note", "+leave"  # what somebody may choose for a column besides a field
CREATE, SKIP, UPDATE = "create", "skip", "update"


@dataclass(slots=True, kw_only=True)
class Draft:
    """A row that can be taken: the values by field key, the owner, and the lines for the note."""

    row: int
    values: dict[str, Any]
    owner: User
    note: list[str] = field(default_factory=list)
    existing: Any = None


class Import:
    """One import into one module. `by` is who imports; `owner` gets the rows whose owner is unknown."""

    def __init__(
        self,
        table: Table,
        module: registry.Module,
        *,
        by: User,
        owner: User | None = None,
        on_duplicate: str = CREATE,
        create_fields: bool = False,
        chosen: Mapping[int, str] | None = None,
    ) -> None:
        if not can(by, "add", module.model) or (create_fields and not by.has_perm("fields.add_customfield")):
            raise PermissionDenied
        self.table, self.module, self.by = table, module, by
        self.on_duplicate = on_duplicate
        self.owners = Owners(owner)
        self.columns = match(table.header, module) if chosen is None else self._as_chosen(chosen)
        self.is_vtiger, self.is_ours = is_vtiger(table.header), is_ours(table.header)
        self.unused = left_out(table.header, module) if self.is_ours else set()
        self.unused |= {place for place, key in (chosen or {}).items() if key == LEAVE_OUT}
        self.new_fields = self._new_fields(chosen) if create_fields else {}
        self.report = Report(
            total=len(table.rows),
            without_field=[
                title
                for place, title in enumerate(table.header)
                if place not in self.columns and place not in self.unused and place not in self.new_fields
            ],
            matched={table.header[place]: str(found.label) for place, found in self.columns.items()},
        )
        self.report.new_fields = {table.header[place]: str(made.kind.label) for place, made in self.new_fields.items()}
        self.day_first: dict[int, bool] = {}

    def run(self, *, dry_run: bool = False) -> Report:
        """Take the rows, or with `dry_run` only say what would happen."""
        self.report.is_dry_run = dry_run
        if not dry_run:
            self._create_fields()
        dated = (place for place, found in self.columns.items() if found.kind in (DATE, DATETIME))
        self.day_first = {place: self._day_first(place) for place in dated}
        drafts = list(self._drafts())
        if self.on_duplicate != CREATE:
            drafts = list(self._without_duplicates(drafts))
        if dry_run:
            self.report.created = sum(1 for draft in drafts if draft.existing is None)
            self.report.updated = len(drafts) - self.report.created
            return self.report
        new = [draft for draft in drafts if draft.existing is None]
        for start in range(0, len(new), CHUNK):
            self._create(new[start : start + CHUNK])
        for draft in drafts:
            if draft.existing is not None:
                self._update(draft)
        return self.report

    def _as_chosen(self, chosen: Mapping[int, str]) -> dict[int, registry.Field]:
        """The fields that somebody chose for the columns; one field takes one column."""
        fields = self.module.fields
        return {place: fields[key] for place, key in chosen.items() if key in fields and importable(fields[key])}

    def _new_fields(self, chosen: Mapping[int, str] | None) -> dict[int, Guess]:
        """What would be made for columns that have no field: all of them, or those for which somebody chose it."""
        guesses = {}
        for place, title in enumerate(self.table.header):
            wanted = chosen.get(place) == NEW_FIELD if chosen is not None else not (self.is_vtiger and is_system(title))
            if wanted and title and place not in self.columns and place not in self.unused:
                guesses[place] = guess(self.column(place))
        return {place: made for place, made in guesses.items() if made is not None}

    def column(self, place: int) -> list[str]:
        """The column's cells as they were typed."""
        column = [row[place] for row in self.table.rows if place < len(row)]
        return [cells.unescape(cell) for cell in column] if self.is_vtiger else column

    def _create_fields(self) -> None:
        """Make the new fields; a title that can't be a label leaves its column in the note."""
        for place, made in self.new_fields.items():
            title = self.table.header[place]
            try:
                field = create_field(self.module.key, label_en=title, label_fa=title, by=self.by, **made.definition())
            except ValidationError as error:
                del self.report.new_fields[title]
                self.report.without_field.append(title)
                text = _("Column %(column)s became no field: %(reason)s")
                self.report.notices[text % {"column": title, "reason": cells.reason(error)}] += 1
            else:
                self.columns[place] = self.module.fields[field.key]

    def _day_first(self, place: int) -> bool:
        column = [row[place] for row in self.table.rows if place < len(row)]
        order = cells.is_day_first(column)
        if order is None and any(cells.reorder(cell.strip(), day_first=True) != cell.strip() for cell in column):
            self.report.notices[
                _("Column %(column)s: read as day-month-year; nothing in it says otherwise")
                % {"column": self.table.header[place]}
            ] += 1
        return order is not False

    def _drafts(self) -> Iterator[Draft]:
        for number, row in enumerate(self.table.rows, start=2):
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
            cell,
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
                cell = cells.unescape(row[place]) if self.is_vtiger else row[place]
                yield f"{title}: {cell}".replace("\0", "")

    @transaction.atomic
    def _create(self, drafts: list[Draft]) -> None:
        records = [self._build(draft) for draft in drafts]
        self.module.model._default_manager.bulk_create(records)
        homes = filing.open_dossiers(records)
        notes = [
            Comment(dossier=home, body="\n".join(draft.note), created_by=self.by)
            for home, draft in zip(homes, drafts, strict=True)
            if draft.note
        ]
        Comment.objects.bulk_create(notes)
        self.report.created += len(records)

    def _build(self, draft: Draft) -> Record:
        record: Any = self.module.model()
        for key, value in draft.values.items():
            self.module.fields[key].set(record, value)
        record.assigned_to = draft.owner
        filing.stamp(record, by=self.by, now=timezone.now())
        return record  # type: ignore[no-any-return]

    def _update(self, draft: Draft) -> None:
        """Fill what is empty in the record that is there; what it holds stays."""
        fields = self.module.fields
        values = {
            key: value
            for key, value in draft.values.items()
            if not fields[key].read_only and not is_empty(value) and is_empty(fields[key].get(draft.existing))
        }
        try:
            filing.edit(draft.existing, values, by=self.by)
        except ValidationError as error:
            self.report.bad.append(BadRow(row=draft.row, column="", reason=cells.reason(error)))
        else:
            self.report.updated += 1

    def _without_duplicates(self, drafts: list[Draft]) -> Iterator[Draft]:
        """Skip or update rows whose person is there already: the same e-mail, or the same name with the same phone or company."""
        records: Any = self.module.model._default_manager
        known: dict[str, Any] = {}
        for record in records.visible_to(self.by).iterator(chunk_size=2000):
            values = {key: one.get(record) for key, one in self.module.fields.items()}
            known |= dict.fromkeys(keys_of(values), record)
        for draft in drafts:
            same = next((known[key] for key in keys_of(draft.values) if key in known), None)
            if same is None:
                yield draft
            elif self.on_duplicate == UPDATE:
                draft.existing = same
                yield draft
            else:
                self.report.skipped += 1


def keys_of(values: Mapping[str, Any]) -> list[str]:
    """The keys by which a person or company is known again."""
    name = fold(f"{values.get('first_name') or ''} {values.get('last_name') or ''} {values.get('name') or ''}")
    phones = {national(values[key]) for key in ("phone", "mobile", "office_phone") if values.get(key)}
    keys = [f"{name}|{phone}" for phone in sorted(phones) if phone]
    keys += [f"{name}|{fold(values['company'])}"] if values.get("company") else []
    keys += [f"{name}|{fold(values['email'])}"] if values.get("email") else []
    return keys or [f"{name}|"]
