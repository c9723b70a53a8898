"""The draft of a conversion: what would be made of a lead, and what would be lost. Reads only; page, API and bulk draw it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm.fields import registry
from crm.fields.kind import is_empty
from crm.related.counts import related_counts
from leads.conversion import stamp
from leads.conversion.scheme import LINKS, Outline, Scheme
from leads.models import ConversionPreferences, Lead
from mapping import table
from mapping.rules import problem

# What the conversion itself takes care of: these lead fields are neither mapped nor lost.
HANDLED = frozenset({"assigned_to", "created_at", "created_by", "modified_at", "modified_by"})


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
    """A conversion as it would be if nobody changed anything. `held`: what has to arrive somewhere, by lead field."""

    lead: Lead
    scheme: Scheme
    held: Mapping[str, Any]
    parts: dict[str, DraftPart]
    transfer_to: str
    related: dict[str, int] = field(default_factory=dict)

    @property
    def mapping(self) -> table.Mapping:
        return self.scheme.mapping

    @property
    def preferences(self) -> ConversionPreferences:
        return self.scheme.preferences

    @property
    def stamp(self) -> str:
        """By which it is known later whether the lead or the mapping changed."""
        return stamp.make(self.lead, self.mapping)

    def chosen(self) -> set[str]:
        """The modules that are ticked from the start."""
        return {key for key, part in self.parts.items() if part.create}

    def losses(self, chosen: Collection[str] | None = None, refused: Collection[tuple[str, str]] = ()) -> list[Loss]:
        """The lead's filled values that none of the chosen modules receives; `refused` are fields that keep what they hold."""
        chosen = self.chosen() if chosen is None else chosen
        carried = self.scheme.carried(chosen) - self._kept_out(chosen, refused)
        fields = registry.module("lead").fields
        return [
            Loss(field=fields[key], value=value, reason=self._reason(key, chosen))
            for key, value in self.held.items()
            if key not in carried
        ]

    def _kept_out(self, chosen: Collection[str], refused: Collection[tuple[str, str]]) -> set[str]:
        """The lead fields whose every target keeps what it holds."""
        if not refused:
            return set()
        arrows = [arrow for key in chosen for arrow in self.scheme.outlines[key].arrows]
        return {one.source for one in arrows} - {
            one.source for one in arrows if (one.module, one.target) not in refused
        }

    def _reason(self, key: str, chosen: Collection[str]) -> str:
        """Why no chosen module receives this lead field."""
        if key in self.scheme.carried(chosen):
            return "kept"
        arrows = [arrow for arrow in self.mapping.arrows if arrow.source == key]
        return "broken" if any(arrow.problem for arrow in arrows) else "unticked" if arrows else "unmapped"


def draft(lead: Lead, *, by: Any, scheme: Scheme | None = None, related: bool = True) -> Draft:
    """Draw the draft for an open lead in the name of `by` (PRODUCT §4.3–4.5). `scheme` is what holds for this user, if known."""
    scheme = scheme or Scheme.read(by)
    values, usual = registry.module("lead").read(lead), scheme.usual_parts(lead)
    return Draft(
        lead=lead,
        scheme=scheme,
        held=_held(values),
        parts={key: _part(lead, values, outline, create=key in usual) for key, outline in scheme.outlines.items()},
        transfer_to="contact" if "contact" in usual else "organization",
        related=related_counts("lead", lead.pk) if related else {},
    )


def _part(lead: Lead, read: Mapping[str, Any], outline: Outline, *, create: bool) -> DraftPart:
    values, sources, rows = dict(outline.defaults), {}, {}
    own = {**outline.own, "name": lead.company or lead.title} if outline.own else {}
    for arrow in outline.arrows:
        source, target = arrow.source, arrow.target
        if is_empty(value := read[source]) and target in outline.defaults:
            continue  # where the lead is silent, the target's default speaks
        rows[target] = arrow.row
        if target not in own or not is_empty(value):
            own.pop(target, None)
            values[target], sources[target] = value, source
    if "name" in own:
        own["name"] = own["name"][: outline.fields["name"].length]
        if lead.company:
            sources["name"] = "company"
    return DraftPart(
        module=outline.module,
        create=create,
        allowed=outline.allowed,
        values={**values, **own, "assigned_to": lead.assigned_to_id},
        sources=sources,
        rows=rows,
    )


def _held(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in HANDLED and not is_empty(value)}


def held(lead: Lead) -> dict[str, Any]:
    """The lead's values that have to arrive somewhere, by field key: what the conversion doesn't handle by itself."""
    return _held(registry.module("lead").read(lead))


def possible_losses(draft: Draft, risky: Collection[tuple[str, str]] = ()) -> list[Loss]:
    """The values that some choice would lose; with `carriers` a page tells which choices these are.

    `risky` are modules and lead fields where an existing record may keep what it holds.
    """
    safe = {"organization", "contact"}  # one of the two is always made
    every = draft.losses(())
    return [
        loss
        for loss in every
        if not safe
        <= {module for module, _target in carriers(draft, loss.field.key) if (module, loss.field.key) not in risky}
    ]


def carriers(draft: Draft, key: str) -> list[tuple[str, str]]:
    """The modules and fields that would receive a lead field."""
    arrows = ((module, arrow) for module, outline in draft.scheme.outlines.items() for arrow in outline.arrows)
    return sorted({(module, arrow.target) for module, arrow in arrows if arrow.source == key})


def free_fields(loss: Loss, part: DraftPart, values: Mapping[str, Any]) -> list[registry.Field]:
    """The fields of a record to be made that could take a lost value: they fit and would stay empty."""
    return [
        field
        for field in part.fields()
        if field.kind is loss.field.kind
        and is_empty(values.get(field.key))
        and field.key not in part.sources
        and problem(loss.field, field) is None
    ]
