"""THE service: turn a lead into an organization, a contact and an opportunity, in one transaction or not at all."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from crm.fields import registry
from crm.fields.kind import is_empty
from crm.matching import writing
from crm.people.access import can
from crm.records.base import Record
from crm.records.validation import validate
from crm.related import filing, moving
from crm.related.counts import related_counts
from crm.related.models import Comment, Dossier
from leads.conversion import checks, keeping, stamp
from leads.conversion.draft import LINKS, Draft, DraftPart, draft
from leads.conversion.errors import AlreadyConverted, Errors, InvalidOrder, NoSuchLead
from leads.conversion.order import Order
from leads.conversion.receipt import Receipt, snapshot, write
from leads.models import Conversion, Lead
from mapping import table
from mapping.rows import TARGETS


def convert(lead_id: int, order: Order, *, by: Any) -> Conversion:
    """Convert the lead as ordered, in the name of `by`, and return the conversion (PRODUCT §4).

    The same idempotency key by the same user gives the earlier conversion again. Raises PermissionDenied, NoSuchLead,
    AlreadyConverted, StaleDraft or InvalidOrder; then nothing was changed.
    """
    _check_rights(order, by)
    mapping = table.current()
    with transaction.atomic(durable=True):
        lead = _lock(lead_id, by)
        if lead.is_locked:
            return _earlier(lead, order, by)
        if order.stamp is not None:
            stamp.check(order.stamp, lead, mapping)
        plan = _plan(lead, order, mapping, by)
        return _carry_out(plan, order, by)


def rehearse(lead_id: int, order: Order, *, by: Any) -> None:
    """Raise what `convert` would raise now, and write nothing."""
    _check_rights(order, by)
    mapping = table.current()
    lead = Lead.everything.visible_to(by).filter(pk=lead_id).first()
    if lead is None:
        raise NoSuchLead(lead_id)
    if lead.is_locked:
        raise AlreadyConverted(Conversion.objects.get(lead=lead))
    _plan(lead, order, mapping, by)


def _check_rights(order: Order, by: Any) -> None:
    """Refuse whoever may not convert, edit leads, or create a record of each chosen kind (PRODUCT §4.1)."""
    modules = [registry.module(key).model for key in order.parts]
    if not (can(by, "convert", Lead) and can(by, "change", Lead) and all(can(by, "add", model) for model in modules)):
        raise PermissionDenied


def _lock(lead_id: int, by: Any) -> Lead:
    lead: Lead | None = Lead.everything.visible_to(by).select_for_update(of=("self",)).filter(pk=lead_id).first()
    if lead is None:
        raise NoSuchLead(lead_id)
    return lead


def _earlier(lead: Lead, order: Order, by: Any) -> Conversion:
    """Answer a retry with what it did the first time; anybody else is told that the lead is gone."""
    conversion = Conversion.objects.select_related("organization", "contact", "opportunity").get(lead=lead)
    if order.key and conversion.idempotency_key == order.key and conversion.converted_by_id == by.pk:
        return conversion
    raise AlreadyConverted(conversion)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that will be written, worked out and checked before the first write."""

    draft: Draft
    records: dict[str, Record]
    provenance: dict[str, dict[str, Any]]
    losses: keeping.Kept
    transfer_to: str


def _plan(lead: Lead, order: Order, mapping: table.Mapping, by: Any) -> Plan:
    drawn = draft(lead, by=by, mapping=mapping, related=False)
    errors: Errors = {}
    checks.fields(order, errors)
    if errors:
        raise InvalidOrder(errors)
    checks.choices(order, errors)
    kept = keeping.decide(drawn, order, errors)
    records: dict[str, Record] = {}
    provenance: dict[str, dict[str, Any]] = {}
    for key in (key for key in TARGETS if key in order.parts):
        values = _values(drawn.parts[key], order, kept)
        sent = kept.sent.get(key, {})
        records[key] = _build(drawn.parts[key], values, sent, by, errors)
        provenance[key] = _provenance(drawn.parts[key], values, sent)
    if errors:
        raise InvalidOrder(errors)
    return Plan(draft=drawn, records=records, provenance=provenance, losses=kept, transfer_to=checks.transfer_to(order))


