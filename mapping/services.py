"""Changing the mapping. Each change is a whole new table under the next revision number; every table is kept."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from crm.fields import dictionary
from mapping.checking import check, fields_now
from mapping.defaults import ROWS
from mapping.errors import MappingChanged, MappingRefused
from mapping.models import Link, Revision
from mapping.rows import Row, read


def replace(rows: Sequence[Row], *, seen: int, by: Any) -> Revision:
    """Put these rows in the place of the whole table and give the new revision (the old one if nothing differs).

    `seen` is the number of the table that the user started from. Raises MappingChanged, MappingRefused, PermissionDenied.
    """
    _authorise(by)
    with transaction.atomic():
        newest = hold()
        if newest.number != seen:
            raise MappingChanged(newest)
        return _write(rows, newest, by)


def add_links(pairs: Iterable[tuple[str, str, str]], *, by: Any) -> Revision:
    """Add arrows (lead field, module, target field) to the table in force: how a new field is mapped at birth.

    Raises MappingRefused, PermissionDenied.
    """
    _authorise(by)
    with transaction.atomic():
        newest = hold()
        added: list[tuple[str, dict[str, str]]] = []
        for lead, module, target in pairs:
            cells = next((cells for source, cells in added if source == lead and module not in cells), None)
            if cells is None:
                added.append((lead, cells := {}))
            cells[module] = target
        return _write([*read(newest.rows), *(Row.of(*row) for row in added)], newest, by)


def restore(number: int, *, seen: int, by: Any) -> Revision:
    """Put an earlier table in force again, if today's fields still allow it. Raises what `replace` does."""
    return replace(read(Revision.objects.get(number=number).rows), seen=seen, by=by)


def defaults(*, seen: int, by: Any) -> Revision:
    """Put the table of a new installation in force (PRODUCT §3). Raises what `replace` does."""
    return replace(ROWS, seen=seen, by=by)


def hold() -> Revision:
    """Lock the table until the transaction ends, so that neither it nor a field below it can change; give the revision in force.

    Whoever changes fields in a way that could break a row takes this lock first.
    """
    while True:
        locked = Revision.objects.select_for_update().order_by("-number")[:1].get()
        newest = Revision.objects.order_by("-number").first()
        if newest == locked:  # else it was written while we waited for the one before it
            return locked


def _authorise(by: Any) -> None:
    if not by.has_perm("mapping.change_link"):
        raise PermissionDenied


def _write(rows: Sequence[Row], newest: Revision, by: Any) -> Revision:
    dictionary.forget()  # the fields as they are now that the table is ours
    if errors := check(rows, fields_now()):
        raise MappingRefused(errors)
    wire = [row.as_dict() for row in rows]
    if wire == newest.rows and list(_links_of(rows)) == list(Link.objects.values_list(*COLUMNS)):
        return newest
    Link.objects.all().delete()
    Link.objects.bulk_create(Link(**dict(zip(COLUMNS, values, strict=True))) for values in _links_of(rows))
    return Revision.objects.create(number=newest.number + 1, saved_at=timezone.now(), saved_by=by, rows=wire)


COLUMNS = ("row", "source", "module", "target", "is_locked")


def _links_of(rows: Sequence[Row]) -> Iterable[tuple[int, str, str, str, bool]]:
    for number, row in enumerate(rows):
        for module, target in row.targets().items():
            yield number, row.lead, module, target, row.locked
