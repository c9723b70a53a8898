"""Which existing records and which other leads the user of the conversion page may choose, and has chosen."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime

from crm.fields import registry
from crm.fields.kinds import LINK
from crm.kit.keys import parse_key
from crm.pages.forms import LinkField
from crm.people.access import can
from crm.people.seen import seen_record
from leads.conversion import existing, matching
from leads.models import Lead
from mapping.rows import TARGETS

PICKABLE = (*TARGETS, "lead")


@dataclass(frozen=True)
class Picks:
    """What the page's pickers hold. `data` is what was posted, or None for the page as it is opened."""

    lead: Lead
    by: Any
    data: Any = None
    finder_problems: dict[str, str] = field(default_factory=dict)

    @property
    def is_fuzzy(self) -> bool:
        """Whether similar names are looked for too, which takes longer."""
        return bool(self.data and self.data.get("fuzzy"))

    @cached_property
    def matches(self) -> matching.Matches:
        return matching.find(self.lead, by=self.by, fuzzy=self.is_fuzzy)

    def number(self, key: str) -> int | None:
        """The primary key of the existing record that was chosen in this module."""
        if self.data is None:
            best = (
                self.matches.best(key) if key != "opportunity" else None
            )  # another deal of theirs need not be this one
            return best.record.pk if best and self.may_use(key) else None
        if (found := self.found.get(key)) is not None:
            return found
        return parse_key(self.data.get(f"existing_{key}", ""))

    def may_use(self, key: str) -> bool:
        return can(self.by, "change", registry.module(key).model)

    @cached_property
    def found(self) -> dict[str, int]:
        """What was typed into "find another", by module; what can't be found is told in `finder_problems`."""
        found: dict[str, int] = {}
        for key in PICKABLE:
            if not (text := str((self.data or {}).get(f"find_{key}", "")).strip()):
                continue
            try:
                number = self.finder(key).clean(text)
                if not existing.keys([number]):
                    raise ValidationError(existing.gone(key))
                found[key] = number
            except ValidationError as error:
                self.finder_problems[key] = " ".join(error.messages)
        return found

    def finder(self, key: str) -> LinkField:
        """The control that finds a record by its number or name."""
        return LinkField(registry.Field(key=f"find_{key}", label="", kind=LINK, to=key), self.by)

    @cached_property
    def records(self) -> dict[str, Any]:
        """The chosen existing records by module; one that is gone, or hidden from the user, is missing."""
        chosen = {}
        for key in TARGETS:
            if (number := self.number(key)) is not None and (record := self._record(key, number)):
                chosen[key] = record
        return chosen

    def _record(self, key: str, number: int) -> Any:
        """Fetch the record; where the page will be drawn the matches are there already."""
        drawn = self.matches.of(key) if (self.data is None or shown(self.data)) and self.may_use(key) else ()
        if found := next((match.record for match in drawn if match.record.pk == number), None):
            return found
        return seen_record(registry.module(key).model, number, by=self.by) if self.may_use(key) else None

    def missing(self) -> list[str]:
        """The modules in which a record was chosen that can't be used any more."""
        return [key for key in TARGETS if self.number(key) is not None and key not in self.records]

    def seen(self, key: str) -> dt.datetime | None:
        """When the chosen record had last changed as the user saw it; None if they didn't see it compared."""
        number, _at, moment = str((self.data or {}).get(f"seen_{key}", "")).partition("@")
        if key not in self.records or number != str(self.records[key].pk):
            return None
        try:
            return parse_datetime(moment)
        except ValueError:
            return None

    @cached_property
    def leads(self) -> dict[int, Lead]:
        """The other open leads that are brought along, by primary key."""
        if self.data is None:
            return {}
        numbers = [pk for text in self.data.getlist("also") if (pk := parse_key(text)) is not None]
        numbers += [self.found["lead"]] if "lead" in self.found else []
        if not numbers:
            return {}
        found = Lead.objects.visible_to(self.by).filter(pk__in=numbers).exclude(pk=self.lead.pk)
        return {lead.pk: lead for lead in found.order_by("pk")}

    def sent(self, name: str) -> str:
        return str((self.data or {}).get(name, ""))


def shown(data: Mapping[str, str] | None) -> bool:
    """Whether the user asked to see the page anew, not to save."""
    return bool(data and "show" in data)
