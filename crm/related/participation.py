"""Who takes part in an opportunity, and as what. The opportunity's `contact` is the main one; rows say who else, and the roles."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from crm.kit.contention import begins_again
from crm.kit.numbers import show_number
from crm.people.access import can
from crm.records import roles
from crm.records.models import Contact, Opportunity, OpportunityContact
from crm.records.validation import hold
from crm.related import filing, leaving
from crm.related.history import PEOPLE

MOST = 100  # people in one opportunity


class TakesNoPart(Exception):
    """The contact isn't among the opportunity's people, or this user may not see it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A contact in an opportunity; read with its owner and its organization's."""

    contact: Contact
    role: str
    is_main: bool


def people_of(opportunity: Opportunity) -> list[Participant]:
    """The main contact, then the others in the order in which they came: two statements. Some may be hidden from the reader."""
    held = dict(_rows(opportunity).order_by("pk").values_list("contact", "role"))
    main = opportunity.contact_id
    order = ([main] if main else []) + [pk for pk in held if pk != main]
    contacts = Contact.rows.select_related("assigned_to", "organization__assigned_to").in_bulk(order)
    return [
        Participant(contact=contacts[pk], role=held.get(pk, ""), is_main=pk == main) for pk in order if pk in contacts
    ]


@begins_again
def add(opportunity: Opportunity, contact: int, *, role: str = "", is_main: bool = False, by: Any) -> Opportunity:
    """Let a contact take part. Returns the opportunity as it is then.

    Who was alone in it stays, whatever the main contact becomes. Raises ValidationError by key, PermissionDenied, DatabaseIsBusy.
    """
    role = _role(role)
    with transaction.atomic():
        fresh = _lock(opportunity, contact, by)
        if fresh is None:
            raise ValidationError({"contact": [_("Choose a record that you may see.")]})
        if _rows(fresh).count() >= MOST:
            raise ValidationError({"contact": [_("An opportunity takes %(max)s people.") % {"max": show_number(MOST)}]})
        is_new = fresh.contact_id != contact and _enter(fresh, contact, role)
        if not is_new:
            raise ValidationError(
                {"contact": [_("This person takes part already. Change the role in the list of people.")]}
            )
        _keep_main(fresh)
        _remember(fresh, None, _part(contact, role), by)
        return filing.edit(fresh, {"contact": contact}, by=by) if is_main else fresh


@begins_again
def change(
    opportunity: Opportunity, contact: int, *, role: str | None = None, is_main: bool = False, by: Any
) -> Opportunity:
    """Give somebody who takes part another role ("" for none), and let them be the main contact if `is_main` says so.

    Who was the main contact stays among the others. Raises ValidationError by key, TakesNoPart, PermissionDenied,
    DatabaseIsBusy.
    """
    role = None if role is None else _role(role)
    with transaction.atomic():
        fresh = _found(opportunity, contact, by)
        _keep_main(fresh)
        row = _rows(fresh).get(contact=contact)
        if role is not None and row.role != role:
            _remember(fresh, _part(contact, row.role), _part(contact, role), by)
            row.role = role
            row.save(update_fields=["role"])
        return filing.edit(fresh, {"contact": contact}, by=by) if is_main else fresh


@begins_again
def remove(opportunity: Opportunity, contact: int, *, by: Any) -> Opportunity:
    """Let somebody take part no more; the main contact leaves nobody in its place. Raises as `change`."""
    with transaction.atomic():
        fresh = _found(opportunity, contact, by)
        role = _rows(fresh).filter(contact=contact).values_list("role", flat=True).first() or ""
        _rows(fresh).filter(contact=contact).delete()
        _remember(fresh, _part(contact, role), None, by)
        return filing.edit(fresh, {"contact": None}, by=by) if fresh.contact_id == contact else fresh


def _lock(opportunity: Opportunity, contact: int, by: Any) -> Opportunity | None:
    """The opportunity, locked after the contact as in a conversion; None for a contact that is not there for this user."""
    if not can(by, "change", Opportunity):
        raise PermissionDenied
    if not Contact.objects.visible_to(by).filter(pk=contact).exists() or not hold(Contact, contact):
        return None
    visible = Opportunity.objects.visible_to(by).select_for_update(of=("self",))
    fresh: Opportunity | None = visible.filter(pk=opportunity.pk).first()
    if fresh is None:
        raise PermissionDenied
    return fresh


def _found(opportunity: Opportunity, contact: int, by: Any) -> Opportunity:
    fresh = _lock(opportunity, contact, by)
    if fresh is None or (fresh.contact_id != contact and not _rows(fresh).filter(contact=contact).exists()):
        raise TakesNoPart
    return fresh


def _rows(opportunity: Opportunity) -> Any:
    return OpportunityContact.objects.filter(opportunity=opportunity.pk)


def _enter(opportunity: Opportunity, contact: int, role: str) -> bool:
    """Write a contact's row if there is none yet; tells whether there was none."""
    return OpportunityContact.objects.get_or_create(
        opportunity_id=opportunity.pk, contact_id=contact, defaults={"role": role}
    )[1]


def _keep_main(opportunity: Opportunity) -> None:
    if opportunity.contact_id:
        _enter(opportunity, opportunity.contact_id, "")


def _role(text: str) -> str:
    try:
        return roles.parse(text)
    except ValidationError as error:
        raise ValidationError({"role": error.messages}) from None


def _part(contact: int, role: str) -> dict[str, Any]:
    return {"contact": contact, "role": role}


def _remember(opportunity: Opportunity, before: Any, after: Any, by: Any) -> None:
    """Write a line into the opportunity's history."""
    leaving.write({opportunity.pk: [{PEOPLE: [before, after]}]}, by=by)
