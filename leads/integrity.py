"""The invariants of PRODUCT §6, looked for over the whole database. Each check yields sentences that name what is wrong."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q

from crm.fields import registry
from crm.related.models import KINDS, Dossier
from leads.conversion.receipt import digest, snapshot
from leads.lock import missing_triggers
from leads.models import Conversion, Lead
from mapping.rows import TARGETS
from mapping.table import current

Check = Callable[[], Iterator[str]]
CHUNK = 1000


def converted_exactly_once() -> Iterator[str]:
    """I1: a lead is converted if and only if exactly one conversion points at it."""
    conversion = Conversion.objects.filter(lead=OuterRef("pk"))
    for pk in Lead.everything.filter(~Exists(conversion), converted_at__isnull=False).values_list("pk", flat=True):
        yield f"I1: lead {pk} is converted, but no conversion points at it"
    for pk in Lead.everything.filter(Exists(conversion), converted_at=None).values_list("pk", flat=True):
        yield f"I1: lead {pk} is open, but a conversion points at it"
    doubles = Conversion.objects.values("lead").annotate(times=Count("pk")).filter(times__gt=1)
    for lead in doubles.values_list("lead", flat=True):
        yield f"I1: several conversions point at lead {lead}"


def made_something() -> Iterator[str]:
    """I2: a conversion has an organization or a contact."""
    for pk in Conversion.objects.filter(organization=None, contact=None).values_list("pk", flat=True):
        yield f"I2: conversion {pk} has neither an organization nor a contact"


def dossiers_are_held() -> Iterator[str]:
    """I3: nothing hangs on a converted lead, and every dossier is held by exactly one record."""
    for pk, lead in Dossier.objects.filter(lead__converted_at__isnull=False).values_list("pk", "lead"):
        yield f"I3: dossier {pk} hangs on the converted lead {lead}"
    none, one = Q(), Q()
    for holder in ("lead", *TARGETS):
        none &= Q(**{holder: None})
        others = [name for name in ("lead", *TARGETS) if name != holder]
        one |= Q(**{f"{holder}__isnull": False}) & Q(**dict.fromkeys(others))
    for pk in Dossier.objects.filter(none | ~one).values_list("pk", flat=True):
        yield f"I3: dossier {pk} is not held by exactly one record"
    yield from _homeless()
    for kind in KINDS:
        for pk in kind._default_manager.exclude(dossier__in=Dossier.objects.values("pk")).values_list("pk", flat=True):
            yield f"I3: {kind._meta.model_name} {pk} hangs on no dossier"


def _homeless() -> Iterator[str]:
    for module in registry.modules():
        home = Dossier.objects.filter(**{module.key: OuterRef("pk"), "is_home": True})
        for pk in module.model._default_manager.filter(~Exists(home)).values_list("pk", flat=True):
            yield f"I3: {module.key} {pk} has no dossier of its own"


def related_records_arrived() -> Iterator[str]:
    """I4: each conversion handed a dossier over, and the note that it names exists on what it made."""
    came = Dossier.objects.filter(came_from=OuterRef("lead"))
    for pk in Conversion.objects.filter(~Exists(came)).values_list("pk", flat=True):
        yield f"I4: conversion {pk} handed no dossier over"
    for pk in Conversion.objects.filter(kept_in_note=[]).exclude(note=None).values_list("pk", flat=True):
        yield f"I4: conversion {pk} wrote a note although nothing was to be kept in one"
    for pk in Conversion.objects.filter(note=None).exclude(kept_in_note=[]).values_list("pk", flat=True):
        yield f"I4: conversion {pk} wrote no note although something was to be kept in one"


def values_arrived() -> Iterator[str]:
    """I5: a mapped, untouched lead value stands in the record that was made, as long as nobody edited that record."""
    for conversion in _conversions():
        for key in TARGETS:
            record = getattr(conversion, key)
            if record is not None and record.modified_at == conversion.converted_at:
                yield from _lost_values(conversion, key, record)


def _lost_values(conversion: Conversion, key: str, record: Any) -> Iterator[str]:
    sources, targets = registry.module("lead").fields, record.module.fields
    for name, origin in conversion.provenance.get(key, {}).items():
        source = sources.get(origin.get("lead", ""))
        if origin["how"] != "mapped" or name not in targets or source is None:
            continue
        if targets[name].get(record) != source.get(conversion.lead):
            yield f"I5: {key} {record.pk}: {name} is not what lead {conversion.lead_id} had in {source.key}"


def snapshots_hold() -> Iterator[str]:
    """I6: a converted lead's row equals its snapshot, and no conversion was changed since it was written."""
    known = {""}
    for conversion in _conversions():
        if snapshot(conversion.lead) != conversion.snapshot:
            yield f"I6: lead {conversion.lead_id} differs from the snapshot of conversion {conversion.pk}"
        if digest(conversion) != conversion.digest:
            yield f"I6: conversion {conversion.pk} was changed after it was written"
        if conversion.previous_digest not in known:
            yield f"I6: a conversion before {conversion.pk} is missing"
        known.add(conversion.digest)


def mapping_is_sound() -> Iterator[str]:
    """I7: no mapping row breaks the rules."""
    for arrow in current().arrows:
        if arrow.problem:
            yield f"I7: {arrow.source} → {arrow.module}.{arrow.target}: {arrow.problem}"


def opportunities_point_back() -> Iterator[str]:
    """I8: an opportunity made by a conversion points at its organization and contact, as long as nobody edited it."""
    made = Conversion.objects.filter(opportunity__modified_at=F("converted_at"))
    wrong = Q()
    for link in ("organization", "contact"):
        same = Q(**{f"opportunity__{link}": F(link)}) | Q(**{f"opportunity__{link}": None, link: None})
        wrong |= ~Q(pk__in=made.filter(same).values("pk"))
    for pk, opportunity in made.filter(wrong).values_list("pk", "opportunity"):
        yield f"I8: opportunity {opportunity} doesn't point at the records of its conversion {pk}"


def locked_by_the_database() -> Iterator[str]:
    """The triggers of the lock are in place."""
    for name in missing_triggers():
        yield f"The trigger {name} is missing; run migrate"


def _conversions() -> Iterator[Any]:
    """All conversions with what they point at, read in chunks."""
    related = Conversion.objects.select_related("organization", "contact", "opportunity").order_by("pk")
    batch: list[Conversion] = []
    for conversion in related.iterator(chunk_size=CHUNK):
        batch.append(conversion)
        if len(batch) == CHUNK:
            yield from _with_leads(batch)
            batch = []
    yield from _with_leads(batch)


def _with_leads(batch: list[Conversion]) -> Iterator[Conversion]:
    leads = Lead.everything.in_bulk([conversion.lead_id for conversion in batch])
    for conversion in batch:
        conversion.lead = leads[conversion.lead_id]
        yield conversion


CHECKS: tuple[Check, ...] = (
    converted_exactly_once,
    made_something,
    dossiers_are_held,
    related_records_arrived,
    values_arrived,
    snapshots_hold,
    mapping_is_sound,
    opportunities_point_back,
    locked_by_the_database,
)


def violations() -> Iterator[str]:
    """Everything that is wrong in this database."""
    for check in CHECKS:
        yield from check()
