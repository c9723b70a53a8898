"""What a conversion will write, worked out and checked before the first write."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm.fields.kind import is_empty
from crm.kit.fresh import new_instance
from crm.records.validation import validate
from crm.related import filing
from leads.conversion import checks, keeping
from leads.conversion.draft import Draft, DraftPart, draft
from leads.conversion.errors import Errors, InvalidOrder
from leads.conversion.filling import Target, fill
from leads.conversion.order import Also, Order, Part
from leads.conversion.scheme import LINKS, Scheme
from leads.models import Lead
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
    scheme: Scheme,
    *,
    by: Any,
    existing: Existing,
    shared: Mapping[str, Target] | None = None,
) -> Plan:
    """Plan the conversion of one lead. `shared` are targets of another lead, whose blank fields this one fills.

    Raises InvalidOrder with everything that is wrong.
    """
    drawn = draft(lead, by=by, scheme=scheme, related=False)
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
            typed = _typed(drawn.parts[key], order)
            _put(target, drawn.parts[key], typed, sent)
            provenance[key] = _provenance(drawn.parts[key], typed, sent)
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


def bring(lead: Lead, also: Also, main: Plan, *, by: Any, existing: Existing) -> Plan:
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
    return make(lead, order, main.draft.scheme, by=by, existing=existing, shared=shared)


def _targets(drawn: Draft, order: Order, existing: Existing, shared: Mapping[str, Target]) -> dict[str, Target]:
    targets = {}
    for key in (key for key in TARGETS if key in order.parts):
        number = order.parts[key].existing
        if key in shared:
            targets[key] = shared[key]
        elif number is not None:
            targets[key] = existing[key, number]
        else:
            targets[key] = Target(record=new_instance(drawn.parts[key].module.model), is_new=True)  # type: ignore[arg-type]
    return targets


def _typed(part: DraftPart, order: Order) -> dict[str, Any]:
    """What differs from the draft: the owner of the whole order, and what was typed."""
    key, links = part.module.key, LINKS.get(part.module.key, ())
    owner = {} if order.assigned_to is None else {"assigned_to": order.assigned_to}
    given = {**owner, **{name: value for name, value in order.parts[key].values.items() if name not in links}}
    return {name: value for name, value in given.items() if value != part.values.get(name)}


def _put(target: Target, part: DraftPart, typed: Mapping[str, Any], sent: Mapping[str, tuple[str, Any]]) -> None:
    """Fill a new record: with the draft's values, then what was typed, then what was sent here. What comes from the lead
    unchanged is taken as it is.
    """
    fields, record = part.module.fields, target.record
    for values in (part.values, typed, {name: value for name, (_source, value) in sent.items()}):
        for key, value in values.items():
            fields[key].set(record, value)
    target.trusted |= {"assigned_to", *part.sources} - typed.keys() | sent.keys()


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


def _provenance(part: DraftPart, typed: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """Say of each filled or emptied field of a new record where its value came from."""
    told: dict[str, Any] = {}
    for key, value in part.values.items():
        if not is_empty(value):
            source = part.sources.get(key)
            told[key] = {"how": "mapped", "lead": source, "row": part.rows.get(key)} if source else {"how": "default"}
    for key, value in typed.items():
        if key in told or not is_empty(value):
            source = part.sources.get(key)
            told[key] = {"how": "typed", **({"lead": source} if source else {})}
    return {**told, **{key: {"how": "sent", "lead": source} for key, (source, _value) in sent.items()}}
