"""Giving many records a value of one field: by the same rules as `filing.edit` gives it to one, in the same few statements for all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.fields.kinds import LINK, USER
from crm.fields.registry import Field, Module
from crm.kit.inserting import insert
from crm.kit.updating import update
from crm.matching import writing
from crm.people.access import can
from crm.records.base import Record
from crm.records.validation import validate
from crm.related import filing
from crm.related.models import Change, Dossier

CHANGED, SAME, CANNOT = "changed", "same", "cannot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What each record, by primary key, is to hold in the field. `expected`: only where it still holds this (an undo)."""

    field: Field
    values: Mapping[int, Any]
    expected: Any = None
    is_undo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What becomes of one record; `old` is what the field held, as the API writes it."""

    record: int
    result: str
    reason: str = ""
    old: Any = None


def change_many(module: Module, wanted: Wanted, *, by: Any) -> list[Outcome]:
    """Change these records in the name of `by`; one that can't be changed doesn't stop the others. Raises PermissionDenied."""
    with transaction.atomic():
        records = _found(module, wanted, by).select_for_update(of=("self",))
        sorted_out = list(_sorted_out(records, wanted, by))
        _save([record for record, one in sorted_out if one.result == CHANGED], wanted.field, sorted_out, by=by)
    return _all(wanted, [one for _record, one in sorted_out])


def examine_many(module: Module, wanted: Wanted, *, by: Any) -> list[Outcome]:
    """Say what `change_many` would say now, and write nothing."""
    return _all(wanted, [one for _record, one in _sorted_out(_found(module, wanted, by), wanted, by)])


def _found(module: Module, wanted: Wanted, by: Any) -> Any:
    """The records that `by` may see, locked ones among them, in the order in which everybody locks."""
    if not can(by, "change", module.model):
        raise PermissionDenied
    records: Any = getattr(module.model, "rows", module.model._default_manager)
    return records.visible_to(by).filter(pk__in=list(wanted.values)).order_by("pk")


def _sorted_out(records: Any, wanted: Wanted, by: Any) -> Iterator[tuple[Record, Outcome]]:
    checked: dict[str, str] = {}  # what is wrong with a value, for each value once
    for record in records:
        yield record, _outcome(record, wanted, checked, by)


def _outcome(record: Record, wanted: Wanted, checked: dict[str, str], by: Any) -> Outcome:
    field, pk = wanted.field, record.pk
    if record.is_locked:
        return Outcome(record=pk, result=CANNOT, reason=_locked(record))
    if wanted.is_undo and filing.differ(field.get(record), wanted.expected):
        return Outcome(record=pk, result=CANNOT, reason=_("Somebody gave it another value since."))
    changes = filing.put(record, {field.key: wanted.values[pk]})
    if not changes:
        return Outcome(record=pk, result=SAME)
    (old, new) = changes[field.key]
    if repr(new) not in checked:
        checked[repr(new)] = _problem(record, wanted, by)
    if problem := checked[repr(new)]:
        return Outcome(record=pk, result=CANNOT, reason=problem)
    return Outcome(record=pk, result=CHANGED, old=old)


def _problem(record: Record, wanted: Wanted, by: Any) -> str:
    """Why the record can't hold the value that was put into it. What it held before may come back, if it points at nothing."""
    key = wanted.field.key
    trusted = (key,) if wanted.is_undo and wanted.field.kind not in (LINK, USER) else ()
    try:
        validate(record, by=by, only=(key,), trusted=trusted)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def _locked(record: Record) -> str:
    if getattr(record, "converted_at", None):
        return _("It was converted. A converted lead is locked.")
    return _("It was merged into another record.")


def _save(records: Sequence[Record], field: Field, told: Sequence[tuple[Record, Outcome]], *, by: Any) -> None:
    """Write what `filing.edit` writes: the rows, the keys by which they are matched, a line of history for each."""
    if not records:
        return
    now, module = timezone.now(), records[0].module
    for record in records:
        record.modified_at, record.modified_by_id = now, by.pk
    columns = ("custom" if field.custom else field.column, "modified_at", "modified_by", "search_text", "sort_name")
    update(records, columns)
    if writing.concern(module.key, (field.key,)):
        writing.renew(records)
    homes = dict(
        Dossier.objects.filter(is_home=True, **{f"{module.key}__in": [record.pk for record in records]}).values_list(
            module.key, "pk"
        )
    )
    changes = {one.record: {field.key: [one.old, field.kind.wire(field.get(record))]} for record, one in told}
    insert([Change(dossier_id=homes[one.pk], at=now, by_id=by.pk, changes=changes[one.pk]) for one in records])


def _all(wanted: Wanted, found: list[Outcome]) -> list[Outcome]:
    """The outcomes, and one for each record that was not found."""
    there = {one.record for one in found}
    reason = _("It is not there any more, or you may not see it.")
    return [*found, *(Outcome(record=pk, result=CANNOT, reason=reason) for pk in wanted.values if pk not in there)]
