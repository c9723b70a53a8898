"""How conversions begin and who hears of them: the administrators' settings, read in one statement."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import QuerySet

from crm.fields import dictionary, registry
from crm.kit.prepared import Prepared
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
    for *values, webhooks in _CURRENT.rows():
        found = ConversionPreferences.from_db(connection.alias, COLUMNS, values)
        found.webhooks = tuple(webhooks or ())
        return found
    return ConversionPreferences()


def _current() -> QuerySet[ConversionPreferences, Any]:
    return ConversionPreferences.objects.values_list(*COLUMNS, active_webhooks())[:1]


COLUMNS = [column.attname for column in ConversionPreferences._meta.concrete_fields]
_CURRENT = Prepared(_current)


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
