"""Lines of history in words, for who reads them: records by name where the reader may see them, else by number alone."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from crm.fields import registry
from crm.fields.kinds import LINK, USER
from crm.people.access import sees
from crm.people.models import User
from crm.records import roles
from crm.related.models import Change

PEOPLE = "people"  # who takes part in an opportunity: no field, but a change like others
Names = Mapping[tuple[str, int], str]  # by module (or "user") and primary key


def names_in(changes: Iterable[Change], reader: Any) -> Names:
    """How the users and records that the changes speak of are called: one statement for each kind, none if there are none."""
    wanted: dict[str, set[int]] = {}
    for change in changes:
        for key, values in change.changes.items():
            for kind, pk in _named(key, values):
                wanted.setdefault(kind, set()).add(pk)
    return {(kind, pk): name for kind, pks in wanted.items() for pk, name in _names(kind, pks, reader)}


def _named(key: str, values: list[Any]) -> Iterator[tuple[str, int]]:
    field = _field(key)
    if key == PEOPLE:
        yield from (("contact", value["contact"]) for value in values if value)
    elif field and _kind_of(field):
        yield from ((_kind_of(field), value) for value in values if isinstance(value, int))


def _kind_of(field: registry.Field) -> str:
    """What a field points at: "user", a module, or "" for nothing that is named here."""
    known = {module.key for module in registry.modules()} if field.kind is LINK else {"user"}
    return field.to if field.kind in (LINK, USER) and field.to in known else ""


def _names(kind: str, pks: set[int], reader: Any) -> Iterator[tuple[int, str]]:
    if kind == "user":
        yield from ((user.pk, str(user)) for user in User.objects.filter(pk__in=pks))
        return
    records: Any = registry.module(kind).model._base_manager
    for record in records.filter(pk__in=pks).select_related("assigned_to"):
        yield record.pk, record.title if sees(reader, record) else record.number


def lines(change: Change, names: Names) -> Iterator[str]:
    """The change field by field: "Status: Contacted → Qualified"."""
    for key, (old, new) in change.changes.items():
        if key == PEOPLE:
            yield _of_people(old, new, names)
            continue
        field = _field(key)
        values = {
            "field": field.label if field else key,
            "old": _shown(field, old, names),
            "new": _shown(field, new, names),
        }
        yield _("%(field)s: %(old)s → %(new)s") % values


def _of_people(old: Any, new: Any, names: Names) -> str:
    part = old or new
    person = _name("contact", part["contact"], names)
    before, after = (roles.shown(one["role"]) or "—" if one else "" for one in (old, new))
    if old and new:
        return _("Role of %(person)s: %(old)s → %(new)s") % {"person": person, "old": before, "new": after}
    text = _("Takes part: %(person)s") if new else _("Takes part no more: %(person)s")
    if part["role"]:
        text = _("Takes part: %(person)s (%(role)s)") if new else _("Takes part no more: %(person)s (%(role)s)")
    return text % {"person": person, "role": before or after}


def _field(key: str) -> registry.Field | None:
    """The field that a change is about; history that came along from a lead names the lead's fields."""
    return next((found for module in registry.modules() if (found := module.fields.get(key))), None)


def _shown(field: registry.Field | None, value: Any, names: Names) -> str:
    if value in (None, "", []):
        return "—"
    if field is None or field.kind in (USER, LINK):
        return _name(_kind_of(field), value, names) if field else str(value)
    return field.show(field.kind.load(value))


def _name(kind: str, pk: Any, names: Names) -> str:
    """A name, else the number of a record that is not there any more."""
    prefix = registry.module(kind).prefix if kind not in ("", "user") else ""
    return names.get((kind, pk), f"{prefix}{pk}")
