"""Giving a lead another status."""

from typing import Any

from django.db import transaction

from crm.kit.contention import begins_again
from crm.related import filing, services
from crm.related.models import Comment
from leads.models import Lead


@begins_again
def move(lead: Lead, *, to: str, reason: str = "", by: Any) -> Lead:
    """Change the lead's status and keep the reason as a note. Raises RecordIsLocked for a lead converted meanwhile."""
    with transaction.atomic():
        moved = filing.edit(lead, {"lead_status": to}, by=by)
        if reason:
            services.add(Comment(body=reason), to=moved, by=by)
    return moved
