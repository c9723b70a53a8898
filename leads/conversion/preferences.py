"""How conversions begin and who hears of them: the administrators' settings, read in one statement."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from crm.fields import dictionary, registry
from crm.notices.outbox import active_webhooks
from leads.models import ConversionPreferences

FIELDS = (
    "opportunity_ticked",
    "closing_days",
    "first_stage",
    "unmapped",
    "notify_new_owners",
    "notify_lead_owner",
    "notify_followers",
    "notify_managers",
    "notify_users",
)


class PreferencesChanged(Exception):
    """Somebody else saved the settings since they were shown; `newest` is what they saved."""

    def __init__(self, newest: ConversionPreferences) -> None:
        self.newest = newest
        super().__init__(newest.pk)


def current() -> ConversionPreferences:
    """The settings in force, with the keys of the active webhooks, so that a conversion needn't ask for them."""
    found: ConversionPreferences | None = ConversionPreferences.objects.annotate(_webhooks=active_webhooks()).first()
    if found is None:
        return ConversionPreferences()
    found.webhooks = tuple(found._webhooks or ())  # type: ignore[attr-defined]
    return found


def first_stage(preferences: ConversionPreferences) -> str:
    """The stage that an opportunity starts in: the one chosen here, else the field's default, else the first of the list; one in use."""
    stages = [option.value for option in dictionary.options("sales_stage") if not option.retired]
    wanted = (preferences.first_stage, registry.module("opportunity").fields["sales_stage"].default)
    return next((stage for stage in (*wanted, *stages) if stage in stages), "")


def save(values: Mapping[str, Any], *, by: Any, seen: str) -> ConversionPreferences:
    """Put settings in force, as a row of their own. `seen` is the number of the row that the user saw.

    Raises PermissionDenied, PreferencesChanged.
    """
    if not by.has_perm("mapping.change_link"):
        raise PermissionDenied
    with transaction.atomic():
        oldest = ConversionPreferences.objects.select_for_update().order_by("pk").first()  # who saves now waits here
        newest = ConversionPreferences.objects.first() if oldest else None
        if newest and str(newest.pk) != seen:
            raise PreferencesChanged(newest)
        made = ConversionPreferences(**{name: values[name] for name in FIELDS}, saved_by=by)
        if newest and all(getattr(newest, name) == values[name] for name in FIELDS):
            return newest
        made.save(force_insert=True)
    return made
