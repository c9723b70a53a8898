"""Why a conversion did not happen. In each case nothing was created or changed."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crm.records.base import Record
    from leads.models import Conversion, Lead

Errors = dict[str, dict[str, list[str]]]


class ConversionRefused(Exception):
    """Base of all refusals."""


class NoSuchLead(ConversionRefused):
    """There is no such lead, or the user may not see it."""


class AlreadyConverted(ConversionRefused):
    """Somebody converted the lead before; `conversion` is what became of it."""

    def __init__(self, conversion: "Conversion") -> None:
        self.conversion = conversion
        super().__init__(conversion.pk)


class KeyUsed(ConversionRefused):
    """The idempotency key came with another order before; `conversion` is what became of that one."""

    def __init__(self, conversion: "Conversion") -> None:
        self.conversion = conversion
        super().__init__(conversion.pk)


class StaleDraft(ConversionRefused):
    """The lead or the mapping changed since the draft was drawn; `fields` are the keys of the lead's fields that differ."""

    def __init__(self, lead: "Lead", fields: Sequence[str], *, mapping_changed: bool) -> None:
        self.lead = lead
        self.fields = tuple(fields)
        self.mapping_changed = mapping_changed
        super().__init__(lead.pk)


class InvalidOrder(ConversionRefused):
    """Values or choices don't hold. `errors`: {module: {field: [message]}}; the key "" is for the whole order."""

    def __init__(self, errors: Errors) -> None:
        self.errors = errors
        super().__init__(errors)


class ExistingMissing(InvalidOrder):
    """An existing record that the order names isn't there, or the user may not see or not change it: the same words for each."""

    def first(self) -> str:
        return next(text for fields in self.errors.values() for texts in fields.values() for text in texts)


class StaleExisting(ConversionRefused):
    """Existing records changed since they were shown; `records` are as they are now, by module."""

    def __init__(self, records: "Mapping[str, Record]") -> None:
        self.records = dict(records)
        super().__init__(*(record.pk for record in records.values()))
