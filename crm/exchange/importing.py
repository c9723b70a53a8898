"""Importing records of a module from a table: each row is taken whole or named with its column and reason."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.exchange import cells
from crm.exchange.dialect import Table
from crm.exchange.guessing import Guess, guess
from crm.exchange.headers import importable, is_errors, is_ours, is_system, is_vtiger, left_out, match
from crm.exchange.people import Owners
from crm.exchange.report import BadRow, Report
from crm.fields import dictionary, registry
from crm.fields.kind import is_empty, missing
from crm.fields.kinds import DATE, DATETIME
from crm.fields.services import create_field
from crm.kit.fold import fold
from crm.kit.sheets import untamed
from crm.people.access import can
from crm.people.models import User
from crm.records.base import Record, RecordIsLocked, national
from crm.related import filing
from crm.related.models import Comment

CHUNK = 500
NEW_FIELD, IN_NOTE, LEAVE_OUT = "+new", "+note", "+leave"  # what somebody may choose for a column besides a field
CREATE, SKIP, UPDATE = "create", "skip", "update"
CREATED, FILLED, SKIPPED, REFUSED = "created", "filled", "skipped", "refused"  # what may become of a row


@dataclass(slots=True, kw_only=True)
class Draft:
    """A row that can be taken: the values by field key, the owner, and the lines for the note."""

    row: int
    values: dict[str, Any]
    owner: User
    note: list[str] = field(default_factory=list)
    existing: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a row: the record that was made, or the primary key of the one that was there, or the problems."""

    row: int
    outcome: str
    record: Record | None = None
    pk: int | None = None
    problems: tuple[BadRow, ...] = ()


