"""The draft of a conversion: what would be made of a lead, and what would be lost. Reads only; page, API and bulk draw it."""

import datetime as dt
from collections.abc import Collection
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from crm.fields import registry
from crm.fields.kind import is_empty
from crm.people.access import can
from crm.related.counts import related_counts
from leads.conversion import preferences, stamp
from leads.models import ConversionPreferences, Lead
from mapping import table
from mapping.rows import TARGETS
from mapping.rules import problem

# What the conversion itself takes care of: these lead fields are neither mapped nor lost.
HANDLED = frozenset({"assigned_to", "created_at", "created_by", "modified_at", "modified_by"})
# Links that the conversion makes itself.
LINKS = {"contact": ("organization",), "opportunity": ("organization", "contact")}


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPart:
    """What would become one record: its values by field key, and the lead field that each came from."""

    module: registry.Module
    create: bool
    allowed: bool
    values: dict[str, Any]
    sources: dict[str, str]
    rows: dict[str, int]

    def fields(self) -> list[registry.Field]:
        """The fields that people may fill in, without the links that the conversion makes."""
        linked = LINKS.get(self.module.key, ())
        return [field for field in self.module.editable() if field.key not in linked]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A filled lead field that no chosen record receives. `reason`: not mapped, its target isn't ticked, the row broke, or the
    existing record keeps what it holds.
    """

    field: registry.Field
    value: Any
    reason: str

    @property
    def shown(self) -> str:
        return self.field.show(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A conversion as it would be if nobody changed anything."""

    lead: Lead
    mapping: table.Mapping
    preferences: ConversionPreferences
    parts: dict[str, DraftPart]
    transfer_to: str
    related: dict[str, int] = field(default_factory=dict)

    @property
    def stamp(self) -> str:
        """By which it is known later whether the lead or the mapping changed."""
        return stamp.make(self.lead, self.mapping)

    def chosen(self) -> set[str]:
        """The modules that are ticked from the start."""
        return {key for key, part in self.parts.items() if part.create}

    def losses(self, chosen: Collection[str] | None = None, refused: Collection[tuple[str, str]] = ()) -> list[Loss]:
        """The lead's filled values that none of the chosen modules receives; `refused` are fields that keep what they hold."""
        return losses(self.lead, self.mapping, self.chosen() if chosen is None else chosen, refused)

    def filled(self) -> int:
        """How many of the lead's values have to arrive somewhere."""
        return len(filled(self.lead))


def draft(
    lead: Lead,
    *,
    by: Any,
    mapping: table.Mapping | None = None,
    wanted: ConversionPreferences | None = None,
    related: bool = True,
) -> Draft:
    """Draw the draft for an open lead in the name of `by` (PRODUCT §4.3–4.5). `wanted` are the settings in force, if known."""
    mapping, wanted = mapping or table.current(), wanted or preferences.current()
    usual = usual_parts(lead, wanted, by=by)
    parts = {key: _part(lead, mapping, key, by, wanted, create=key in usual) for key in TARGETS}
    return Draft(
        lead=lead,
        mapping=mapping,
        preferences=wanted,
        parts=parts,
        transfer_to="contact" if parts["contact"].create else "organization",
        related=related_counts("lead", lead.pk) if related else {},
    )


def _part(
    lead: Lead, mapping: table.Mapping, key: str, by: Any, wanted: ConversionPreferences, *, create: bool
) -> DraftPart:
    module, source = registry.module(key), registry.module("lead")
    defaults = _defaults(module)
    arrows = [arrow for arrow in mapping.into(key) if arrow.target not in LINKS.get(key, ())]
    # Where the lead is silent, the target's default speaks.
    arrows = [
        arrow for arrow in arrows if arrow.target not in defaults or not is_empty(source.fields[arrow.source].get(lead))
    ]
    values = {arrow.target: source.fields[arrow.source].get(lead) for arrow in arrows}
    own = {target: value for target, value in _own_values(lead, key, wanted).items() if is_empty(values.get(target))}
    sources = {arrow.target: arrow.source for arrow in arrows if arrow.target not in own}
    if "name" in own and lead.company:
        sources["name"] = "company"
    return DraftPart(
        module=module,
        create=create,
        allowed=can(by, "add", module.model),
        values={**defaults, **values, **own, "assigned_to": lead.assigned_to_id},
        sources=sources,
        rows={arrow.target: arrow.row for arrow in arrows},
    )


