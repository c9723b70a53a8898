"""THE service: turn a lead into an organization, a contact and an opportunity, in one transaction or not at all."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.fields import dictionary
from crm.kit.contention import begins_again
from crm.kit.inserting import insert
from crm.matching import writing
from crm.people.seen import Seen
from crm.related import filing, moving
from crm.related.counts import related_counts
from crm.related.models import Change, Comment, Dossier
from leads.conversion import existing, followup, keeping, linking, plan, preferences, stamp
from leads.conversion.announce import announce
from leads.conversion.errors import AlreadyConverted, InvalidOrder, KeyUsed, NoSuchLead
from leads.conversion.filling import Target
from leads.conversion.order import Order
from leads.conversion.plan import Plan
from leads.conversion.receipt import Receipt, newest_digest, snapshot, write
from leads.conversion.scheme import Rights, Scheme, knows_fields_of
from leads.models import Conversion, Lead
from mapping import table
from mapping.rows import TARGETS

Homes = dict[tuple[str, int], Dossier]  # by module and primary key of the record


@begins_again
def convert(lead_id: int, order: Order, *, by: Any) -> Conversion:
    """Convert the lead as ordered, in the name of `by`, and return the conversion (PRODUCT §4).

    The same idempotency key by the same user gives the earlier conversion again. Raises PermissionDenied, NoSuchLead, KeyUsed,
    AlreadyConverted, StaleDraft, StaleExisting, InvalidOrder or DatabaseIsBusy; then nothing was changed.
    """
    rights, mapping = Rights.of(by), table.current()
    rights.check(order)
    with transaction.atomic(durable=True):
        leads = _lock(_numbers(lead_id, order), by)
        lead = leads.get(lead_id)
        if lead is None:
            raise NoSuchLead(lead_id)
        if lead.is_locked:
            return _earlier(lead, order, by)
        if not knows_fields_of(leads.values()):
            dictionary.forget()
            mapping = table.current()
        _check_stamps(order, leads, lead, mapping)
        found = existing.lock(order, by=by)
        scheme = Scheme.of(rights, mapping, preferences.current())
        plans = _plans(lead, leads, order, scheme, by=by, found=found)
        return _carry_out(plans, order, by)


def rehearse(lead_id: int, order: Order, *, by: Any) -> None:
    """Raise what `convert` would raise now, and write nothing."""
    scheme = Scheme.read(by)
    scheme.rights.check(order)
    leads = {lead.pk: lead for lead in Lead.everything.visible_to(by).filter(pk__in=_numbers(lead_id, order))}
    lead = leads.get(lead_id)
    if lead is None:
        raise NoSuchLead(lead_id)
    if lead.is_locked:
        raise AlreadyConverted(Conversion.objects.get(lead=lead))
    _plans(lead, leads, order, scheme, by=by, found=existing.look(order, by=by))


def _numbers(lead_id: int, order: Order) -> set[int]:
    return existing.keys([lead_id, *(also.lead for also in order.also)])


def _lock(pks: Collection[int], by: Any) -> dict[int, Lead]:
    """Lock the leads in the order of their numbers, so that two conversions never wait for each other; the newest digest comes along."""
    return {lead.pk: lead for lead in _LOCKED.records(Lead, by, pks)}


def _locked(leads: QuerySet[Lead], pks: Collection[int]) -> QuerySet[Lead]:
    locked = leads.select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk")
    return locked.annotate(last_digest=Subquery(newest_digest()))


_LOCKED = Seen(_locked, among="everything")


def _earlier(lead: Lead, order: Order, by: Any) -> Conversion:
    """Answer a retry with what it did the first time; anybody else is told that the lead is gone."""
    conversion = Conversion.objects.select_related("organization", "contact", "opportunity").get(lead=lead)
    if order.key and conversion.idempotency_key == order.key and conversion.converted_by_id == by.pk:
        if order.digest and conversion.order_digest not in ("", order.digest):
            raise KeyUsed(conversion)
        return conversion
    raise AlreadyConverted(conversion)


def _check_stamps(order: Order, leads: dict[int, Lead], lead: Lead, mapping: table.Mapping) -> None:
    """Raise StaleDraft if a lead or the mapping is not as it was when the user saw it."""
    stamps = [(order.stamp, lead), *((also.stamp, leads.get(also.lead)) for also in order.also)]
    for seen, one in stamps:
        if seen is not None and one is not None and not one.is_locked:
            stamp.check(seen, one, mapping)


def _plans(
    lead: Lead, leads: dict[int, Lead], order: Order, scheme: Scheme, *, by: Any, found: plan.Existing
) -> list[Plan]:
    """What will be written: of the lead, then of those that are brought along."""
    main = plan.make(lead, order, scheme, by=by, existing=found)
    followup.check(order, main, by=by)
    plans = [main]
    errors: dict[str, list[str]] = {}
    for also in order.also:
        try:
            plans.append(plan.bring(_brought(also.lead, leads, plans), also, main, by=by, existing=found))
        except InvalidOrder as refusal:
            errors[str(also.lead)] = [
                text for texts in refusal.errors.values() for one in texts.values() for text in one
            ]
    if errors:
        raise InvalidOrder({"also": errors})
    return plans


def _brought(pk: int, leads: dict[int, Lead], plans: Sequence[Plan]) -> Lead:
    """The lead to bring along, if it is there, open, and not in the conversion yet."""
    problem = ""
    if pk not in leads:
        problem = _("There is no such lead, or you may not see it.")
    elif leads[pk].is_locked:
        problem = _("This lead was converted and is no longer available.")
    elif any(one.lead.pk == pk for one in plans):
        problem = _("This lead is in the conversion already.")
    if problem:
        raise InvalidOrder({"": {"lead": [problem]}})
    return leads[pk]


def _carry_out(plans: Sequence[Plan], order: Order, by: Any) -> Conversion:
    """Write it all. The first write decides a race: only one transaction can turn the leads from open to converted."""
    now = timezone.now()
    pks = [one.lead.pk for one in plans]
    if Lead.everything.filter(pk__in=pks, converted_at=None).update(converted_at=now) != len(pks):
        raise AlreadyConverted(Conversion.objects.filter(lead__in=pks).first())  # type: ignore[arg-type]
    homes = _save_records(plans, by=by, now=now)
    main = previous = _hand_over(plans[0], homes, order, by, now, after=plans[0].lead.last_digest or "")  # type: ignore[attr-defined]
    brought = []
    for one in plans[1:]:
        previous = _hand_over(one, homes, order, by, now, after=previous.digest, together_with=main)
        brought.append(previous)
    linking.take_part(plans)
    followup.plan_it(order.follow_up, plans[0], homes, by=by, now=now)
    announce([main, *brought], by=by, preferences=plans[0].draft.preferences, message=order.message)
    return main


def _save_records(plans: Sequence[Plan], *, by: Any, now: dt.datetime) -> Homes:
    """Write organizations, then contacts, then the opportunity, each pointing at those before it; give their home dossiers."""
    written: dict[int, Target] = {}
    for key in TARGETS:
        for one in plans:
            target = one.targets.get(key)
            if target and id(target) not in written:
                linking.link(one, key)
                _save(target, by=by, now=now)
                written[id(target)] = target
    homes = _homes(list(written.values()))
    changed = [target for target in written.values() if target.changes and not target.is_new]
    Change.objects.bulk_create(
        Change(dossier=homes[target.key], at=now, by=by, changes=target.changes) for target in changed
    )
    renewed = [target.record for target in changed if writing.concern(target.module.key, target.changes)]
    writing.renew(renewed, without=[one.lead for one in plans])
    return homes


def _save(target: Target, *, by: Any, now: dt.datetime) -> None:
    if target.is_new:
        filing.stamp(target.record, by=by, now=now)
        insert([target.record])
    elif target.changes:
        filing.save_changes(target.record, target.changes, by=by, now=now)


def _homes(targets: Sequence[Target]) -> Homes:
    """Open the home dossiers of new records and find those of the others, in two statements."""
    old = [target.key for target in targets if not target.is_new]
    found = list(Dossier.objects.filter(filing.held_by(old), is_home=True)) if old else []
    found += filing.open_dossiers([target.record for target in targets if target.is_new])
    return {(dossier.holder_key, dossier.holder_id): dossier for dossier in found}


def _hand_over(
    one: Plan,
    homes: Homes,
    order: Order,
    by: Any,
    now: dt.datetime,
    *,
    after: str,
    together_with: Conversion | None = None,
) -> Conversion:
    """Move what hangs on a lead, keep its lost values in a note, and write its receipt, which names the digest of the one before."""
    lead, mine = one.lead, [homes[target.key] for target in one.targets.values()]
    moving.hand_over_leads({lead.pk: one.targets[one.transfer_to].record})
    # Only now is the dossier ours: whatever somebody was adding to it has arrived and is counted and carried.
    moved = related_counts("came_from", lead.pk)
    followers = moving.carry_tags_and_followers("came_from", lead.pk, to=[home.pk for home in mine])
    conversion = write(
        Receipt(
            lead=lead,
            records={key: target.record for key, target in one.targets.items()},
            existing=[key for key, target in one.targets.items() if not target.is_new],
            together_with=together_with,
            converted_at=now,
            converted_by=by,
            transfer_to=one.transfer_to,
            mapping_revision=one.draft.mapping.revision,
            snapshot=snapshot(lead),
            provenance=one.provenance,
            kept=one.losses,
            moved=moved,
            note=_write_note(one, homes, by, now),
            idempotency_key="" if together_with else order.key,
            order_digest="" if together_with else order.digest,
        ),
        after,
    )
    conversion.has_followers = followers > 0
    return conversion


def _write_note(one: Plan, homes: Homes, by: Any, now: dt.datetime) -> Comment | None:
    """Keep the lost values in one comment on the contact, else on the organization (PRODUCT §4.5)."""
    if not one.losses.in_note:
        return None
    target = one.targets.get("contact") or one.targets["organization"]
    body = keeping.note_text(one.losses)
    (note,) = insert([Comment(dossier=homes[target.key], body=body, created_at=now, created_by=by)])
    return note
