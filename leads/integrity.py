"""The invariants of PRODUCT §6, looked for over the whole database. Each check yields sentences that name what is wrong.

What can be asked of the database in one statement is; what needs the rules of the fields is read in chunks, once.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import CheckConstraint, Count, Exists, Model, OuterRef, QuerySet

from crm.fields import registry
from crm.matching import writing
from crm.records.base import Mergeable
from crm.records.differing import CONSENT
from crm.records.models import Opportunity, OpportunityContact
from crm.related import merging
from crm.related.models import KINDS, Change, Document, Dossier, Following, Tagging
from leads.conversion.receipt import digest, snapshot
from leads.lock import missing_triggers
from leads.models import Conversion, Lead
from mapping import soundness
from mapping.rows import TARGETS

Check = Callable[[], Iterator[str]]
Fields = dict[str, dict[str, registry.Field]]  # by module and key
CHUNK = 1000  # conversions that are in memory at a time


def converted_exactly_once() -> Iterator[str]:
    """I1: a lead is converted if and only if exactly one conversion points at it."""
    conversion = Conversion.objects.filter(lead=OuterRef("pk"))
    for pk in _ids(Lead.everything.filter(~Exists(conversion), converted_at__isnull=False)):
        yield f"I1: lead {pk} is converted, but no conversion points at it"
    for pk in _ids(Lead.everything.filter(Exists(conversion), converted_at=None)):
        yield f"I1: lead {pk} is open, but a conversion points at it"
    doubles = Conversion.objects.values("lead").annotate(times=Count("pk")).filter(times__gt=1)
    for lead in doubles.values_list("lead", flat=True):
        yield f"I1: several conversions point at lead {lead}"


def made_something() -> Iterator[str]:
    """I2: a conversion has an organization or a contact, and what it names is there."""
    for pk in _ids(Conversion.objects.filter(organization=None, contact=None)):
        yield f"I2: conversion {pk} has neither an organization nor a contact"
    for key in ("lead", *TARGETS):
        for pk in _ids(_dangling(Conversion, key)):
            yield f"I2: conversion {pk} names a {key} that isn't there"


def dossiers_are_held() -> Iterator[str]:
    """I3: nothing hangs on a converted lead; every related record hangs on exactly one record; every record has a home."""
    for pk, lead in Dossier.objects.filter(lead__converted_at__isnull=False).values_list("pk", "lead"):
        yield f"I3: dossier {pk} hangs on the converted lead {lead}"
    one_holder = next(one.condition for one in Dossier._meta.constraints if isinstance(one, CheckConstraint))
    for pk in _ids(Dossier.objects.exclude(one_holder)):
        yield f"I3: dossier {pk} is not held by exactly one record"
    for key in ("lead", *TARGETS):
        for pk in _ids(_dangling(Dossier, key)):
            yield f"I3: dossier {pk} is held by a {key} that isn't there"
    hanging: tuple[type[Model], ...] = (*KINDS, Change, Tagging, Following)
    for kind in hanging:
        for pk in _ids(_dangling(kind, "dossier")):
            yield f"I3: {kind._meta.model_name} {pk} hangs on no dossier"
    for module in registry.modules():
        homes = Dossier.objects.filter(**{module.key: OuterRef("pk"), "is_home": True}).order_by()
        for pk in _ids(module.model._default_manager.filter(~Exists(homes))):
            yield f"I3: {module.key} {pk} has no dossier of its own"
        twice = homes.values(module.key).annotate(times=Count("pk")).filter(times__gt=1)
        for pk in _ids(module.model._default_manager.filter(Exists(twice))):
            yield f"I3: {module.key} {pk} has several dossiers of its own"


def related_records_arrived() -> Iterator[str]:
    """I4: each conversion handed a dossier over, and wrote a note if and only if something was to be kept in one."""
    came = Dossier.objects.filter(came_from=OuterRef("lead"), is_home=False)
    for pk in _ids(Conversion.objects.filter(~Exists(came))):
        yield f"I4: conversion {pk} handed no dossier over"
    for pk in _ids(Conversion.objects.filter(kept_in_note=[]).exclude(note=None)):
        yield f"I4: conversion {pk} wrote a note although nothing was to be kept in one"
    for pk in _ids(Conversion.objects.filter(note=None).exclude(kept_in_note=[])):
        yield f"I4: conversion {pk} wrote no note although something was to be kept in one"
    for pk in _ids(Dossier.objects.exclude(came_from=None).filter(came_from__converted_at=None)):
        yield f"I4: dossier {pk} was handed over by a lead that is still open"


def conversions_hold() -> Iterator[str]:
    """I5, I6 and I8 of each conversion, and the chain that their digests form."""
    fields = {module.key: module.fields for module in registry.modules()}
    digests = {""}
    for conversion in _conversions():
        if conversion.previous_digest not in digests:
            yield f"I6: a conversion before {conversion.pk} is missing or was changed"
        digests.add(conversion.digest)
        if digest(conversion) != conversion.digest:
            yield f"I6: conversion {conversion.pk} was changed after it was written"
            continue  # nothing else that it says can be relied on
        yield from _lead_is_as_it_was(conversion)
        yield from _lost_values(conversion, fields)
        yield from _opportunity_points_back(conversion)


def _lead_is_as_it_was(conversion: Conversion) -> Iterator[str]:
    """I6: a converted lead's row equals its snapshot for ever; fields that were added later are not in it."""
    now = snapshot(conversion.lead)
    changed = [key for key, value in conversion.snapshot.items() if now.get(key) != value]
    if changed:
        yield f"I6: lead {conversion.lead_id} differs from the snapshot of conversion {conversion.pk}: {', '.join(changed)}"