def usual_parts(lead: Lead, wanted: ConversionPreferences, *, by: Any) -> list[str]:
    """What a lead becomes if nobody says otherwise (PRODUCT §4.3)."""
    opportunity = wanted.opportunity_ticked and can(by, "add", registry.module("opportunity").model)
    is_made = {"organization": bool(lead.company), "contact": True, "opportunity": opportunity}
    return [key for key in TARGETS if is_made[key]]


def _defaults(module: registry.Module) -> dict[str, Any]:
    return {field.key: field.default for field in module.editable() if not is_empty(field.default)}


def _own_values(lead: Lead, key: str, wanted: ConversionPreferences) -> dict[str, Any]:
    """What an opportunity starts with where no row brings a value (PRODUCT §4.4): a name, a closing date, the first stage."""
    if key != "opportunity":
        return {}
    return {
        "name": (lead.company or lead.title)[: registry.module(key).fields["name"].length],
        "closing_date": timezone.localdate() + dt.timedelta(days=wanted.days_to_close),
        "sales_stage": preferences.first_stage(wanted),
    }


def filled(lead: Lead) -> list[registry.Field]:
    """The lead's fields that hold something and that the conversion doesn't handle by itself."""
    fields = registry.module("lead").fields.values()
    return [field for field in fields if field.key not in HANDLED and not is_empty(field.get(lead))]


def losses(
    lead: Lead, mapping: table.Mapping, chosen: Collection[str], refused: Collection[tuple[str, str]] = ()
) -> list[Loss]:
    """The filled lead fields that no sound arrow carries into a chosen module, but for the targets in `refused`."""
    arrows = [arrow for key in chosen for arrow in mapping.into(key) if arrow.target not in LINKS.get(key, ())]
    carried = {arrow.source for arrow in arrows if (arrow.module, arrow.target) not in refused}
    stayed = {arrow.source for arrow in arrows} - carried
    mapped = {arrow.source for arrow in mapping.arrows}
    broken = {arrow.source for arrow in mapping.arrows if arrow.problem}

    def reason(key: str) -> str:
        kept_out = "kept" if key in stayed else ""
        return kept_out or ("broken" if key in broken else "unticked" if key in mapped else "unmapped")

    return [
        Loss(field=field, value=field.get(lead), reason=reason(field.key))
        for field in filled(lead)
        if field.key not in carried
    ]


def possible_losses(draft: Draft, risky: Collection[tuple[str, str]] = ()) -> list[Loss]:
    """The values that some choice would lose; with `carriers` a page tells which choices these are.

    `risky` are modules and lead fields where an existing record may keep what it holds.
    """
    safe = {"organization", "contact"}  # one of the two is always made
    every = losses(draft.lead, draft.mapping, ())
    return [
        loss
        for loss in every
        if not safe
        <= {module for module, _target in carriers(draft, loss.field.key) if (module, loss.field.key) not in risky}
    ]


def carriers(draft: Draft, key: str) -> list[tuple[str, str]]:
    """The modules and fields that would receive a lead field."""
    arrows = ((module, arrow) for module in draft.parts for arrow in draft.mapping.into(module))
    return sorted(
        {
            (module, arrow.target)
            for module, arrow in arrows
            if arrow.source == key and arrow.target not in LINKS.get(module, ())
        }
    )


def free_fields(loss: Loss, part: DraftPart, values: AbstractMapping[str, Any]) -> list[registry.Field]:
    """The fields of a record to be made that could take a lost value: they fit and would stay empty."""
    return [
        field
        for field in part.fields()
        if field.kind is loss.field.kind
        and is_empty(values.get(field.key))
        and field.key not in part.sources
        and problem(loss.field, field) is None
    ]
