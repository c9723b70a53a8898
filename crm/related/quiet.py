"""Records about which nothing has happened for a while."""

import datetime as dt

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from crm.related.models import KINDS

A_WEEK = dt.timedelta(days=7)


def is_quiet(holder: str, *, for_at_least: dt.timedelta = A_WEEK) -> Q:
    """The condition for records of a module ("lead") that nobody changed and to which nothing was added for so long."""
    since = timezone.now() - for_at_least
    stirred = (
        Exists(kind._default_manager.filter(**{f"dossier__{holder}": OuterRef("pk")}, created_at__gte=since))
        for kind in KINDS
    )
    return Q(*(~Q(found) for found in stirred), modified_at__lt=since)
