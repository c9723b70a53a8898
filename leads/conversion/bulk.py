"""Up to a thousand leads in one transaction: planned one by one as the service plans them, written all in the same few statements.

Same rules, same rights and same rows as `leads.conversion.service.convert`; only records that are there already are left to it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Subquery
from django.utils import timezone

from crm.fields import dictionary
from crm.kit.contention import begins_again
from crm.kit.inserting import insert
from crm.matching import writing
from crm.records.base import Record
from crm.related import filing, moving
from crm.related.counts import related_counts_of
from crm.related.models import Comment, Dossier
from leads.conversion import keeping, linking, preferences
from leads.conversion.announce import announce
from leads.conversion.errors import AlreadyConverted, ConversionRefused, NoSuchLead
from leads.conversion.order import Order
from leads.conversion.plan import Plan, make
from leads.conversion.reasons import reason
from leads.conversion.receipt import Receipt, newest_digest, row, snapshot
from leads.conversion.scheme import Scheme, knows_fields_of
from leads.models import Conversion, ConversionPreferences, Lead
from mapping import table
from mapping.rows import TARGETS

CHUNK = 1000

CONVERTED, UNDECIDED, REFUSED, EARLIER = "converted", "undecided", "refused", "earlier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one lead: converted, undecided (a person has to look), refused, or converted earlier by somebody else."""

    lead: int
    result: str
    reason: str = ""


Mark = Callable[[Sequence[Outcome]], None]


@begins_again
def convert_chunk(
    leads: Sequence[int],
    order_for: Callable[[Lead], Order],
    *,
    by: Any,
    mark: Mark = lambda _outcomes: None,
    scheme: Scheme | None = None,
) -> list[Outcome]:
    """Convert these leads in the name of `by`, and say of each what became of it; one that is refused doesn't stop the others.

    `mark` writes the outcomes down in the same transaction. A database error is raised, and then nothing was changed.
    """
    scheme = scheme or Scheme.read(by)
    with transaction.atomic(durable=True):
        found = _lock(leads, by)
        if found and not (_is_that_of(scheme, found[0]) and knows_fields_of(found)):
            dictionary.forget()
            scheme = Scheme.of(scheme.rights, table.current(), preferences.current())
        planned = [_plan(lead, order_for, scheme, by) for lead in found if not lead.is_locked]
        plans = [plan for plan in planned if isinstance(plan, _Planned)]
        if plans:
            _carry_out(plans, by)
        outcomes = [
            *(Outcome(lead=plan.lead.pk, result=CONVERTED) for plan in plans),
            *(outcome for outcome in planned if isinstance(outcome, Outcome)),
            *_converted_before([lead for lead in found if lead.is_locked], order_for, by),
            *_missing(leads, found),
        ]
        mark(outcomes)
    return outcomes


def examine_chunk(
    leads: Sequence[int], order_for: Callable[[Lead], Order], *, by: Any, scheme: Scheme | None = None
) -> list[Outcome]:
    """Say what `convert_chunk` would say now, and write nothing."""
    scheme = scheme or Scheme.read(by)
    found = list(Lead.everything.visible_to(by).filter(pk__in=leads).order_by("pk"))
    planned = [_plan(lead, order_for, scheme, by) for lead in found if not lead.is_locked]
    return [
        *(Outcome(lead=plan.lead.pk, result=CONVERTED) for plan in planned if isinstance(plan, _Planned)),
        *(outcome for outcome in planned if isinstance(outcome, Outcome)),
        *_converted_before([lead for lead in found if lead.is_locked], order_for, by),
        *_missing(leads, found),
    ]


def _lock(leads: Sequence[int], by: Any) -> list[Lead]:
    """The leads that `by` may see, locked in the order of their keys; with each what else has to be known at this moment."""
    locked = Lead.everything.visible_to(by).select_for_update(of=("self",)).filter(pk__in=leads).order_by("pk")
    known = {
        "revision": table.newest(),
        "settings": ConversionPreferences.objects.order_by("-pk").values("pk")[:1],
        "last_digest": newest_digest(),
    }
    return list(locked.annotate(**{name: Subquery(one) for name, one in known.items()}))


def _is_that_of(scheme: Scheme, lead: Any) -> bool:
    """Tell whether nothing was changed until the lead was locked."""
    return bool((lead.revision or 0, lead.settings) == (scheme.mapping.revision, scheme.preferences.pk))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planned:
    """A lead with its plan and its order."""

    lead: Lead
    plan: Plan
    order: Order

    @property
    def records(self) -> dict[str, Record]:
        return {key: target.record for key, target in self.plan.targets.items()}


