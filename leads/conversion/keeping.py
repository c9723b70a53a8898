"""Nothing is lost: what becomes of the lead's values that no mapping carries (PRODUCT §4.5)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from crm.records.base import Record
from leads.conversion.draft import Draft, Loss, free_fields
from leads.conversion.errors import Errors
from leads.conversion.order import LEAVE, Order, Send
from leads.models import ConversionPreferences


@dataclass(slots=True, kw_only=True)
class Kept:
    """The decision on every lost value. `sent`: {module: {target field: (lead field, value)}}."""

    in_note: list[Loss] = field(default_factory=list)
    left_behind: list[Loss] = field(default_factory=list)
    sent: dict[str, dict[str, tuple[str, Any]]] = field(default_factory=dict)

    def sent_elsewhere(self) -> dict[str, list[str]]:
        """By lead field: the module and field that it was sent to."""
        return {
            source: [module, target]
            for module, targets in self.sent.items()
            for target, (source, _value) in targets.items()
        }


def decide(
    draft: Draft,
    order: Order,
    errors: Errors,
    *,
    refused: Collection[tuple[str, str]] = (),
    held: Mapping[str, Record] | None = None,
) -> Kept:
    """Apply the order's remedies to what would be lost; what it doesn't name goes into the note, or has to be decided on,
    as the settings say.

    `held` are the records that are there already, and `refused` their fields that keep what they hold.
    """
    kept = Kept()
    for loss in draft.losses(order.parts, refused):
        remedy = order.remedies.get(loss.field.key, order.otherwise or draft.preferences.unmapped)
        if remedy == ConversionPreferences.Unmapped.ASK:
            errors.setdefault("unmapped", {})[loss.field.key] = [_decide(loss)]
        elif isinstance(remedy, Send):
            if problem := _refusal(loss, remedy, draft, order.parts, kept, held=held or {}):
                errors.setdefault("unmapped", {})[loss.field.key] = [problem]
            else:
                kept.sent.setdefault(remedy.module, {})[remedy.field] = (loss.field.key, loss.value)
        elif remedy == LEAVE:
            kept.left_behind.append(loss)
        else:
            kept.in_note.append(loss)
    return kept


def _decide(loss: Loss) -> str:
    return _("No mapping carries %(field)s. Decide what to do with it.") % {"field": loss.field.label}


def _refusal(
    loss: Loss, send: Send, draft: Draft, parts: Mapping[str, Any], kept: Kept, *, held: Mapping[str, Record]
) -> str | None:
    """Say why a value can't be sent to that field, if it can't."""
    if send.module not in parts:
        return _("Choose a record that is ticked.")
    part = draft.parts[send.module]
    record = held.get(send.module)
    values = values_of(record) if record else {**part.values, **parts[send.module].values}
    taken = send.field in kept.sent.get(send.module, {})
    if taken or send.field not in {field.key for field in free_fields(loss, part, values)}:
        return _("This field is not free or doesn't fit. Choose another or keep the value in a note.")
    return None


def values_of(record: Record) -> dict[str, Any]:
    """What a record holds in the fields that people fill in."""
    read = record.module.read(record)
    return {field.key: read[field.key] for field in record.module.editable()}


def note_text(kept: Kept) -> str:
    """The note's text, a line "Label: value" for each value. Numbers are written plainly, so that they can be copied."""
    return "\n".join(
        _("%(label)s: %(value)s") % {"label": loss.field.label, "value": _plain(loss)} for loss in kept.in_note
    )


def _plain(loss: Loss) -> str:
    if isinstance(loss.value, int | Decimal) and not isinstance(loss.value, bool):
        return str(loss.field.kind.wire(loss.value))
    return loss.shown
