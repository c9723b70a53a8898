"""The steps of an import: taking the file in, choosing, checking, starting, giving up, undoing."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone, translation

from crm.exchange.dialect import Table, table_from, unpacked
from crm.exchange.importing import NEW_FIELD
from crm.exchange.models import FileImport
from crm.exchange.wizard import job as jobs
from crm.exchange.wizard.columns import Column, look_at, propose
from crm.exchange.wizard.undoing import may_undo
from crm.jobs import services
from crm.jobs.models import Job
from crm.jobs.tasks import Again, enqueue
from crm.related.uploads import safe_name

KEPT_FOR = dt.timedelta(days=1)
READ_AT_ONCE = 2 * 1024 * 1024  # bytes, unpacked, that are read while the user waits
CHECKED_AT_ONCE = 300  # rows


def begin(content: bytes, name: str, *, by: Any) -> FileImport:
    """Take a file in: a small one is read now, a large one in the background. Raises UnreadableFile, PermissionDenied."""
    _require(by)
    size = unpacked(content) if content[:4] == b"PK\x03\x04" else len(content)
    table = table_from(content) if size <= READ_AT_ONCE else None
    columns = look_at(table) if table else []
    found = FileImport(file_name=safe_name(name), owner=by)
    found.file.save(name, ContentFile(content), save=False)
    try:
        with transaction.atomic():
            _file(found, table, columns, by)
    except BaseException:
        found.file.delete(save=False)
        raise
    return found


def _file(found: FileImport, table: Table | None, columns: list[Column], by: Any) -> None:
    language = (translation.get_language() or "fa")[:2]
    found.job = Job.objects.create(kind=jobs.KIND, created_by=by, language=language)
    found.save()
    if table:
        jobs.learn(found, columns, len(table.rows))
    else:
        enqueue(jobs.READ, job=found.job_id)
    enqueue(jobs.REMOVE, run_at=timezone.now() + KEPT_FOR, file_import=found.pk)


def _require(by: Any) -> None:
    if not by.has_perm(jobs.PERMISSION):
        raise PermissionDenied


def known_columns(found: FileImport) -> list[Column]:
    """The columns of the file as they were read."""
    return [Column(**told) for told in found.columns]


def choose_columns(found: FileImport, choices: Sequence[str], *, by: Any) -> None:
    """Write down where each column goes. The choices have been found right (`columns.problems`)."""
    _require(by)
    if NEW_FIELD in choices and not by.has_perm("fields.add_customfield"):
        raise PermissionDenied
    proposed = dict(enumerate(zip(found.choices, found.hows, strict=True)))
    hows = [proposed[place][1] if proposed[place][0] == choice else "" for place, choice in enumerate(choices)]
    _change(found, choices=list(choices), hows=hows, step=FileImport.Step.DUPLICATES)


def match_anew(found: FileImport, *, by: Any) -> None:
    """Forget how such a file was matched before, and guess."""
    _require(by)
    choices, hows = propose(known_columns(found), jobs.module())
    _change(found, choices=choices, hows=hows, step=FileImport.Step.COLUMNS)


def choose_duplicates(found: FileImport, on_duplicate: str, owner: Any, *, by: Any) -> None:
    """Write down what becomes of rows that are there already, and check all rows: now if they are few, else in the background."""
    _require(by)
    _change(found, on_duplicate=on_duplicate, owner=owner, step=FileImport.Step.CHECK)
    if found.job.total > CHECKED_AT_ONCE:
        enqueue(jobs.CHECK, job=found.job_id)
        return
    try:
        jobs.check_rows(found.job_id)
    except Again:
        enqueue(jobs.CHECK, job=found.job_id)


@transaction.atomic
def _change(found: FileImport, **values: Any) -> None:
    """Change what was chosen, as long as the import has not begun; a check of what was chosen before stops."""
    fresh = FileImport.objects.select_for_update().get(pk=found.pk)
    job = Job.objects.select_for_update().get(pk=found.job_id)
    if job.state not in (Job.State.CHECKING, Job.State.READY):
        return
    services.turn(job, (Job.State.READY,), Job.State.CHECKING)
    for name, value in values.items():
        setattr(fresh, name, value)
    fresh.revision += 1
    _forget_rows(fresh)
    fresh.save(update_fields=[*values, "revision", "position", "report"])


def _forget_rows(found: FileImport) -> None:
    found.rows.all().delete()
    found.position, found.report = 0, {}


def start(found: FileImport, *, by: Any) -> bool:
    """Let an import that was checked run."""
    _require(by)
    with transaction.atomic():
        fresh = FileImport.objects.select_for_update().get(pk=found.pk)
        job = Job.objects.select_for_update().get(pk=found.job_id)
        if job.state != Job.State.READY or fresh.step != FileImport.Step.CHECK or not fresh.file:
            return False
        _forget_rows(fresh)
        fresh.save(update_fields=["position", "report"])
        jobs.remember(fresh)
        return services.start(job, by=by)


def resume(found: FileImport, *, by: Any) -> bool:
    """Let an import that was paused, or failed on its way, run on."""
    _require(by)
    return found.job.started_at is not None and bool(found.file) and services.resume(found.job, by=by)


def pause(found: FileImport, *, by: Any) -> bool:
    _require(by)
    return services.pause(found.job, by=by)


def cancel(found: FileImport, *, by: Any) -> bool:
    """End the import; what it took stays, and the file goes."""
    _require(by)
    is_over = services.cancel(found.job, by=by)
    if is_over:
        found.remove_file()
    return is_over


def can_undo(found: FileImport, user: Any) -> bool:
    """Whether there is something to undo and the user may."""
    is_over = found.job.is_over and found.job.started_at is not None and found.undoing is None
    return is_over and may_undo(user) and bool(found.report.get("created"))


def undo(found: FileImport, *, by: Any) -> bool:
    """Delete again what the import made and nobody touched since, in the background."""
    _require(by)
    if not may_undo(by):
        raise PermissionDenied
    with transaction.atomic():
        fresh = FileImport.objects.select_for_update(of=("self",)).select_related("job", "undoing").get(pk=found.pk)
        if not can_undo(fresh, by):
            return False
        services.turn(fresh.job, (Job.State.FAILED,), Job.State.CANCELLED)  # it is not to run on meanwhile
        language = (translation.get_language() or "fa")[:2]
        total = fresh.report["created"]
        fresh.undoing = Job.objects.create(kind=jobs.UNDO, created_by=by, language=language, total=total)
        fresh.save(update_fields=["undoing"])
        return services.start(fresh.undoing, by=by)


def undo_on(found: FileImport, *, by: Any) -> bool:
    """Let an undoing that failed go on."""
    _require(by)
    return found.undoing is not None and services.resume(found.undoing, by=by)
