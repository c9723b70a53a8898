"""The existing records that an order names: found in the name of the user, locked, and compared with what the user saw."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from crm.fields import registry
from crm.people.access import can
from crm.people.seen import Seen
from leads.conversion.errors import Errors, ExistingMissing, InvalidOrder, StaleExisting
from leads.conversion.filling import Target
from leads.conversion.matching import CLOSED
from leads.conversion.order import Order, Part
from leads.conversion.plan import Existing
from mapping.rows import TARGETS


def lock(order: Order, *, by: Any) -> Existing:
    """Lock the records, organization, contact, then opportunity. Raises ExistingMissing, StaleExisting, InvalidOrder."""
    return _find(order, by, is_locking=True)


def look(order: Order, *, by: Any) -> Existing:
    """The same without locks."""
    return _find(order, by, is_locking=False)


def _named(order: Order) -> Iterator[tuple[str, Part]]:
    """The parts that name an existing record, with their module."""
    parts = [*order.parts.items(), *(("contact", also.contact) for also in order.also if also.contact)]
    return ((key, part) for key, part in parts if part.existing is not None)


def _find(order: Order, by: Any, *, is_locking: bool) -> Existing:
    named = list(_named(order))
    found: dict[tuple[str, int], Target] = {}
    for key in TARGETS:
        if pks := keys(part.existing for module, part in named if module == key):
            model = registry.module(key).model
            records = (_LOCKED if is_locking else _SEEN).records(model, by, pks) if can(by, "change", model) else []
            found |= {(key, record.pk): Target(record=record, is_new=False) for record in records}
    _refuse_missing(named, found)
    _refuse_stale(named, found)
    return found


_SEEN = Seen(lambda records, pks: records.filter(pk__in=pks).order_by("pk"))
# without the key: who links to the record need not wait for us, while we wait for another of theirs
_LOCKED = Seen(lambda records, pks: _SEEN.ask(records, pks).select_for_update(of=("self",), no_key=True))


def keys(numbers: Iterable[int | None]) -> set[int]:
    """Those that can be a primary key; a database would choke on the others."""
    return {number for number in numbers if number is not None and 0 < number < 2**63}


def _refuse_missing(named: list[tuple[str, Part]], found: Existing) -> None:
    missing = {key: {"existing": [gone(key)]} for key, part in named if (key, part.existing) not in found}
    if missing:
        raise ExistingMissing(missing)
    errors: Errors = {}
    for (key, _pk), target in found.items():
        if key == "opportunity" and target.record.sales_stage in CLOSED:  # type: ignore[attr-defined]
            errors[key] = {"existing": [_("This opportunity is closed. Choose an open one or create a new one.")]}
    if errors:
        raise InvalidOrder(errors)


def _refuse_stale(named: list[tuple[str, Part]], found: Existing) -> None:
    stale = {}
    for key, part in named:
        record = found[key, part.existing or 0].record
        if part.seen is not None and record.modified_at != part.seen:
            stale[key] = record
    if stale:
        raise StaleExisting(stale)


def gone(key: str) -> str:
    """What to say of a record that can't be used: whether it is gone or somebody else's is not told."""
    messages = {
        "organization": _("The organization you chose was deleted. Choose another or create a new one."),
        "contact": _("The contact you chose was deleted. Choose another or create a new one."),
        "opportunity": _("The opportunity you chose was deleted. Choose another or create a new one."),
    }
    return messages[key]
