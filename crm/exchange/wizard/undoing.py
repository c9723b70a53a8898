"""Undoing an import: the records that it made go again, but for those that somebody touched since."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.exchange.importing import CREATED
from crm.exchange.models import DELETED, KEPT, FileImport, ImportedRow
from crm.fields import registry
from crm.jobs import services
from crm.jobs.models import Job
from crm.people.access import can
from crm.records.base import RecordIsLocked
from crm.related import filing
from crm.related.models import KINDS, Change, Comment, Dossier, Following, Tagging

CHUNK = 100
HANGING: tuple[Any, ...] = (*(kind for kind in KINDS if kind is not Comment), Change, Tagging, Following)


def may_undo(user: Any) -> bool:
    return can(user, "delete", registry.module("lead").model)


def undo_some(found: FileImport, *, by: Any) -> bool:
    """Delete the next records in one transaction, and tell whether there were any."""
    if not may_undo(by):
        raise PermissionDenied
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=found.undoing_id or 0)
        if job.state != Job.State.RUNNING:
            return False
        rows = list(found.rows.filter(outcome=CREATED).order_by("number")[:CHUNK])
        if not rows:
            services.turn(job, (Job.State.RUNNING,), Job.State.FINISHED, finished_at=timezone.now())
            return False
        _undo(rows, by)
        ImportedRow.objects.bulk_update(rows, ["outcome", "reason"])
    return True


def _undo(rows: Sequence[ImportedRow], by: Any) -> None:
    """Say of each row what becomes of its record, and delete those that may go. Records are locked first, then their dossiers."""
    model: Any = registry.module("lead").model
    pks = [row.record for row in rows]
    records = {
        record.pk: record for record in model._base_manager.select_for_update().filter(pk__in=pks).order_by("pk")
    }
    visible = set(model._default_manager.visible_to(by).filter(pk__in=pks).values_list("pk", flat=True))
    touched = _touched(pks)
    to_go = []
    for row in rows:
        record = records.get(row.record)
        row.reason = _why_kept(row, record, touched, is_visible=row.record in visible)
        row.outcome = KEPT if row.reason else DELETED
        if record is None:
            row.reason = _("It was deleted already.")
        elif row.outcome == DELETED:
            to_go.append(row)
    _delete(to_go, records, by)


def _why_kept(row: ImportedRow, record: Any, touched: Mapping[int, str], *, is_visible: bool) -> str:
    """Why the record has to stay; "" if it need not."""
    if record is None:
        return ""
    if record.is_locked:
        return _("It was converted or merged.")
    if not is_visible:
        return _("You can't see it any more.")
    if record.modified_at != row.at:
        return _("It was changed since.")
    return touched.get(record.pk, "")


def _delete(rows: Sequence[ImportedRow], records: Mapping[int, Any], by: Any) -> None:
    """Delete these records at once; if something else holds one, one by one. Nothing but our own note hangs on them."""
    model: Any = registry.module("lead").model
    try:
        with transaction.atomic():
            model._base_manager.filter(pk__in=[row.record for row in rows]).delete()
    except ProtectedError:
        for row in rows:
            try:
                filing.delete(records[row.record or 0], by=by)
            except (filing.RecordInUse, RecordIsLocked):
                row.outcome, row.reason = KEPT, _("Other records rest on it.")


def _touched(pks: Sequence[int | None]) -> dict[int, str]:
    """Why a record is no longer as the import left it, by its primary key: a fixed number of statements."""
    dossiers = list(
        Dossier.objects.select_for_update().filter(lead__in=pks).order_by("pk")
    )  # waits for who adds something
    homes = {dossier.pk: dossier.holder_id for dossier in dossiers if dossier.is_home}
    others = (dossier.holder_id for dossier in dossiers if not dossier.is_home)
    reasons = dict.fromkeys(others, _("Another record was merged into it."))
    for kind in HANGING:
        hung = kind.objects.filter(dossier__in=homes).values_list("dossier", flat=True).distinct()
        reasons |= {homes[pk]: _reason(kind) for pk in hung}
    notes = Comment.objects.filter(dossier__in=homes).exclude(created_at=F("dossier__lead__modified_at"))
    reasons |= {homes[pk]: _reason(Comment) for pk in notes.values_list("dossier", flat=True)}
    return reasons


def _reason(kind: Any) -> str:
    if kind is Change:
        return _("It was changed since.")
    if kind in (Tagging, Following):
        return _("Somebody tagged or follows it.")
    return _("Something was added to it since.")
