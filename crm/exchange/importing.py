"""Importing records of a module from a table: what the reader made of its rows is created, filled in, or skipped."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.exchange import cells
from crm.exchange.dialect import Table
from crm.exchange.guessing import Guess, guess
from crm.exchange.headers import importable, is_system, left_out, match
from crm.exchange.known import keys_of, known_records
from crm.exchange.people import Owners
from crm.exchange.reading import Draft, Reader
from crm.exchange.report import BadRow, Report
from crm.fields import registry
from crm.fields.kind import is_empty
from crm.fields.services import create_field
from crm.people.access import can
from crm.people.models import User
from crm.records.base import Record, RecordIsLocked
from crm.related import filing
from crm.related.models import Comment

CHUNK = 500
NEW_FIELD, IN_NOTE, LEAVE_OUT = "+new", "+note", "+leave"  # what somebody may choose for a column besides a field
CREATE, SKIP, UPDATE = "create", "skip", "update"
CREATED, FILLED, SKIPPED, REFUSED = "created", "filled", "skipped", "refused"  # what may become of a row


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
        self.columns = match(table.header, module) if chosen is None else self._as_chosen(chosen)
        self.unused = left_out(table.header, module) if chosen is None else set()
        self.unused |= {place for place, key in (chosen or {}).items() if key == LEAVE_OUT}
        self.report = Report(
            total=len(table.rows),
            matched={table.header[place]: str(found.label) for place, found in self.columns.items()},
        )
        self.reader = Reader(
            table, module, columns=self.columns, unused=self.unused, owners=Owners(owner), report=self.report
        )
        self.new_fields = self._new_fields(chosen) if create_fields else {}
        self.report.without_field = [
            title
            for place, title in enumerate(table.header)
            if place not in self.columns and place not in self.unused and place not in self.new_fields
        ]
        self.report.new_fields = {table.header[place]: str(made.kind.label) for place, made in self.new_fields.items()}

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
        self.reader.prepare()
        if self.on_duplicate != CREATE:
            self.known = known_records(self.module, by=self.by, but=self.made)

    def take(self, start: int, *, dry_run: bool = False) -> list[Taken]:
        """Take the chunk of rows that begins there, all of it or, after an error, nothing; tells what became of each row."""
        bad_before = len(self.report.bad)
        drafts = list(self.reader.drafts(start, CHUNK))
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
            is_vtigers_own = self.reader.is_vtiger and is_system(title)
            wanted = chosen.get(place) == NEW_FIELD if chosen is not None else not is_vtigers_own
            if wanted and title and place not in self.columns and place not in self.unused:
                guesses[place] = guess(self.reader.column(place))
        return {place: made for place, made in guesses.items() if made is not None}

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
