"""Merging two records that are the same: one takes in what the other knew and holds, the other stays as a forwarding address."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Field as ModelField
from django.db.models import Model, Q, UniqueConstraint
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.fields import registry
from crm.fields.kind import is_empty
from crm.kit.contention import begins_again
from crm.matching import writing
from crm.matching.models import Key
from crm.people.access import can
from crm.records.base import Mergeable, Record
from crm.records.differing import APPENDABLE, CONSENT, joined
from crm.records.validation import hold, validate
from crm.related.filing import RecordChanged, save_changes
from crm.related.models import Change, Comment, Dossier

R = TypeVar("R", bound=Record)


class NotMergeable(Exception):
    """The two are one and the same, of different kinds, or one of them is not there any more for this user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field of which two records hold different values: `mine` stays unless the order says otherwise."""

    field: registry.Field
    mine: Any
    other: Any

    @property
    def is_filling(self) -> bool:
        return is_empty(self.mine)

    @property
    def is_consent(self) -> bool:
        return self.field.key in CONSENT

    @property
    def needs_a_choice(self) -> bool:
        return not self.is_filling and not is_empty(self.other) and not self.is_consent

    @property
    def can_append(self) -> bool:
        return self.field.kind in APPENDABLE and self.needs_a_choice


def differences(kept: Record, gone: Record) -> Iterator[Difference]:
    """What the two records say differently; a link between the two themselves says nothing."""
    for field in kept.module.editable():
        mine, other = (_said(field, record, (kept, gone)) for record in (kept, gone))
        if mine != other and not (is_empty(mine) and is_empty(other)):
            yield Difference(field=field, mine=mine, other=other)


def _said(field: registry.Field, record: Record, pair: tuple[Record, Record]) -> Any:
    value = field.get(record)
    is_between_them = field.to == record.module.key and value in {one.pk for one in pair}
    return field.kind.empty if is_between_them else value


@begins_again
def merge(
    kept: R,
    gone: R,
    *,
    by: Any,
    take: Collection[str] = (),
    append: Collection[str] = (),
    seen: Mapping[int, dt.datetime] | None = None,
) -> R:
    """Merge `gone` into `kept` and return it as it is then.

    Blank fields are filled. Of fields that differ the other's value is taken if `take` names them, both stay if `append` does
    (text areas, multi-selects); a value that is not taken is kept in a note. Who opted out on either side stays out. `seen`:
    the `modified_at` that the user saw, by primary key. Raises PermissionDenied, NotMergeable, RecordChanged, ValidationError
    by field key, DatabaseIsBusy.
    """
    if not can(by, "change", type(kept)):
        raise PermissionDenied
    with transaction.atomic():
        kept, gone = _lock(kept, gone, by)
        for record in (kept, gone):
            if seen is not None and record.modified_at != seen.get(record.pk):
                raise RecordChanged(record)
        changes, untaken = _choose(kept, gone, take, append)
        validate(kept, by=by, only=changes, trusted=set(changes) - set(append))
        _hold_links(kept, changes)
        _write(kept, gone, changes, untaken, by)
    return kept


def _lock(kept: R, gone: R, by: Any) -> tuple[R, R]:
    """Both records as they are now, locked in the order of their keys, so that two merges can't wait for each other."""
    if type(kept) is not type(gone) or not isinstance(kept, Mergeable) or kept.pk == gone.pk:
        raise NotMergeable
    visible: Any = type(kept)._default_manager.visible_to(by)
    records = {}
    for pk in sorted([kept.pk, gone.pk]):  # nobody may link to the one that goes; to the other everybody may
        locked = visible.select_for_update(of=("self",), no_key=pk == kept.pk)
        records[pk] = locked.filter(pk=pk).first()
    if None in records.values():
        raise NotMergeable
    return records[kept.pk], records[gone.pk]


def _hold_links(record: Record, changes: Collection[str]) -> None:
    """Keep what the record now points at from being merged away. Raises RecordChanged if it was."""
    for field in record.module.editable():
        if field.to and field.key in changes and (pk := field.get(record)):
            related: Any = record._meta.get_field(field.key).related_model
            if not hold(related, pk):
                raise RecordChanged(record)


def _choose(
    kept: Record, gone: Record, take: Collection[str], append: Collection[str]
) -> tuple[dict[str, list[Any]], list[Difference]]:
    """Put the values that win into the record that stays: its changes as the history has them, and what was not taken."""
    changes: dict[str, list[Any]] = {}
    untaken = []
    for one in list(differences(kept, gone)):
        field = one.field
        _put(kept, field, _winner(one, take, append), changes)
        if one.needs_a_choice and not (one.can_append and field.key in append):
            untaken.append(one)
    for field in kept.module.editable():
        if field.to == kept.module.key and field.get(kept) == gone.pk:  # nobody reports to themselves
            _put(kept, field, field.kind.empty, changes)
    return changes, untaken


