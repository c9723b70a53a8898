"""Pointing the records of a conversion at each other, and saying who takes part in an opportunity as what."""

from collections.abc import Sequence

from crm.records.models import OpportunityContact
from leads.conversion.plan import Plan
from leads.conversion.scheme import LINKS


def link(plan: Plan, key: str) -> None:
    """Point a record at those that are saved before it. What an existing one points at stays, unless the user chose otherwise."""
    target = plan.targets[key]
    for name in LINKS.get(key, ()):
        if name not in plan.targets:
            continue
        other = plan.targets[name].record
        current = getattr(target.record, f"{name}_id")
        if target.is_new:
            setattr(target.record, f"{name}_id", other.pk)
        elif current is None:
            target.put(name, other.pk)
            plan.provenance[key][name] = {"how": "filled"}
        elif current != other.pk and key == "contact" and plan.links_contact:
            target.put(name, other.pk)
            plan.provenance[key][name] = {"how": "replaced", "old": current}
        elif current != other.pk:
            plan.provenance[key][name] = {"how": "kept", "value": other.pk}


def take_part(plans: Sequence[Plan]) -> None:
    """Write down the contacts of an opportunity that have a role, or beside whom there are others."""
    if "opportunity" not in plans[0].targets:
        return
    opportunity = plans[0].targets["opportunity"].record
    roles: dict[int, str] = {}
    for plan in plans:
        if contact := plan.targets.get("contact"):
            roles[contact.record.pk] = roles.get(contact.record.pk) or plan.role
    if list(roles) == [opportunity.contact_id] and not any(roles.values()):  # type: ignore[attr-defined]
        return
    OpportunityContact.objects.bulk_create(
        (OpportunityContact(opportunity_id=opportunity.pk, contact_id=pk, role=role) for pk, role in roles.items()),
        ignore_conflicts=True,
    )