def _values(part: DraftPart, order: Order, kept: keeping.Kept) -> dict[str, Any]:
    """The values of one record: the draft's, then the owner of the whole order, then what was typed, then what was sent here."""
    key = part.module.key
    owner = {} if order.assigned_to is None else {"assigned_to": order.assigned_to}
    typed = {name: value for name, value in order.parts[key].values.items() if name not in LINKS.get(key, ())}
    sent = {target: value for target, (_source, value) in kept.sent.get(key, {}).items()}
    return {**part.values, **owner, **typed, **sent}


def _build(part: DraftPart, values: Mapping[str, Any], sent: Collection[str], by: Any, errors: Errors) -> Record:
    """Make the record in memory and collect what is wrong with it; what comes from the lead unchanged is taken as it is."""
    record: Record = part.module.model()  # type: ignore[assignment]
    fields = part.module.fields
    for key, value in values.items():
        fields[key].set(record, value)
    unchanged = {*sent, *(key for key in part.sources if values.get(key) == part.values.get(key))}
    if values["assigned_to"] == part.values["assigned_to"]:
        unchanged.add("assigned_to")
    try:
        validate(record, by=by, trusted=unchanged)
    except ValidationError as error:
        errors.setdefault(part.module.key, {}).update(filing.errors_of(error))
    return record


def _provenance(part: DraftPart, values: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """Say of each filled or emptied field where its value came from."""
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


def _carry_out(plan: Plan, order: Order, by: Any) -> Conversion:
    """Write it all. The first write decides a race: only one transaction can turn the lead from open to converted."""
    lead, now = plan.draft.lead, timezone.now()
    if not Lead.everything.filter(pk=lead.pk, converted_at=None).update(converted_at=now):
        raise AlreadyConverted(Conversion.objects.get(lead=lead))
    _save_records(plan.records, by=by, now=now)
    homes = {dossier.holder_key: dossier for dossier in filing.open_dossiers(list(plan.records.values()))}
    writing.forget("lead", [lead.pk])
    moving.hand_over_lead(lead.pk, to=plan.records[plan.transfer_to])
    # Only now is the dossier ours: whatever somebody was adding to it has arrived and is counted and carried.
    moved = related_counts("came_from", lead.pk)
    moving.carry_tags_and_followers("came_from", lead.pk, to=[home.pk for home in homes.values()])
    note = _write_note(plan, homes, by, now)
    return write(
        Receipt(
            lead=lead,
            records=plan.records,
            converted_at=now,
            converted_by=by,
            transfer_to=plan.transfer_to,
            mapping_revision=plan.draft.mapping.revision,
            snapshot=snapshot(lead),
            provenance=plan.provenance,
            kept=plan.losses,
            moved=moved,
            note=note,
            idempotency_key=order.key,
        )
    )


def _save_records(records: Mapping[str, Record], *, by: Any, now: Any) -> None:
    """Insert organization, then contact, then opportunity, each pointing at those before it."""
    for key, record in records.items():
        filing.stamp(record, by=by, now=now)
        for link in ("organization", "contact"):
            if key != link and link in records and key in ("contact", "opportunity"):
                setattr(record, link, records[link])
        record.save(force_insert=True)


def _write_note(plan: Plan, homes: Mapping[str, Dossier], by: Any, now: Any) -> Comment | None:
    """Keep the lost values in one comment on the contact, else on the organization (PRODUCT §4.5)."""
    if not plan.losses.in_note:
        return None
    home = homes.get("contact") or homes["organization"]
    return Comment.objects.create(dossier=home, body=keeping.note_text(plan.losses), created_at=now, created_by=by)
