"""The people of an opportunity as its page shows them, the forms in which they are edited, and the opportunities of a contact."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.fields import registry
from crm.fields.kinds import LINK
from crm.kit.forms import CleanCharField
from crm.pages.cells import Cell, cell, name
from crm.pages.forms import LinkField
from crm.people.access import sees
from crm.records import roles
from crm.records.models import Opportunity, OpportunityContact
from crm.related import participation

PHONES = ("mobile", "office_phone", "other_phone", "home_phone")
SHOWN = 20  # opportunities of a contact
OFFERED = 10  # contacts as you type


class RoleForm(forms.Form):
    """The role of somebody who takes part. `contact` is whose form it is; ids and names of several on a page differ."""

    role = CleanCharField(
        label=gettext_lazy("Role"),
        required=False,
        max_length=roles.LONGEST,
        widget=forms.TextInput({"dir": "auto", "list": "roles", "autocomplete": "off"}),
    )
    contact: int | None = None

    @classmethod
    def of(cls, contact: int, role: str, data: Any = None) -> "RoleForm":
        form = cls(data, initial={"role": role}, auto_id=f"id_person_{contact}_%s")
        form.contact = contact
        return form


class PersonForm(RoleForm):
    """Somebody is added: a contact, found as they type, the role, and whether they become the main contact."""

    is_main = forms.BooleanField(label=gettext_lazy("Main contact"), required=False)
    field_order = ("person", "role", "is_main")

    def __init__(self, opportunity: Opportunity, user: Any, data: Any = None) -> None:
        super().__init__(data, initial={"is_main": opportunity.contact_id is None}, auto_id="id_person_%s")
        field = registry.Field(key="person", label=_("Contact"), kind=LINK, to="contact", required=True)
        self.fields["person"] = LinkField(field, user)
        if opportunity.organization_id:
            near = f"{reverse('suggest', args=['contacts'])}?organization={opportunity.organization_id}"
            self.fields["person"].widget.attrs["data-suggest"] = near
        self.order_fields(self.field_order)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who takes part, as this reader may see them: a hidden contact by its number and role alone."""

    pk: int
    name: str
    href: str
    role: str
    colour: str
    is_main: bool
    job_title: str = ""
    other_organization: str = ""  # that they belong to instead of the opportunity's
    contacts: tuple[Cell, ...] = ()  # phone and e-mail
    do_not_call: bool = False
    form: RoleForm | None = None


@dataclass(frozen=True)
class People:
    """The card of an opportunity's people. `sent` is the form that came back with something to mend."""

    opportunity: Opportunity
    user: Any
    may_change: bool
    sent: RoleForm | None = None

    @cached_property
    def shown(self) -> list[Person]:
        return [self._person(one) for one in participation.people_of(self.opportunity)]

    def _person(self, one: participation.Participant) -> Person:
        contact = one.contact
        about: dict[str, Any] = {"pk": contact.pk, "role": roles.shown(one.role), "is_main": one.is_main}
        about["colour"] = roles.colour(one.role)
        if contact.is_merged or not sees(self.user, contact):
            return Person(**about, name=contact.number, href="")
        is_theirs = contact.organization_id in (None, self.opportunity.organization_id)
        elsewhere = self.opportunity.organization_id and not is_theirs
        return Person(
            **about,
            name=contact.title,
            href=contact.get_absolute_url(),
            job_title=contact.job_title,
            other_organization=name(contact.organization, self.user) if elsewhere else "",
            contacts=tuple(self._contacts(contact)),
            do_not_call=contact.do_not_call,
            form=self._form(contact.pk, about["role"]) if self.may_change else None,
        )

    def _contacts(self, contact: Any) -> list[Cell]:
        phone = next((key for key in PHONES if getattr(contact, key)), None)
        keys = [phone if not contact.do_not_call else None, "email"]
        return [cell(contact, contact.module.fields[key], self.user) for key in keys if key and getattr(contact, key)]

    def _form(self, contact: int, role: str) -> RoleForm:
        return self.sent if self.sent and self.sent.contact == contact else RoleForm.of(contact, role)

    @cached_property
    def adding(self) -> PersonForm | None:
        """The form in which somebody is added, if the user may."""
        if not self.may_change:
            return None
        return self.sent if isinstance(self.sent, PersonForm) else PersonForm(self.opportunity, self.user)

    def offered(self) -> list[str]:
        return roles.offered()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """An opportunity in which a contact takes part."""

    opportunity: Opportunity
    role: str
    colour: str
    is_main: bool


def deals_of(contact: Any, user: Any) -> list[Deal]:
    """The opportunities of a contact, newest first, in two statements."""
    visible = Opportunity.objects.visible_to(user)
    parts = OpportunityContact.objects.filter(contact=contact.pk, opportunity__in=visible).select_related("opportunity")
    held = {part.opportunity: part.role for part in parts.order_by("-opportunity__created_at", "-pk")[:SHOWN]}
    main = visible.filter(contact=contact.pk).order_by("-created_at", "-pk")[:SHOWN]
    found = {opportunity: held.get(opportunity, "") for opportunity in main} | held
    newest = sorted(found, key=lambda one: (one.created_at, one.pk), reverse=True)
    return [
        Deal(
            opportunity=one,
            role=roles.shown(found[one]),
            colour=roles.colour(found[one]),
            is_main=one.contact_id == contact.pk,
        )
        for one in newest
    ]


def suggested(contacts: Any, text: str, organization: int, user: Any) -> list[dict[str, str]]:
    """Up to ten contacts for an opportunity, those of its organization first; before anything is typed those alone."""
    ordered = contacts.matching(text).select_related("organization__assigned_to").order_by("sort_name", "pk")
    found = list(ordered.filter(organization=organization)[:OFFERED])
    if text.strip():
        found += ordered.exclude(organization=organization)[: OFFERED - len(found)]
    return [
        {
            "number": one.number,
            "name": one.title,
            "about": " · ".join(part for part in (one.job_title, name(one.organization, user)) if part),
        }
        for one in found
    ]
