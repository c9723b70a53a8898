"""The jobs of an import: reading a large file, checking its rows, taking them, deleting them again, removing the file."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm.exchange.dialect import Table, UnreadableFile, table_from
from crm.exchange.importing import CHUNK, CREATED, IN_NOTE, NEW_FIELD, REFUSED, Import, Taken
from crm.exchange.models import FileImport, ImportedRow, Matching
from crm.exchange.report import Report
from crm.exchange.wizard import undoing
from crm.exchange.wizard.columns import Column, digest, look_at, propose, recall, storable
from crm.fields import registry
from crm.jobs import services
from crm.jobs.models import Job
from crm.jobs.tasks import Again, task
from crm.kit import preferences
from crm.kit.inserting import insert

KIND, READ, CHECK, UNDO, REMOVE = (
    "import-leads", "read-import", "check-import", "undo-import", "remove-import-file",
)  # fmt: skip
PERMISSION = "leads.import_leads"
TURN = 20.0  # seconds of work until others have their turn
COUNTS = ("created", "updated", "skipped")


def module() -> registry.Module:
    return registry.module("lead")


def fail(job: int, problem: str) -> None:
    """End a job that can't go on. What was taken stays, and an import that had begun can be resumed."""
    Job.objects.filter(pk=job, state__in=services.OPEN).update(state=Job.State.FAILED, problem=problem[:1000])


@contextmanager
def _in_the_name_of(job: Job) -> Iterator[None]:
    by = job.created_by
    with translation.override(job.language), preferences.use(calendar=by.calendar or None, digits=by.digits or None):
        yield


def _find(pk: int, *, column: str = "job") -> FileImport | None:
    """The import with this job ("job" or "undoing"), if whoever asked for it may still import; else the job fails."""
    found = (
        FileImport.objects.select_related("job__created_by", "undoing__created_by", "owner")
        .filter(**{column: pk})
        .first()
    )
    if found is None:
        return None
    by = getattr(found, column).created_by
    if not (by.is_active and by.has_perm(PERMISSION)):
        fail(pk, "not allowed")
        return None
    return found


def learn(found: FileImport, columns: list[Column], rows: int) -> None:
    """Write down what the file holds, and propose where its columns go: as the last time, else as is guessed."""
    before = Matching.of(digest([column.title for column in columns]))
    choices, hows = recall(before.choices, columns, module()) if before else propose(columns, module())
    told = [{"title": one.title, "samples": list(one.samples), "kind": one.kind} for one in columns]
    found.columns, found.choices, found.hows, found.step = told, choices, hows, FileImport.Step.COLUMNS
    found.save(update_fields=["columns", "choices", "hows", "step"])
    Job.objects.filter(pk=found.job_id).update(total=rows)


@task(READ, back_off=(2, 10), given_up=fail)
def read_file(job: int) -> None:
    """Read a file that is too large to be read while its owner waits."""
    found = _find(job)
    if found is None or found.step != FileImport.Step.READING or found.job.is_over:
        return
    with _in_the_name_of(found.job):
        try:
            table = _read(found.file.name)
            columns = look_at(table)
        except UnreadableFile as error:
            fail(job, str(error))
            found.remove_file()
            return
    learn(found, columns, len(table.rows))


@task(CHECK, back_off=(2, 10), given_up=fail)
def check_rows(job: int) -> None:
    """Try the rows and write nothing of them: as many as a turn allows."""
    if found := _find(job):
        work(found, dry_run=True)


@task(KIND, back_off=(2, 10, 60, 300), given_up=fail)
def take_rows(job: int) -> None:
    """Take as many rows as a turn allows."""
    if found := _find(job):
        work(found, dry_run=False)


def work(found: FileImport, *, dry_run: bool) -> None:
    """Deal with the next rows, chunk by chunk. Raises Again when there are more than a turn allows."""
    until = time.monotonic() + TURN
    if not _is_going(found, dry_run=dry_run):
        return
    with _in_the_name_of(found.job):
        table = _read(found.file.name)
        if not dry_run:
            _make_fields(found, Import(table, module(), **_order(found)))
        importing = Import(table, module(), **_order(found))
        importing.prepare()
        if found.position:
            importing.report.notices.clear()  # they were counted when the first row was taken
        before = dict(found.report)
        while _take_chunk(found, importing, before, dry_run=dry_run):
            if time.monotonic() > until:
                raise Again
    _read.cache_clear()


@lru_cache(maxsize=1)
def _read(name: str) -> Table:
    """The table in a stored file, kept from one turn to the next."""
    with FileImport._meta.get_field("file").storage.open(name) as file:
        return table_from(file.read())


def _is_going(found: FileImport, *, dry_run: bool) -> bool:
    wanted = Job.State.CHECKING if dry_run else Job.State.RUNNING
    return found.job.state == wanted and found.step == FileImport.Step.CHECK and bool(found.file)


