"""Importing activities and comments onto the leads that they name. A name that fits several leads is reported, not guessed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware
from django.utils.translation import gettext as _

from crm.exchange import cells
from crm.exchange.dialect import Table
from crm.exchange.people import Owners
from crm.exchange.report import BadRow, Report
from crm.fields import registry
from crm.kit import dates
from crm.kit.fold import fold
from crm.kit.text import refuse_unstorable
from crm.people.access import can
from crm.people.models import User
from crm.related.models import Activity, Comment, Related

CHUNK = 1000
PREFIX = "Leads::::"
KINDS = {"call": Activity.Kind.CALL, "task": Activity.Kind.TASK, "meeting": Activity.Kind.MEETING}
DONE = {"held", "completed", "done"}
CANCELLED = {"not held", "cancelled"}
EXACT = {"planned", "not started", "held", "completed", "not held", "done", "cancelled"}


class HangingImport:
    """Base: reads a table whose rows each name a lead as "Leads::::First Last"."""

    model: type[Related]
    target = "Related To"

    def __init__(self, table: Table, *, by: User) -> None:
        if not can(by, "add", self.model):
            raise PermissionDenied
        self.table, self.by, self.owners = table, by, Owners(by)
        self.report = Report(total=len(table.rows))
        self.places = {fold(title): place for place, title in reversed(list(enumerate(table.header)))}
        self.leads = self._leads()

    def _leads(self) -> Mapping[str, list[int]]:
        """The home dossiers of the leads that `by` may see, by the lead's name as Vtiger writes it."""
        records: Any = registry.module("lead").model._default_manager
        names: dict[str, list[int]] = defaultdict(list)
        rows = (
            records.visible_to(self.by)
            .filter(dossiers__is_home=True)
            .values_list("first_name", "last_name", "dossiers")
        )
        for first, last, dossier in rows:
            names[plain(f"{first} {last}")].append(dossier)
        return names

    def run(self, *, dry_run: bool = False) -> Report:
        """Take the rows; one that is there already is skipped, so that the same file can be taken again."""
        self.report.is_dry_run = dry_run
        items = list(self._items())
        present = self._present()
        new = [item for item in items if self._key(item) not in present]
        self.report.skipped = len(items) - len(new)
        for start in range(0, len(new), CHUNK):
            if not dry_run:
                with transaction.atomic():
                    self.model._default_manager.bulk_create(new[start : start + CHUNK])
        self.report.created = len(new)
        return self.report

    def _items(self) -> Iterator[Any]:
        for number, row in enumerate(self.table.rows, start=2):
            try:
                if len(row) != len(self.table.header):
                    raise ValidationError(_("The row has another number of cells than the header."))
                for cell in row:
                    refuse_unstorable(cell)
                yield self.item(row, self._dossier(row))
            except (ValidationError, ValueError) as error:
                reason = cells.reason(error) if isinstance(error, ValidationError) else str(error)
                self.report.bad.append(BadRow(row=number, column=self.target, reason=reason))

    def _dossier(self, row: list[str]) -> int:
        named = self.cell(row, self.target)
        if not named.startswith(PREFIX):
            raise ValidationError(_("“%(name)s” names no lead."), params={"name": named[:80]})
        found = self.leads.get(plain(named.removeprefix(PREFIX)), [])
        name = {"name": named.removeprefix(PREFIX), "count": len(found)}
        if not found:
            raise ValidationError(_("There is no open lead “%(name)s”."), params=name)
        if len(found) > 1:
            raise ValidationError(_("“%(name)s” fits %(count)s leads."), params=name)
        return found[0]

    def cell(self, row: list[str], title: str) -> str:
        place = self.places.get(fold(title))
        return row[place] if place is not None else ""

    def moment(self, row: list[str], title: str) -> Any:
        """A time of the file, in the installation's time zone; None where it is empty or impossible."""
        text = self.cell(row, title).strip()
        if not text or text.startswith("0000"):
            return None
        value = parse_datetime(text)
        if value is None:
            return dates.parse_datetime(cells.reorder(text, day_first=True))
        return make_aware(value) if is_naive(value) else value

    def user(self, row: list[str], title: str) -> User:
        return self.owners.find(self.cell(row, title)) or self.by

    def item(self, row: list[str], dossier: int) -> Related:
        """Make the related record of a row, not saved yet."""
        raise NotImplementedError

    def _key(self, item: Any) -> tuple[Any, ...]:
        return (
            item.dossier_id,
            item.created_at,
            getattr(item, "subject", ""),
            getattr(item, "body", ""),
            getattr(item, "starts_at", None),
        )

    def _present(self) -> set[tuple[Any, ...]]:
        return {
            self._key(item)
            for item in self.model._default_manager.filter(dossier__is_home=True).iterator(chunk_size=2000)
        }


def plain(name: str) -> str:
    """A name for comparing: to the character, for two leads may differ in a blank only; but for blanks at the ends."""
    return name.strip()


class ActivityImport(HangingImport):
    """Vtiger's calendar export. A status that ours has no word for is added to the description."""

    model = Activity

    def item(self, row: list[str], dossier: int) -> Activity:
        kind = KINDS.get(self.cell(row, "Activity Type").strip().lower(), Activity.Kind.TASK)
        status = self.cell(row, "Status").strip()
        starts, ends = self.moment(row, "Start Date & Time"), self.moment(row, "End Date & Time")
        is_task = kind == Activity.Kind.TASK
        owner = self.user(row, "Assigned To")
        description = self.cell(row, "Description")
        if status and status.lower() not in EXACT:
            description = f"{description}\nStatus: {status}".lstrip("\n")
        return Activity(
            dossier_id=dossier,
            kind=kind,
            subject=self._subject(row),
            starts_at=starts,
            ends_at=None if is_task or (starts and ends and ends < starts) else ends,
            due_at=ends if is_task else starts,
            status=_status(status.lower()),
            priority=_priority(self.cell(row, "Priority")),
            location=self.cell(row, "Location")[:250],
            description=description,
            assigned_to=owner,
            created_by=self.by,
            **_made(self.moment(row, "Created Time")),
        )

    def _subject(self, row: list[str]) -> str:
        subject = self.cell(row, "Subject")
        if len(subject) > 250:
            raise ValidationError(_("The subject is longer than 250 characters."))
        return subject or _("(no subject)")


def _made(moment: Any) -> dict[str, Any]:
    return {"created_at": moment} if moment else {}


def _status(status: str) -> str:
    return (
        Activity.Status.DONE
        if status in DONE
        else Activity.Status.CANCELLED
        if status in CANCELLED
        else Activity.Status.PLANNED
    )


def _priority(priority: str) -> str:
    word = priority.strip().lower()
    return word if word in Activity.Priority.values else Activity.Priority.MEDIUM


class CommentImport(HangingImport):
    """Vtiger's comments export. Of its two columns "Related To" the first names the lead, the second the comment answered."""

    model = Comment

    def item(self, row: list[str], dossier: int) -> Comment:
        body = self.cell(row, "Comment")
        if not body.strip():
            raise ValidationError(_("The comment is empty."))
        return Comment(
            dossier_id=dossier,
            body=cells.unescape(body),
            created_by=self.user(row, "Creator"),
            **_made(self.moment(row, "Created Time")),
        )
