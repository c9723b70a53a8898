"""Where a record's values came from, in words: for the receipt and for the record's own page."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from crm.fields import registry
from crm.fields.kinds import LINK, USER
from leads.models import Conversion

GAVE = frozenset({"mapped", "typed", "sent", "filled", "replaced", "appended"})  # what put a value into the field


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The conversion that gave a field its value, and how."""

    conversion: Conversion
    how: str
    is_changed: bool  # the field holds something else by now


def how(module: registry.Module, key: str, told: dict[str, Any]) -> str:
    """Say in a sentence what the provenance tells of a field."""
    source = _label(told.get("lead", ""))
    known = module.fields.get(key)
    words = {
        "mapped": _("From the lead: %(field)s"),
        "filled": _("Was empty, filled from the lead: %(field)s")
        if source
        else _("Was empty, filled by the conversion"),
        "sent": _("From the lead, by choice: %(field)s"),
        "typed": _("Typed instead of the lead's %(field)s") if source else _("Typed while converting"),
        "kept": _("Kept what it held; not taken: %(value)s (%(field)s)") if source else _("Kept what it held"),
        "replaced": _("Replaced by the lead's %(field)s; before: %(old)s")
        if source
        else _("Replaced; before: %(old)s"),
        "appended": _("The lead's %(field)s was added to it"),
        "default": _("Filled by default"),
    }
    text = words.get(told["how"], words["default"])
    return text % {"field": source, "old": _shown(known, told.get("old")), "value": _shown(known, told.get("value"))}


def _label(key: str) -> str:
    known = registry.module("lead").fields.get(key)
    return str(known.label) if known else key


def _shown(known: registry.Field | None, value: Any) -> str:
    if value in (None, "", []):
        return "—"
    if known is None or known.kind in (LINK, USER):
        return _("another") if known else str(value)
    return f"\u2068{known.show(known.kind.load(value))}\u2069"  # whatever its direction, it leaves the sentence alone


def of_record(record: Any, conversions: Iterable[Conversion]) -> dict[str, Origin]:
    """By field, the newest of these conversions that gave the field its value; `conversions` come newest first."""
    found: dict[str, Origin] = {}
    for conversion in conversions:
        for key, told in conversion.provenance.get(record.module.key, {}).items():
            known = record.module.fields.get(key)
            if told["how"] in GAVE and key not in found and known is not None:
                found[key] = Origin(
                    conversion=conversion,
                    how=how(record.module, key, told),
                    is_changed=_is_changed(record, known, told, conversion),
                )
    return found


def _is_changed(record: Any, known: registry.Field, told: dict[str, Any], conversion: Conversion) -> bool:
    """Whether the field holds something else than the lead had, as far as the snapshot can tell."""
    if "lead" not in told or told.get("typed") or told["how"] in ("typed", "appended"):
        return False
    values = {**conversion.snapshot, **conversion.snapshot.get("custom", {})}
    return bool(values.get(told["lead"]) != known.kind.wire(known.get(record)))
