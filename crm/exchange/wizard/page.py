"""What the page of an import shows, from its check to its undoing."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.utils.functional import Promise

from crm.exchange.importing import IN_NOTE, LEAVE_OUT, NEW_FIELD, UPDATE
from crm.exchange.models import FileImport, ImportedRow
from crm.exchange.wizard import steps
from crm.exchange.wizard.columns import name
from crm.exchange.wizard.job import module
from crm.exchange.wizard.undoing import may_undo
from crm.fields.kinds import KINDS
from crm.jobs.models import Job
from crm.jobs.page import Group

SIZE = 50
FIRST = 20  # problems that are shown with the report
Outcome = ImportedRow.Outcome
LOOKS = {Outcome.CREATED: "ok", Outcome.FILLED: "info", Outcome.REFUSED: "bad", Outcome.KEPT: "warn"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the file with what became of it; `record` if the user may see it."""

    row: ImportedRow
    record: Any

    @property
    def label(self) -> str | Promise:
        return Outcome(self.row.outcome).label

    @property
    def look(self) -> str:
        return LOOKS.get(Outcome(self.row.outcome), "mute")

    @property
    def number(self) -> str:
        return f"{module().prefix}{self.row.record}" if self.row.record else ""


@dataclass(frozen=True)
class ImportPage:
    """The import from its check to its undoing."""

    request: HttpRequest
    found: FileImport

    @property
    def job(self) -> Job:
        return self.found.job

    @property
    def moving(self) -> Job | None:
        """The job that is under way or was the last."""
        return self.found.undoing or self.found.job

    @property
    def is_reading(self) -> bool:
        return self.found.step == FileImport.Step.READING

    @property
    def is_moving(self) -> bool:
        """Whether there is something to wait for."""
        return self.moving is not None and self.moving.state in (Job.State.CHECKING, Job.State.RUNNING)

    @property
    def has_begun(self) -> bool:
        return self.job.started_at is not None

    @property
    def is_checked(self) -> bool:
        return self.job.state == Job.State.READY

    @property
    def mark(self) -> str:
        """What tells the browser that the page is another."""
        return f"{self.job.state} {self.found.step} {self.found.undoing.state if self.found.undoing else ''}"

    @cached_property
    def tally(self) -> dict[str, int]:
        counted = self.found.rows.order_by().values_list("outcome").annotate(times=Count("pk"))
        return dict(counted.values_list("outcome", "times"))

    @property
    def total(self) -> int:
        return self.found.undoing.total if self.found.undoing else self.job.total

    @property
    def done(self) -> int:
        if self.found.undoing is None:
            return self.found.position
        return self.tally.get(Outcome.DELETED, 0) + self.tally.get(Outcome.KEPT, 0)

    @property
    def percent(self) -> int:
        return 100 * self.done // max(self.total, 1)

    @property
    def counts(self) -> dict[str, int]:
        return {key: self.found.report.get(key, 0) for key in ("created", "updated", "skipped", "refused")}

    @property
    def to_take(self) -> int:
        """How many rows the run would take."""
        return self.counts["created"] + self.counts["updated"]

    @property
    def kept(self) -> int:
        return self.tally.get(Outcome.KEPT, 0)

    @property
    def deleted(self) -> int:
        return self.tally.get(Outcome.DELETED, 0)

    def notices(self) -> list[tuple[str, int]]:
        return list(self.found.report.get("notices", {}).items())

    def titles_to(self, choice: str) -> list[str]:
        columns = steps.known_columns(self.found)
        return [name(columns, place) for place, one in enumerate(self.found.choices) if one == choice]

    def in_note(self) -> list[str]:
        return self.titles_to(IN_NOTE)

    def left_out(self) -> list[str]:
        return self.titles_to(LEAVE_OUT)

    def to_make(self) -> list[str]:
        return self.titles_to(NEW_FIELD)

    def new_fields(self) -> dict[str, str]:
        """The fields that were made, with their types."""
        made: dict[str, str] = self.found.report.get("new_fields", {})
        return {title: str(KINDS[kind].label) for title, kind in made.items()}

    @property
    def fills(self) -> bool:
        return self.found.on_duplicate == UPDATE

    def first_problems(self) -> list[tuple[int, str, str]]:
        """The first problems: row, column, reason."""
        rows = self.found.rows.filter(outcome=Outcome.REFUSED).order_by("number")[:FIRST]
        found = [(row.number, column, reason) for row in rows for column, reason in row.problems]
        return found[:FIRST]

    @property
    def can_undo(self) -> bool:
        return steps.can_undo(self.found, self.request.user)

    @property
    def can_resume(self) -> bool:
        return self.has_begun and bool(self.found.file) and self.found.undoing is None

    @property
    def may_undo(self) -> bool:
        return may_undo(self.request.user)

    def _order(self) -> list[Outcome]:
        """What a person has to look at comes first."""
        order = (Outcome.KEPT, Outcome.CREATED, Outcome.FILLED, Outcome.SKIPPED, Outcome.DELETED)
        return [one for one in order if self.tally.get(one)]

    @cached_property
    def show(self) -> str:
        wanted = self.request.GET.get("show", "")
        return wanted if wanted in self._order() else next(iter(self._order()), "")

    def groups(self) -> list[Group]:
        return [
            Group(key=one, label=one.label, count=self.tally[one], is_current=one == self.show) for one in self._order()
        ]

    @cached_property
    def _rows(self) -> list[ImportedRow]:
        """The rows of the shown group on this page, and one more if there is a further page."""
        after = self.request.GET.get("after", "")
        start = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
        return list(self.found.rows.filter(outcome=self.show, number__gt=start).order_by("number")[: SIZE + 1])

    @property
    def after(self) -> int:
        """Where the next page begins, or 0."""
        return self._rows[SIZE - 1].number if len(self._rows) > SIZE else 0

    def rows(self) -> list[Row]:
        shown = self._rows[:SIZE]
        model: Any = module().model
        seen = model._default_manager.visible_to(self.request.user).filter(pk__in=[row.record for row in shown])
        records = {record.pk: record for record in seen}
        return [Row(row=row, record=records.get(row.record)) for row in shown]
