"""What a conversion will write, worked out and checked before the first write."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm.fields.kind import is_empty
from crm.records.validation import validate
from crm.related import filing
from leads.conversion import checks, keeping
from leads.conversion.draft import LINKS, Draft, DraftPart, draft
from leads.conversion.errors import Errors, InvalidOrder
from leads.conversion.filling import Target, fill
from leads.conversion.order import Also, Order, Part
from leads.models import ConversionPreferences, Lead
from mapping import table
from mapping.rows import TARGETS

Existing = Mapping[tuple[str, int], Target]  # the existing records that an order names, by module and primary key


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will be written of one lead. Leads that are converted together share targets."""

    draft: Draft
    targets: dict[str, Target]
    provenance: dict[str, dict[str, Any]]
    losses: keeping.Kept
    transfer_to: str
    role: str = ""
    links_contact: bool = False  # a contact of another organization is given this conversion's

    @property
    def lead(self) -> Lead:
        return self.draft.lead


def make(
    lead: Lead,
    order: Order,
    mapping: table.Mapping,
    *,
    by: Any,
    existing: Existing,
    shared: Mapping[str, Target] | None = None,
    wanted: ConversionPreferences | None = None,
) -> Plan:
    """Plan the conversion of one lead. `shared` are targets of another lead, whose blank fields this one fills.

    Raises InvalidOrder with everything that is wrong.
    """
    drawn = draft(lead, by=by, mapping=mapping, wanted=wanted, related=False)
    errors: Errors = {}
    checks.fields(order, errors)
    if errors:
        raise InvalidOrder(errors)
    checks.choices(order, errors)
    checks.roles(order, errors)
    targets = _targets(drawn, order, existing, shared or {})
    filled = {key for key, target in targets.items() if not target.is_new or key in (shared or {})}
    provenance: dict[str, dict[str, Any]] = {}
    refused: set[tuple[str, str]] = set()
    for key in filled:
        provenance[key], stayed = fill(targets[key], drawn.parts[key], order.parts[key])
        refused |= {(key, name) for name in stayed}
    kept = keeping.decide(drawn, order, errors, refused=refused, held={key: targets[key].record for key in filled})
    for key, target in targets.items():
        sent = kept.sent.get(key, {})
        if key in filled:
            _send(target, sent, provenance[key])
        else:
            values = _values(drawn.parts[key], order, sent)
            _put(target, drawn.parts[key], values, sent)
            provenance[key] = _provenance(drawn.parts[key], values, sent)
        _check(target, by, errors)
    if errors:
        raise InvalidOrder(errors)
    return Plan(
        draft=drawn,
        targets=targets,
        provenance={key: provenance[key] for key in targets},
        losses=kept,
        transfer_to=checks.transfer_to(order),
        role=order.role,
        links_contact="contact" in order.parts and "organization" in order.parts["contact"].overwrite,
    )


def bring(lead: Lead, also: Also, main: Plan, mapping: table.Mapping, *, by: Any, existing: Existing) -> Plan:
    """Plan a lead that is brought along: it shares the main lead's organization, and has a contact of its own unless it is of
    the same person. Raises InvalidOrder.
    """
    shared = {key: main.targets[key] for key in ("organization",) if key in main.targets}
    if also.contact is None:
        if "contact" not in main.targets:
            raise InvalidOrder({"": {"parts": [_("Tick Contact: this lead is of the same person.")]}})
        shared["contact"] = main.targets["contact"]
    order = Order(
        parts={**{key: Part() for key in shared}, "contact": also.contact or Part()},
        transfer_to="contact",
        remedies=also.remedies,
        otherwise="note",  # nobody can be asked about the values of a lead that comes along
        role=also.role,
    )
    return make(lead, order, mapping, by=by, existing=existing, shared=shared)


def _targets(drawn: Draft, order: Order, existing: Existing, shared: Mapping[str, Target]) -> dict[str, Target]:
    targets = {}
    for key in (key for key in TARGETS if key in order.parts):
        number = order.parts[key].existing
        if key in shared:
            targets[key] = shared[key]
        elif number is not None:
            targets[key] = existing[key, number]
        else:
            targets[key] = Target(record=drawn.parts[key].module.model(), is_new=True)  # type: ignore[arg-type]
    return targets


def _values(part: DraftPart, order: Order, sent: Mapping[str, tuple[str, Any]]) -> dict[str, Any]:
    """The values of a new record: the draft's, then the owner of the whole order, then what was typed, then what was sent here."""
    key = part.module.key
    owner = {} if order.assigned_to is None else {"assigned_to": order.assigned_to}
    typed = {name: value for name, value in order.parts[key].values.items() if name not in LINKS.get(key, ())}
    return {**part.values, **owner, **typed, **{name: value for name, (_source, value) in sent.items()}}


def _put(target: Target, part: DraftPart, values: Mapping[str, Any], sent: Collection[str]) -> None:
    """Fill a new record; what comes from the lead unchanged is taken as it is."""
    unchanged = {*sent, *(key for key in part.sources if values.get(key) == part.values.get(key))}
    if values["assigned_to"] == part.values["assigned_to"]:
        unchanged.add("assigned_to")
    fields = part.module.fields
    for key, value in values.items():
        fields[key].set(target.record, value)
    target.trusted |= unchanged


def _send(target: Target, sent: Mapping[str, tuple[str, Any]], told: dict[str, Any]) -> None:
    """Put what no mapping carries into the fields of a filled record that the user chose for it."""
    for name, (source, value) in sent.items():
        target.put(name, value, is_trusted=True)
        told[name] = {"how": "sent", "lead": source}


def _check(target: Target, by: Any, errors: Errors) -> None:
    """Collect what is wrong with the record as it would be; of an existing one only what changes."""
    try:
        validate(target.record, by=by, only=None if target.is_new else target.changes, trusted=target.trusted)
    except ValidationError as error:
        errors.setdefault(target.module.key, {}).update(filing.errors_of(error))


def _provenance(part: DraftPart, values: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """Say of each filled or emptied field of a new record where its value came from."""
    told: dict[str, Any] = {}
    for key, value in values.items():
        source = part.sources.get(key)
        if is_empty(value) and is_empty(part.values.get(key)):
            continue
        if key in sent:
            told[key] = {"how": "sent", "lead": sent[key][0]}
        elif value != part.values.get(key):
            told[key] = {"how": "typed", **({"lead": source} if source else {})}
        elif source:
            told[key] = {"how": "mapped", "lead": source, "row": part.rows.get(key)}
        else:
            told[key] = {"how": "default"}
    return told
