"""Writing records: create, edit and delete one, with its dossier and its history. Every way in comes through here."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import ProtectedError, Q
from django.utils import timezone

from crm.fields.kind import is_empty
from crm.kit.contention import begins_again
from crm.kit.fresh import new_instance
from crm.kit.inserting import insert
from crm.matching import writing
from crm.people.access import can
from crm.records.base import Record, RecordIsLocked
from crm.records.models import Contact
from crm.records.validation import validate
from crm.related.leaving import leave_all
from crm.related.models import Change, Document, Dossier

R = TypeVar("R", bound=Record)


class RecordChanged(Exception):
    """Somebody else saved the record since it was shown; `record` is as it is now."""

    def __init__(self, record: Record) -> None:
        self.record = record
        super().__init__(record.pk)


class RecordInUse(Exception):
    """The record can't be deleted: a conversion or another record rests on it."""


def open_dossiers(records: Sequence[Record]) -> Sequence[Dossier]:
    """Make the home dossiers of new records and write the keys by which they are matched: two statements however many."""
    writing.write(records)
    return insert([_home(record) for record in records])


def _home(record: Record) -> Dossier:
    dossier = new_instance(Dossier)
    setattr(dossier, f"{record.module.key}_id", record.pk)
    return dossier


def held_by(records: Collection[tuple[str, int]]) -> Q:
    """The condition for dossiers that these records, named by module and primary key, hold."""
    by_module: dict[str, list[int]] = {}
    for key, pk in records:
        by_module.setdefault(key, []).append(pk)
    return Q(*((f"{key}__in", pks) for key, pks in by_module.items()), _connector=Q.OR)


@begins_again
def create(record: R, *, by: Any) -> R:
    """Validate and save a new record and open its dossier. Raises ValidationError by field key, PermissionDenied, DatabaseIsBusy."""
    if not can(by, "add", type(record)):
        raise PermissionDenied
    stamp(record, by=by, now=timezone.now())
    record.pk, record._state.adding = None, True  # whatever an earlier try was given
    with transaction.atomic():
        validate(record, by=by)
        record.save(force_insert=True)
        open_dossiers([record])
    return record


def stamp(record: Record, *, by: Any, now: dt.datetime) -> None:
    """Write down who makes the record and when; a time of creation that is there already (an import's) stays."""
    record.created_at = record.created_at or now
    record.modified_at = now
    record.created_by_id = record.modified_by_id = by.pk
    record.assigned_to_id = record.assigned_to_id or by.pk


@begins_again
def edit(record: R, values: Mapping[str, Any], *, by: Any, seen: dt.datetime | None = None) -> R:
    """Change some fields of a record and remember what they were. Returns the record as saved.

    `seen` is the `modified_at` of the record that the user saw: RecordChanged if it was saved since. Raises ValidationError by
    field key, RecordIsLocked for a converted lead and for what was deleted, PermissionDenied, DatabaseIsBusy.
    """
    if not can(by, "change", type(record)):
        raise PermissionDenied
    with transaction.atomic():
        fresh: R | None = type(record)._base_manager.select_for_update().filter(pk=record.pk).first()
        if fresh is None or fresh.is_locked:
            raise RecordIsLocked(fresh or record)
        if seen is not None and fresh.modified_at != seen:
            raise RecordChanged(fresh)
        if changes := put(fresh, values):
            validate(fresh, by=by, only=changes)
            now = timezone.now()
            save_changes(fresh, changes, by=by, now=now)
            if writing.concern(fresh.module.key, changes):
                writing.renew([fresh])
            dossier = Dossier.objects.get(**{fresh.module.key: fresh, "is_home": True})
            Change.objects.create(dossier=dossier, at=now, by=by, changes=changes)
    return fresh


def put(record: Record, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set the values and give those that differ, before and after, as the API writes them."""
    changes = {}
    fields = record.module.fields
    for key, value in values.items():
        field = fields[key]
        old = field.get(record)
        if differ(old, value):
            changes[key] = [field.kind.wire(old), field.kind.wire(value)]
            field.set(record, value)
    return changes


def differ(one: Any, other: Any) -> bool:
    """Tell whether two values of a field say something different; all empty ones say the same."""
    return bool(one != other and not (is_empty(one) and is_empty(other)))


def save_changes(record: Record, changes: Mapping[str, list[Any]], *, by: Any, now: dt.datetime) -> None:
    """Write the changed columns of a record; its line of history is for the caller."""
    fields = record.module.fields
    record.modified_at, record.modified_by_id = now, by.pk
    columns = {"custom" if fields[key].custom else key for key in changes}
    record.save(update_fields={*columns, "modified_at", "modified_by", "search_text", "sort_name"})


@begins_again
def delete(record: Record, *, by: Any) -> None:
    """Delete a record with everything in its dossiers. Raises RecordInUse, RecordIsLocked, PermissionDenied, DatabaseIsBusy."""
    if not can(by, "delete", type(record)):
        raise PermissionDenied
    with transaction.atomic():
        fresh = type(record)._base_manager.select_for_update().filter(pk=record.pk).first()
        if fresh is None:
            return
        if fresh.is_locked:
            raise RecordIsLocked(fresh)
        held = Dossier.objects.select_for_update().filter(**{record.module.key: record.pk}).order_by("pk")
        dossiers = list(held.values_list("pk", flat=True))  # whoever is adding something now is waited for
        files = list(Document.objects.filter(dossier__in=dossiers).values_list("file", flat=True))
        if isinstance(fresh, Contact):
            leave_all(fresh, by=by)
        try:
            fresh.delete()
        except ProtectedError as error:
            raise RecordInUse(fresh) from error
        transaction.on_commit(lambda: remove_files(files))


def remove_files(names: Sequence[str]) -> None:
    """Remove stored files that no document names any more."""
    storage = Document._meta.get_field("file").storage
    for name in names:
        storage.delete(name)


def errors_of(error: ValidationError) -> dict[str, list[str]]:
    """The messages of a ValidationError by field key."""
    return error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
