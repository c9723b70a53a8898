"""Filling a record that is there already: blank fields take the lead's values, differing ones stay unless the user chose otherwise.

Nothing is written here; `Target` remembers what would be (PRODUCT §4.6).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm.fields import registry
from crm.fields.kind import is_empty
from crm.records.base import Record
from crm.records.differing import APPENDABLE, CONSENT, joined
from leads.conversion.draft import DraftPart
from leads.conversion.order import Part
from leads.conversion.scheme import LINKS

KEEP, REPLACE, APPEND = "keep", "replace", "append"


@dataclass(slots=True, kw_only=True)
class Target:
    """A record that a conversion makes or fills. `changes`: what becomes of an existing one's fields, as its history has it.

    `trusted` are the fields that hold a lead's value to the character, whatever today's rules say of it.
    """

    record: Record
    is_new: bool
    changes: dict[str, list[Any]] = field(default_factory=dict)
    trusted: set[str] = field(default_factory=set)

    @property
    def module(self) -> registry.Module:
        return self.record.module

    @property
    def key(self) -> tuple[str, int]:
        """The module and the primary key, once it is saved."""
        return self.module.key, self.record.pk

    def put(self, key: str, value: Any, *, is_trusted: bool = False) -> None:
        """Set a field and remember what it was."""
        known = self.module.fields[key]
        old = self.changes[key][0] if key in self.changes else known.kind.wire(known.get(self.record))
        known.set(self.record, value)
        self.changes[key] = [old, known.kind.wire(value)]
        self.trusted.discard(key)
        if is_trusted:
            self.trusted.add(key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A value for a field of an existing record. `lead`: what the lead has there; `source`: the lead's field, "" if none."""

    field: registry.Field
    old: Any
    new: Any
    source: str = ""
    row: int | None = None
    is_typed: bool = False

    @property
    def is_same(self) -> bool:
        return bool(self.old == self.new) or (is_empty(self.old) and is_empty(self.new))

    @property
    def is_filling(self) -> bool:
        return is_empty(self.old) and not is_empty(self.new)

    @property
    def is_consent(self) -> bool:
        return self.field.key in CONSENT

    @property
    def differs(self) -> bool:
        """Whether somebody has to say which value wins."""
        return not (self.is_same or self.is_filling or self.is_consent)

    @property
    def can_append(self) -> bool:
        return self.field.kind in APPENDABLE and not is_empty(self.old) and not is_empty(self.new)

    def origin(self, how: str, **more: Any) -> dict[str, Any]:
        """What the receipt remembers of it."""
        source = {"lead": self.source, "row": self.row} if self.source else {}
        return {"how": how, **source, **({"typed": True} if self.is_typed else {}), **more}


def offers(record: Record, part: DraftPart, ordered: Part) -> Iterator[Offer]:
    """What the lead, and what the user typed in the page, have for the fields of an existing record.

    Neither defaults nor the lead's owner count: they say nothing about the record that is there.
    """
    links = LINKS.get(part.module.key, ())
    for known in part.module.editable():
        key = known.key
        if key in links:
            continue
        drafted, typed = part.values.get(key), ordered.values.get(key, part.values.get(key))
        is_typed = typed != drafted and not (is_empty(typed) and is_empty(drafted))
        if not is_typed and (key not in part.rows or is_empty(drafted)):
            continue
        source = part.sources.get(key, "") if key in part.rows else ""
        old = known.get(record)
        new = bool(old or typed or (source and drafted)) if key in CONSENT else typed
        yield Offer(field=known, old=old, new=new, source=source, row=part.rows.get(key), is_typed=is_typed)


def choice(key: str, ordered: Part) -> str:
    """What the order says of a field that differs."""
    return REPLACE if key in ordered.overwrite else APPEND if key in ordered.append else KEEP


def fill(target: Target, part: DraftPart, ordered: Part) -> tuple[dict[str, Any], frozenset[str]]:
    """Put into an existing record what the order says; give the provenance by field, and the fields that took no value."""
    told: dict[str, Any] = {}
    refused = set()
    for offer in list(offers(target.record, part, ordered)):
        key, drafted = offer.field.key, part.values.get(offer.field.key)
        if offer.is_same:
            if is_empty(offer.new) and offer.is_typed:
                told[key] = offer.origin("typed")
            continue
        chosen = choice(key, ordered)
        if offer.is_filling:
            told[key] = offer.origin("typed" if offer.is_typed else "filled")
            target.put(key, offer.new, is_trusted=not offer.is_typed)
        elif chosen == APPEND and offer.can_append:
            told[key] = offer.origin("appended")
            is_stored = isinstance(offer.old, list) and not offer.is_typed  # a text may have grown too long
            target.put(key, joined(offer.old, offer.new), is_trusted=is_stored)
        elif chosen == REPLACE or offer.is_consent:
            told[key] = offer.origin("replaced", old=offer.field.kind.wire(offer.old))
            target.put(key, offer.new, is_trusted=not offer.is_typed)
        else:
            told[key] = offer.origin("kept", value=offer.field.kind.wire(offer.new))
            if not is_empty(drafted) and drafted != offer.old:
                refused.add(key)
    return told, frozenset(refused)


def appendable(module: registry.Module) -> Mapping[str, registry.Field]:
    """The fields that can take a further value beside the one they hold."""
    return {field.key: field for field in module.editable() if field.kind in APPENDABLE}
