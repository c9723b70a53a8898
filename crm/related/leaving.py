"""What the history of opportunities keeps of a contact that is deleted, and of a role that administrators replace."""

from collections import Counter
from typing import Any

from django.db.models import Count
from django.utils import timezone

from crm.kit.inserting import insert
from crm.records import roles
from crm.records.models import Contact, Opportunity, OpportunityContact
from crm.related.history import PEOPLE
from crm.related.models import Change, Dossier

Changes = dict[int, list[dict[str, Any]]]  # by opportunity, a line of history each


def leave_all(contact: Contact, *, by: Any) -> None:
    """Write down in each opportunity of a contact that is about to be deleted that it takes part no more."""
    changes: Changes = {}
    for opportunity in Opportunity.objects.filter(contact=contact.pk).values_list("pk", flat=True):
        changes.setdefault(opportunity, []).append({"contact": [contact.pk, None]})
    for opportunity, role in OpportunityContact.objects.filter(contact=contact.pk).values_list("opportunity", "role"):
        gone = {PEOPLE: [{"contact": contact.pk, "role": role}, None]}
        changes.setdefault(opportunity, []).append(gone)
    write(changes, by=by)


def write(changes: Changes, *, by: Any) -> None:
    """Write these lines into the histories of opportunities, in two statements."""
    now, homes = timezone.now(), Dossier.objects.filter(opportunity__in=list(changes), is_home=True)
    insert(
        [
            Change(dossier_id=home, at=now, by_id=by.pk, changes=change)
            for home, opportunity in homes.order_by("pk").values_list("pk", "opportunity")
            for change in changes[opportunity]
        ]
    )


def held_by_rows(list_key: str) -> Counter[str]:
    """How many people have each of the roles."""
    if list_key != roles.LIST:
        return Counter()
    return Counter(dict(OpportunityContact.objects.order_by().values_list("role").annotate(Count("pk"))))


def replaced_in_rows(list_key: str, value: str, replacement: str, by: Any) -> int:
    """Give everybody who has a role that goes another one; returns how many they are."""
    if list_key != roles.LIST:
        return 0
    rows = OpportunityContact.objects.filter(role=value)
    changes: Changes = {}
    for opportunity, contact in rows.order_by("pk").values_list("opportunity", "contact"):
        before, after = ({"contact": contact, "role": role} for role in (value, replacement))
        changes.setdefault(opportunity, []).append({PEOPLE: [before, after]})
    write(changes, by=by)
    return rows.update(role=replacement)