def _lost_values(conversion: Conversion, fields: Fields) -> Iterator[str]:
    """I5: each mapped, unchanged lead value equals the created record's value, as long as nobody edited that record."""
    for key in TARGETS:
        record = getattr(conversion, key)
        if record is None or record.modified_at != conversion.converted_at:
            continue
        for name, origin in conversion.provenance.get(key, {}).items():
            source, target = fields["lead"].get(origin.get("lead", "")), fields[key].get(name)
            if origin["how"] not in ("mapped", "filled") or source is None or target is None:
                continue
            if name in CONSENT and target.get(record):
                continue  # another lead of the same conversion said no
            if target.get(record) != source.get(conversion.lead):
                yield f"I5: {key} {record.pk}: {name} is not what lead {conversion.lead_id} had in {source.key}"


def _opportunity_points_back(conversion: Conversion) -> Iterator[str]:
    """I8: an opportunity made by a conversion points at that conversion's organization and contact.

    One that was there keeps what it points at. A lead that was brought along shares the main lead's organization, and leaves
    the opportunity to it.
    """
    main, made = conversion.together_with, conversion.opportunity
    if main and (made or conversion.organization_id != main.organization_id):
        yield f"I8: conversion {conversion.pk} doesn't share the organization of conversion {main.pk}, or has a deal of its own"
    if made is None or made.modified_at != conversion.converted_at or "opportunity" in conversion.existing:
        return
    expected = [record.current.pk if record else None for record in (conversion.organization, conversion.contact)]
    if [made.organization_id, made.contact_id] != expected:
        yield f"I8: opportunity {made.pk} doesn't point at the records of its conversion {conversion.pk}"


def merged_records_hold_nothing() -> Iterator[str]:
    """A merged record leads to one that stands for itself, and nothing hangs on it any more."""
    for module in registry.modules():
        if not issubclass(module.model, Mergeable):
            continue
        merged = module.model._base_manager.filter(merged_into__isnull=False)
        for pk in _ids(merged.filter(Exists(Dossier.objects.filter(**{module.key: OuterRef("pk")})))):
            yield f"The merged {module.key} {pk} still holds a dossier"
        for field in merging.links_to(module.model):
            rows = field.model._base_manager.filter(**{f"{field.name}__merged_into__isnull": False})
            for pk in _ids(rows):
                yield f"The {field.name} of {field.model._meta.model_name} {pk} was merged into another"


def people_take_part_once() -> Iterator[str]:
    """Who takes part in an opportunity is there, and once; the main contact is the opportunity's own field."""
    for key in ("opportunity", "contact"):
        for pk in _ids(_dangling(OpportunityContact, key)):
            yield f"The part {pk} in an opportunity names a {key} that isn't there"
    for pk in _ids(_dangling(Opportunity, "contact")):
        yield f"Opportunity {pk} has a main contact that isn't there"
    pairs = OpportunityContact.objects.values("opportunity", "contact").annotate(times=Count("pk")).filter(times__gt=1)
    for opportunity, contact in pairs.values_list("opportunity", "contact"):
        yield f"Contact {contact} takes part in opportunity {opportunity} several times"


def documents_have_their_files() -> Iterator[str]:
    """Each document's file is in its place and as long as it was."""
    storage = Document._meta.get_field("file").storage
    for pk, name, size in Document.objects.order_by("pk").values_list("pk", "file", "size").iterator():
        if not storage.exists(name):
            yield f"The file of document {pk} is missing: {name}"
        elif storage.size(name) != size:
            yield f"The file of document {pk} has {storage.size(name)} bytes instead of {size}: {name}"


def mapping_is_sound() -> Iterator[str]:
    """I7: no mapping row breaks the rules, and the locked rows are as they must be."""
    yield from (f"I7: {sentence}" for sentence in soundness.faults())


def locked_by_the_database() -> Iterator[str]:
    """The triggers of the lock are in place."""
    for name in missing_triggers():
        yield f"The trigger {name} is missing; run migrate"


def matching_keys_are_right() -> Iterator[str]:
    """The stored matching keys are those of the records' fields."""
    yield from writing.differences()


def _ids(rows: QuerySet[Any]) -> Iterator[int]:
    return rows.order_by("pk").values_list("pk", flat=True).iterator()


def _dangling(model: type[Model], key: str) -> QuerySet[Any]:
    """The rows whose link points at nothing."""
    target: Any = model._meta.get_field(key).related_model
    there = target._base_manager.filter(pk=OuterRef(f"{key}_id"))
    return model._base_manager.filter(~Exists(there), **{f"{key}__isnull": False})


def _conversions() -> Iterator[Any]:
    """All conversions with what they point at, read in chunks."""
    last = 0
    related = Conversion.objects.select_related("lead", "together_with", *TARGETS).order_by("pk")
    while chunk := list(related.filter(pk__gt=last)[:CHUNK]):
        yield from chunk
        last = chunk[-1].pk


CHECKS: tuple[Check, ...] = (
    converted_exactly_once,
    made_something,
    dossiers_are_held,
    related_records_arrived,
    conversions_hold,
    merged_records_hold_nothing,
    people_take_part_once,
    documents_have_their_files,
    mapping_is_sound,
    locked_by_the_database,
    matching_keys_are_right,
)


def violations() -> Iterator[str]:
    """Everything that is wrong in this database."""
    for check in CHECKS:
        yield from check()
