"""Pointing the records of a conversion at each other, and saying who takes part in an opportunity as what."""

from collections.abc import Sequence

from crm.records import roles as role_list
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
    """Write down the contacts of an opportunity that have a role, or beside whom there are others.

    Who is said to have several roles, here or in an opportunity that was there already, has them all.
    """
    if "opportunity" not in plans[0].targets:
        return
    target = plans[0].targets["opportunity"]
    said: dict[int, list[str]] = {}
    for plan in plans:
        if contact := plan.targets.get("contact"):
            said.setdefault(contact.record.pk, []).append(role_list.parse(plan.role))
    if list(said) == [target.record.contact_id] and not any(map(any, said.values())):  # type: ignore[attr-defined]
        return
    rows = OpportunityContact.objects.filter(opportunity=target.record.pk, contact__in=said)
    held = {} if target.is_new else dict(rows.values_list("contact", "role"))
    OpportunityContact.objects.bulk_create(
        (
            OpportunityContact(
                opportunity_id=target.record.pk,
                contact_id=pk,
                role=role_list.together([held.get(pk, ""), *roles]),
            )
            for pk, roles in said.items()
        ),
        update_conflicts=True,
        unique_fields=["opportunity", "contact"],
        update_fields=["role"],
    )
