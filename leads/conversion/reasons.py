"""Why a lead was not converted, in one line."""

from django.utils.translation import gettext as _

from crm.fields import registry
from leads.conversion.errors import AlreadyConverted, InvalidOrder, NoSuchLead, StaleExisting
from mapping.rows import TARGETS


def reason(refusal: Exception) -> str:
    """Say it to whoever asked for many conversions; nothing of what they may not see."""
    if isinstance(refusal, AlreadyConverted):
        return _("Already converted: %(number)s.") % {"number": refusal.conversion.number}
    if isinstance(refusal, InvalidOrder):
        errors = [
            (part, text) for part, fields in refusal.errors.items() for texts in fields.values() for text in texts
        ]
        return " ".join(_with_module(part, text) for part, text in errors)
    if isinstance(refusal, NoSuchLead):
        return _("There is no such lead, or you may not see it.")
    if isinstance(refusal, StaleExisting):
        return _("The record to fill was changed meanwhile.")
    return _("You may not convert leads, or not create such records.")


def _with_module(part: str, text: str) -> str:
    if part not in TARGETS:
        return text
    return _("%(module)s: %(message)s") % {"module": registry.module(part).label, "message": text}