def _order(found: FileImport) -> dict[str, Any]:
    made = ImportedRow.objects.filter(file_import=found, outcome=CREATED, record__isnull=False)
    return {
        "by": found.job.created_by,
        "owner": found.owner,
        "on_duplicate": found.on_duplicate,
        "create_fields": NEW_FIELD in found.choices,
        "chosen": dict(enumerate(found.choices)),
        "made": made.values("record"),
    }


def _make_fields(found: FileImport, importing: Import) -> None:
    """Make the new fields, once; from then on their columns go to them, in this import and in the next of such a file."""
    if NEW_FIELD not in found.choices:
        return
    with transaction.atomic():
        if NEW_FIELD not in FileImport.objects.select_for_update().get(pk=found.pk).choices:
            return
        importing.create_fields()
        made: dict[str, str] = {}
        for place, choice in enumerate(found.choices):
            if choice == NEW_FIELD:
                field = importing.columns.get(place)
                found.choices[place] = field.key if field else IN_NOTE
                made |= {storable(found.header[place]): field.kind.key} if field else {}
        found.report = {**found.report, "new_fields": made, "notices": dict(importing.report.notices)}
        found.save(update_fields=["choices", "report"])
        remember(found)


def remember(found: FileImport) -> None:
    """Keep the choices for the next file with this header."""
    values = {"choices": found.choices, "saved_at": timezone.now(), "saved_by": found.job.created_by}
    Matching.objects.update_or_create(digest=digest(found.header), defaults=values)


def _take_chunk(found: FileImport, importing: Import, before: dict[str, Any], *, dry_run: bool) -> bool:
    """Deal with one chunk in one transaction, and tell whether there was one to deal with."""
    with transaction.atomic():
        fresh = FileImport.objects.select_for_update(of=("self",)).select_related("job").get(pk=found.pk)
        is_same = (fresh.revision, fresh.position) == (found.revision, found.position)
        if not (is_same and _is_going(fresh, dry_run=dry_run)):
            return False
        total = len(importing.table.rows)
        if found.position >= total:
            _finish(fresh, dry_run=dry_run)
            return False
        taken = importing.take(found.position, dry_run=dry_run)
        insert([_row(found, one, importing) for one in taken if not dry_run or one.outcome != CREATED])
        found.position, found.report = min(found.position + CHUNK, total), _added(before, importing.report)
        FileImport.objects.filter(pk=found.pk).update(position=found.position, report=found.report)
    return True


def _row(found: FileImport, one: Taken, importing: Import) -> ImportedRow:
    refused = one.outcome == REFUSED
    cells = importing.table.rows[one.row - 2] if refused else []
    return ImportedRow(
        file_import=found,
        number=one.row,
        outcome=one.outcome,
        record=one.record.pk if one.record else one.pk,
        at=one.record.modified_at if one.record else None,
        problems=[[storable(bad.column), storable(bad.reason)] for bad in one.problems],
        cells=[storable(cell) for cell in cells],
    )


def _added(before: dict[str, Any], report: Report) -> dict[str, Any]:
    """What earlier turns counted, and what this one did."""
    notices = dict(before.get("notices", {}))
    for notice, times in report.notices.items():
        text = storable(notice)
        notices[text] = notices.get(text, 0) + times
    counts = {key: before.get(key, 0) + getattr(report, key) for key in COUNTS}
    refused = before.get("refused", 0) + report.bad_rows
    return {**before, **counts, "refused": refused, "notices": notices}


def _finish(found: FileImport, *, dry_run: bool) -> None:
    if dry_run:
        services.turn(found.job, (Job.State.CHECKING,), Job.State.READY)
    elif services.turn(found.job, (Job.State.RUNNING,), Job.State.FINISHED, finished_at=timezone.now()):
        transaction.on_commit(found.remove_file)


@task(UNDO, back_off=(2, 10, 60, 300), given_up=fail)
def undo_rows(job: int) -> None:
    """Delete again what an import made and nobody touched since: as much as a turn allows."""
    found = _find(job, column="undoing")
    if found is None or found.undoing is None:
        return
    until = time.monotonic() + TURN
    with _in_the_name_of(found.undoing):
        while undoing.undo_some(found, by=found.undoing.created_by):
            if time.monotonic() > until:
                raise Again


@task(REMOVE)
def remove_old_file(file_import: int) -> None:
    """A day after the upload: remove the file, unless its rows are just being taken."""
    found = FileImport.objects.select_related("job").filter(pk=file_import).first()
    if found is None:
        return
    if found.job.state == Job.State.RUNNING:
        raise Again(3600)
    ended = {"finished_at": timezone.now(), "problem": _("The file was removed a day after it was uploaded.")}
    services.turn(found.job, (*services.OPEN, Job.State.FAILED), Job.State.CANCELLED, **ended)
    found.remove_file()
