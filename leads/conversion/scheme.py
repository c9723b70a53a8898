"""What holds for every lead that one user converts, worked out once: rights, mapping, settings, and how each record is drawn."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from crm.fields import registry
from crm.fields.kind import is_empty
from crm.people.access import can
from leads.conversion import preferences
from leads.conversion.order import Order
from leads.models import ConversionPreferences, Lead
from mapping import table
from mapping.rows import TARGETS

# Links that the conversion makes itself.
LINKS = {"contact": ("organization",), "opportunity": ("organization", "contact")}


def knows_fields_of(leads: Iterable[Lead]) -> bool:
    """Whether these locked leads hold only values of fields that are known; else the dictionary has to be read anew.

    A process that read it for long work, or waited for a lock, doesn't hear of a field that was added meanwhile.
    """
    known = registry.module("lead").fields.keys()
    return all(lead.custom.keys() <= known for lead in leads)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What a user may do here. `creates` are the modules of which they may create records."""

    converts: bool
    creates: frozenset[str]

    @classmethod
    def of(cls, user: Any) -> Self:
        """Ask for all of it at once."""
        return cls(
            converts=can(user, "convert", Lead) and can(user, "change", Lead),
            creates=frozenset(key for key in TARGETS if can(user, "add", registry.module(key).model)),
        )

    def check(self, order: Order) -> None:
        """Refuse whoever may not convert, edit leads, or create a record of each chosen kind (PRODUCT §4.1)."""
        made = {key for key, part in order.parts.items() if part.existing is None}
        made |= {"contact" for also in order.also if also.contact is not None and also.contact.existing is None}
        if not (self.converts and made <= self.creates):
            raise PermissionDenied


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """How a module's record is drawn from any lead. `own` is what it starts with where neither lead nor default speaks;
    `arrows` are the sound ones, but for those into links.
    """

    module: registry.Module
    allowed: bool
    fields: Mapping[str, registry.Field]
    defaults: Mapping[str, Any]
    own: Mapping[str, Any]
    arrows: tuple[table.Arrow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """The mapping and the settings in force, and what follows from them for this user."""

    rights: Rights
    mapping: table.Mapping
    preferences: ConversionPreferences
    outlines: Mapping[str, Outline]
    _carried: dict[frozenset[str], frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, rights: Rights, mapping: table.Mapping, wanted: ConversionPreferences) -> Self:
        """Work it out."""
        outlines = {key: _outline(key, rights, mapping, wanted) for key in TARGETS}
        return cls(rights=rights, mapping=mapping, preferences=wanted, outlines=outlines)

    @classmethod
    def read(cls, by: Any) -> Self:
        """As everything is now."""
        return cls.of(Rights.of(by), table.current(), preferences.current())

    def usual_parts(self, lead: Lead) -> list[str]:
        """What a lead becomes if nobody says otherwise (PRODUCT §4.3)."""
        opportunity = self.preferences.opportunity_ticked and "opportunity" in self.rights.creates
        is_made = {"organization": bool(lead.company), "contact": True, "opportunity": opportunity}
        return [key for key in TARGETS if is_made[key]]

    def carried(self, chosen: Collection[str]) -> frozenset[str]:
        """The lead fields that arrive in one of these modules."""
        key = frozenset(chosen)
        if key not in self._carried:
            self._carried[key] = frozenset(arrow.source for one in key for arrow in self.outlines[one].arrows)
        return self._carried[key]


def _outline(key: str, rights: Rights, mapping: table.Mapping, wanted: ConversionPreferences) -> Outline:
    module = registry.module(key)
    return Outline(
        module=module,
        allowed=key in rights.creates,
        fields=module.fields,
        defaults={field.key: field.default for field in module.editable() if not is_empty(field.default)},
        own=_own(wanted) if key == "opportunity" else {},
        arrows=tuple(arrow for arrow in mapping.into(key) if arrow.target not in LINKS.get(key, ())),
    )


def _own(wanted: ConversionPreferences) -> dict[str, Any]:
    """What an opportunity starts with where no row brings a value (PRODUCT §4.4), beside its name."""
    return {
        "closing_date": timezone.localdate() + dt.timedelta(days=wanted.days_to_close),
        "sales_stage": preferences.first_stage(wanted),
    }