def _plan(lead: Lead, order_for: Callable[[Lead], Order], scheme: Scheme, by: Any) -> _Planned | Outcome:
    order = order_for(lead)
    try:
        scheme.rights.check(order)
        plan = make(lead, order, scheme, by=by, existing={})
        return _Planned(lead=lead, plan=plan, order=order)
    except (ConversionRefused, PermissionDenied) as refusal:
        return Outcome(lead=lead.pk, result=REFUSED, reason=reason(refusal))


def _converted_before(locked: Sequence[Lead], order_for: Callable[[Lead], Order], by: Any) -> list[Outcome]:
    """Tell what this same order converted before it was interrupted from what others converted."""
    made = {one.lead_id: one for one in Conversion.objects.filter(lead__in=locked)} if locked else {}
    outcomes = []
    for lead in locked:
        conversion, key = made[lead.pk], order_for(lead).key
        if key and (conversion.idempotency_key, conversion.converted_by_id) == (key, by.pk):
            outcomes.append(Outcome(lead=lead.pk, result=CONVERTED))
        else:
            outcomes.append(Outcome(lead=lead.pk, result=EARLIER, reason=reason(AlreadyConverted(conversion))))
    return outcomes


def _missing(leads: Sequence[int], found: Sequence[Lead]) -> list[Outcome]:
    there = {lead.pk for lead in found}
    text = reason(NoSuchLead())
    return [Outcome(lead=pk, result=REFUSED, reason=text) for pk in leads if pk not in there]


def _carry_out(planned: Sequence[_Planned], by: Any) -> None:
    """Write it all: what the service writes for one lead, for all of them, in the same order."""
    pks, now = [one.lead.pk for one in planned], timezone.now()
    if Lead.everything.filter(pk__in=pks, converted_at=None).update(converted_at=now) != len(pks):
        raise AlreadyConverted(Conversion.objects.filter(lead__in=pks).earliest("pk"))
    last_digest = planned[0].lead.last_digest or ""  # type: ignore[attr-defined]
    _save_records(planned, by=by, now=now)
    homes = _open_dossiers(planned)
    writing.forget("lead", pks)
    moving.hand_over_leads({one.lead.pk: one.records[one.plan.transfer_to] for one in planned})
    moved = related_counts_of("came_from", pks)
    followers = moving.carry_all_tags_and_followers([(pk, home.pk) for pk in pks for home in homes[pk].values()])
    notes = _write_notes(planned, homes, by, now)
    conversions: list[Conversion] = []
    for one in planned:
        receipt = Receipt(
            lead=one.lead,
            records=one.records,
            converted_at=now,
            converted_by=by,
            transfer_to=one.plan.transfer_to,
            mapping_revision=one.plan.draft.mapping.revision,
            snapshot=snapshot(one.lead),
            provenance=one.plan.provenance,
            kept=one.plan.losses,
            moved=moved[one.lead.pk],
            note=notes.get(one.lead.pk),
            idempotency_key=one.order.key,
        )
        conversions.append(row(receipt, conversions[-1].digest if conversions else last_digest))
    insert(conversions)
    for conversion in conversions:
        conversion.has_followers = followers > 0
    announce(conversions, by=by, preferences=planned[0].plan.draft.preferences)


def _save_records(planned: Sequence[_Planned], *, by: Any, now: Any) -> None:
    """Insert the organizations, then the contacts, then the opportunities, each pointing at those before it."""
    for key in TARGETS:
        plans = [one.plan for one in planned if key in one.plan.targets]
        for plan in plans:
            linking.link(plan, key)
            filing.stamp(plan.targets[key].record, by=by, now=now)
        insert([plan.targets[key].record for plan in plans])


def _open_dossiers(planned: Sequence[_Planned]) -> dict[int, dict[str, Dossier]]:
    """Open the dossiers of all new records, and give them by lead and module."""
    owners = [(one.lead.pk, key, record) for one in planned for key, record in one.records.items()]
    dossiers = filing.open_dossiers([record for _pk, _key, record in owners])
    found = [(pk, key, dossier) for (pk, key, _record), dossier in zip(owners, dossiers, strict=True)]
    return {pk: {key: home for _pk, key, home in group} for pk, group in groupby(found, key=lambda one: one[0])}


def _write_notes(
    planned: Sequence[_Planned], homes: Mapping[int, Mapping[str, Dossier]], by: Any, now: Any
) -> dict[int, Comment]:
    """Write down what no mapping carried, where the service would; gives the notes by lead."""
    notes = {}
    for one in planned:
        if one.plan.losses.in_note:
            home = homes[one.lead.pk]
            notes[one.lead.pk] = Comment(
                dossier=home.get("contact") or home["organization"],
                body=keeping.note_text(one.plan.losses),
                created_at=now,
                created_by=by,
            )
    insert(list(notes.values()))
    return notes
