"""Adding, changing and removing what hangs on a record."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from crm.kit.contention import begins_again
from crm.people.access import can
from crm.records.base import Record, RecordIsLocked
from crm.related.filing import remove_files
from crm.related.models import Activity, Document, Dossier, Following, Related, Tag, Tagging

R = TypeVar("R", bound=Related)


def add(related: R, *, to: Record, by: Any) -> R:
    """Hang something new on a record. Raises ValidationError, PermissionDenied, RecordIsLocked, DatabaseIsBusy.

    Where a conversion hands the lead's dossier over at this moment, it lands in that dossier all the same and arrives with the rest.
    """
    if not can(by, "add", type(related)) or not _may_see(to, by):
        raise PermissionDenied
    related.created_by_id = by.pk
    if isinstance(related, Activity) and related.assigned_to_id is None:
        related.assigned_to_id = by.pk
    related.full_clean(exclude=["dossier", "created_by", "file"], validate_unique=False, validate_constraints=False)
    try:
        return _insert(related, to)
    except DatabaseError:
        if isinstance(related, Document):  # its file was stored before the row
            remove_files([str(related.file.name)])
        raise


@begins_again
def _insert(related: R, to: Record) -> R:
    related.pk = None  # whatever an earlier try was given
    with transaction.atomic():
        related.dossier = _home(to)
        related.validate_constraints(exclude=["file"])
        related.save(force_insert=True)
    return related


def _home(record: Record) -> Dossier:
    """The record's home dossier, kept in its hands until the transaction ends; of a lead just converted, the one it gave away."""
    dossiers = Dossier.objects.select_for_update(of=("self",))
    home = dossiers.filter(**{record.module.key: record.pk, "is_home": True}).first()
    if home is None and record.module.key == "lead":
        home = dossiers.filter(came_from=record.pk).first()
    if home is None:
        raise RecordIsLocked(record)
    return home


def _may_see(record: Record, by: Any) -> bool:
    manager: Any = getattr(type(record), "everything", type(record)._default_manager)
    return bool(manager.visible_to(by).filter(pk=record.pk).exists())


@begins_again
def edit(related: R, values: Mapping[str, Any], *, by: Any) -> R:
    """Change something that hangs on a record. Raises ValidationError, PermissionDenied."""
    _check(related, "change", by)
    for name, value in values.items():
        setattr(related, name, value)
    related.full_clean(exclude=["dossier", "created_by", "file"])
    related.save(update_fields=list(values))
    return related


@begins_again
def remove(related: Related, *, by: Any) -> None:
    """Take something off a record; a document's file goes with it. Raises PermissionDenied."""
    _check(related, "delete", by)
    with transaction.atomic():
        related.delete()
        if isinstance(related, Document):
            transaction.on_commit(lambda: remove_files([str(related.file.name)]))


def _check(related: Related, action: str, by: Any) -> None:
    if not can(by, action, type(related)) or not _may_see(related.dossier.holder, by):
        raise PermissionDenied


@begins_again
def set_tags(record: Record, names: str, *, by: Any) -> None:
    """Give a record exactly these tags, named in one text with commas between them."""
    if not can(by, "change", type(record)):
        raise PermissionDenied
    wanted = list(dict.fromkeys(name.strip() for name in names.replace("،", ",").split(",") if name.strip()))
    if too_long := [name for name in wanted if len(name) > 50]:
        raise ValidationError({"tags": [f"{too_long[0][:50]}…"]})
    with transaction.atomic():
        home = _home(record)
        Tag.objects.bulk_create([Tag(name=name) for name in wanted], ignore_conflicts=True)
        Tagging.objects.filter(dossier__in=held_by(record)).exclude(tag__name__in=wanted).delete()
        tags = Tag.objects.filter(name__in=wanted)
        Tagging.objects.bulk_create([Tagging(dossier=home, tag=tag) for tag in tags], ignore_conflicts=True)


@begins_again
def follow(record: Record, *, by: Any, on: bool) -> None:
    """Let a user hear of a record, or no longer."""
    with transaction.atomic():
        if on:
            Following.objects.get_or_create(dossier=_home(record), user=by)
        else:
            Following.objects.filter(dossier__in=held_by(record), user=by).delete()


def held_by(record: Record) -> Any:
    """All dossiers that a record holds, its own and those handed over to it."""
    return Dossier.objects.filter(**{record.module.key: record.pk})