def _put(record: Record, field: registry.Field, value: Any, changes: dict[str, list[Any]]) -> None:
    old = field.get(record)
    if value != old:
        changes[field.key] = [field.kind.wire(old), field.kind.wire(value)]
        field.set(record, value)


def _winner(one: Difference, take: Collection[str], append: Collection[str]) -> Any:
    if one.is_consent:
        return bool(one.mine or one.other)
    if one.can_append and one.field.key in append:
        return joined(one.mine, one.other)
    return one.other if one.is_filling or (one.field.key in take and not is_empty(one.other)) else one.mine


def _write(kept: Record, gone: Record, changes: dict[str, list[Any]], untaken: list[Difference], by: Any) -> None:
    now, key = timezone.now(), kept.module.key
    save_changes(kept, changes, by=by, now=now)
    writing.renew([kept], without=[gone])
    home = Dossier.objects.get(**{key: kept, "is_home": True})
    if changes:
        Change.objects.create(dossier=home, at=now, by=by, changes=changes)
    Dossier.objects.filter(**{key: gone.pk}).update(**{key: kept.pk, "is_home": False})
    lost = [line for field in links_to(type(kept)) for line in _repoint(field, kept, gone)]
    body = "\n".join([note(kept, gone, untaken, set(changes)), *lost])
    Comment.objects.create(dossier=home, body=body, created_at=now, created_by=by)
    rows: Any = type(gone)._base_manager
    rows.filter(pk=gone.pk).update(merged_into=kept.pk, modified_at=now, modified_by=by)


def note(kept: Record, gone: Record, untaken: list[Difference], taken: Collection[str]) -> str:
    """Say on the record that stays what was merged into it, and keep the values that lost, a line "Label: value" each."""
    title = _("%(number)s (%(name)s) was merged into this record.") % {"number": gone.number, "name": gone.title}
    lines = [
        _("%(label)s: %(value)s") % {"label": one.field.label, "value": shown(loser, one.field, value)}
        for one in untaken
        for loser, value in [(kept, one.mine) if one.field.key in taken else (gone, one.other)]
    ]
    return "\n".join([title, *lines])


def shown(record: Record, field: registry.Field, value: Any) -> str:
    """A value as a person reads it; a link as the name of what it points at."""
    if not field.to or is_empty(value):
        return field.show(value)
    related: Any = record._meta.get_field(field.key).related_model
    return str(related._base_manager.filter(pk=value).first() or value)


def links_to(model: type[Model]) -> Iterator["ModelField[Any, Any]"]:
    """The foreign keys of other records that point at this kind, but for those that are handed over or final as they are."""
    for relation in model._meta.get_fields(include_hidden=True):
        field = getattr(relation, "field", None)
        if not relation.auto_created or field is None or relation.related_model in (Dossier, Key):
            continue
        if not getattr(relation.related_model, "is_final", False):
            yield field


def _repoint(field: "ModelField[Any, Any]", kept: Record, gone: Record) -> Iterator[str]:
    """Let what points at the record that goes point at the one that stays; a row that would then be there twice goes.

    Gives what is lost with such a row.
    """
    rows: Any = field.model._base_manager
    for constraint in field.model._meta.constraints:
        if isinstance(constraint, UniqueConstraint) and field.name in constraint.fields:
            others = [name for name in constraint.fields if name != field.name]
            for mine in rows.filter(**{field.name: kept.pk}):
                same = {name: getattr(mine, name) for name in others}
                for twin in rows.filter(**{field.name: gone.pk, **same}):
                    yield from _take_in(mine, twin)
    moved = rows.filter(**{field.name: gone.pk})
    (moved.exclude(pk=kept.pk) if field.model is type(kept) else moved).update(**{field.name: kept.pk})


def _take_in(mine: Model, twin: Model) -> Iterator[str]:
    """Fill what a row leaves blank from the one that goes in its favour; give what it says differently, a line each."""
    filled = []
    for field in mine._meta.concrete_fields:
        ours, theirs = getattr(mine, field.attname), getattr(twin, field.attname)
        if field.primary_key or field.is_relation or is_empty(theirs) or ours == theirs:
            continue
        if is_empty(ours):
            setattr(mine, field.attname, theirs)
            filled.append(field.attname)
        else:
            yield _("%(label)s: %(value)s") % {"label": field.verbose_name, "value": theirs}
    twin.delete()
    if filled:
        mine.save(update_fields=filled)


def current(model: type[Model], pk: int, user: Any) -> Any:
    """The record with this key, or the one into which it was merged, if the user may see it; else None."""
    manager: Any = model._default_manager
    wanted = Q(pk=pk)
    if issubclass(model, Mergeable):
        rows: Any = model._base_manager
        wanted |= Q(pk__in=rows.filter(pk=pk).values("merged_into"))
    return manager.visible_to(user).filter(wanted).first()


def forwarding(model: type[Model], pk: int, user: Any) -> Any:
    """The record into which the one with this key was merged, if the user may see it; else None."""
    found = current(model, pk, user)
    return found if found is not None and found.pk != pk else None