class Import:
    """One import into one module. `by` is who imports; `owner` gets the rows whose owner is unknown.

    `chosen` says for a column's place which field it goes to, or one of "+new", "+note", "+leave". `made` names records that
    this import made already, before it was interrupted.
    """

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
        made: Any = (),
    ) -> None:
        if not can(by, "add", module.model) or (create_fields and not by.has_perm("fields.add_customfield")):
            raise PermissionDenied
        if on_duplicate == UPDATE and not can(by, "change", module.model):
            raise PermissionDenied
        self.table, self.module, self.by = table, module, by
        self.on_duplicate, self.made = on_duplicate, made
        self.known: dict[str, int] = {}
        self.owners = Owners(owner)
        self.columns = match(table.header, module) if chosen is None else self._as_chosen(chosen)
        self.is_vtiger, self.is_ours = is_vtiger(table.header), is_ours(table.header)
        self.is_tamed = is_errors(table.header)
        self.unused = left_out(table.header, module) if chosen is None else set()
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
            self.create_fields()
        self.prepare()
        for start in range(0, len(self.table.rows), CHUNK):
            self.take(start, dry_run=dry_run)
        return self.report

    def prepare(self) -> None:
        """Look at whole columns and at the records that are there, once before rows are taken."""
        dated = (place for place, found in self.columns.items() if found.kind in (DATE, DATETIME))
        self.day_first = {place: self._day_first(place) for place in dated}
        self.known = self._known() if self.on_duplicate != CREATE else {}

    def take(self, start: int, *, dry_run: bool = False) -> list[Taken]:
        """Take the chunk of rows that begins there, all of it or, after an error, nothing; tells what became of each row."""
        bad_before = len(self.report.bad)
        drafts = list(self._drafts(start))
        for draft in drafts:
            draft.existing = next((self.known[key] for key in keys_of(draft.values) if key in self.known), None)
        new = [draft for draft in drafts if draft.existing is None]
        there = [draft for draft in drafts if draft.existing is not None]
        filled = there if self.on_duplicate == UPDATE else []
        skipped = there if self.on_duplicate != UPDATE else []
        if dry_run:
            made: list[Record | None] = [None] * len(new)
        else:
            with transaction.atomic():
                made = list(self._create(new))
                filled = [draft for draft in filled if self._update(draft)]
        self.report.created += len(new)
        self.report.updated += len(filled)
        self.report.skipped += len(skipped)
        return [
            *(Taken(row=draft.row, outcome=CREATED, record=record) for draft, record in zip(new, made, strict=True)),
            *(Taken(row=draft.row, outcome=FILLED, pk=draft.existing) for draft in filled),
            *(Taken(row=draft.row, outcome=SKIPPED, pk=draft.existing) for draft in skipped),
            *self._refused(bad_before),
        ]

    def _refused(self, start: int) -> Iterator[Taken]:
        """The rows with problems that were found since the report had so many."""
        by_row: dict[int, list[BadRow]] = {}
        for bad in self.report.bad[start:]:
            by_row.setdefault(bad.row, []).append(bad)
        return (Taken(row=row, outcome=REFUSED, problems=tuple(found)) for row, found in by_row.items())

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

    def create_fields(self) -> None:
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

    def _drafts(self, start: int) -> Iterator[Draft]:
        """The rows of a chunk that can be taken; blank ones are none."""
        for number, row in enumerate(self.table.rows[start : start + CHUNK], start=start + 2):
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

    def _create(self, drafts: list[Draft]) -> list[Record]:
        now = timezone.now()
        records = [self._build(draft, now) for draft in drafts]
        self.module.model._default_manager.bulk_create(records)
        homes = filing.open_dossiers(records)
        notes = [
            Comment(dossier=home, body="\n".join(draft.note), created_by=self.by, created_at=now)
            for home, draft in zip(homes, drafts, strict=True)
            if draft.note
        ]
        Comment.objects.bulk_create(notes)
        return records

    def _build(self, draft: Draft, now: datetime) -> Record:
        record: Any = self.module.model()
        for key, value in draft.values.items():
            self.module.fields[key].set(record, value)
        record.assigned_to = draft.owner
        filing.stamp(record, by=self.by, now=now)
        return record  # type: ignore[no-any-return]

    def _update(self, draft: Draft) -> bool:
        """Fill what is empty in the record that is there; what it holds stays. Tells whether it could be done."""
        records: Any = self.module.model._default_manager
        existing = records.visible_to(self.by).filter(pk=draft.existing).first()
        if existing is None:
            self._refuse(draft, _("The record that looked the same is no longer there."))
            return False
        fields = self.module.fields
        values = {
            key: value
            for key, value in draft.values.items()
            if not fields[key].read_only and not is_empty(value) and is_empty(fields[key].get(existing))
        }
        try:
            filing.edit(existing, values, by=self.by)
        except ValidationError as error:
            self._refuse(draft, cells.reason(error))
        except RecordIsLocked:
            self._refuse(draft, _("The record that looked the same is no longer there."))
        else:
            return True
        return False

    def _refuse(self, draft: Draft, reason: str) -> None:
        self.report.bad.append(BadRow(row=draft.row, column="", reason=reason))

    def _known(self) -> dict[str, int]:
        """The records that are there, by the keys under which a row is known again: the same name with the same e-mail,
        phone or company. What this import made itself is not among them."""
        records: Any = self.module.model._default_manager
        held = [key for key in KNOWN_BY if key in self.module.fields]
        found = records.visible_to(self.by).exclude(pk__in=self.made).order_by("pk")
        known: dict[str, int] = {}
        for pk, *values in found.values_list("pk", *held).iterator(chunk_size=2000):
            known |= dict.fromkeys(keys_of(dict(zip(held, values, strict=True))), pk)
        return known


KNOWN_BY = ("first_name", "last_name", "name", "phone", "mobile", "office_phone", "company", "email")


def keys_of(values: Mapping[str, Any]) -> list[str]:
    """The keys by which a person or company is known again."""
    name = fold(f"{values.get('first_name') or ''} {values.get('last_name') or ''} {values.get('name') or ''}")
    phones = {national(values[key]) for key in ("phone", "mobile", "office_phone") if values.get(key)}
    keys = [f"{name}|{phone}" for phone in sorted(phones) if phone]
    keys += [f"{name}|{fold(values['company'])}"] if values.get("company") else []
    keys += [f"{name}|{fold(values['email'])}"] if values.get("email") else []
    return keys or [f"{name}|"]
