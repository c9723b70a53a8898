"""The conversion page as its template needs it: cards, fields with their origin, losses, and what Save will do."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.fields import registry
from crm.fields.kind import is_empty
from crm.kit.dates import show_ago
from crm.kit.numbers import show_number
from crm.related.counts import related_counts
from leads.conversion.candidates import DUPLICATES, Candidate, OtherLead, candidates, other_leads, texts
from leads.conversion.draft import Loss, carriers
from leads.conversion.filling import REPLACE, Offer
from leads.conversion.forms import ConvertForm, PartForm, has_value, is_edited
from leads.conversion.order import LEAVE
from leads.conversion.picks import Picks

NAMES = ("first_name", "last_name", "name")
IDENTIFYING = ("salutation", *NAMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One field of a card: the bound field, and where its value comes from."""

    field: forms.BoundField
    source: str = ""  # the lead field's label
    lead_value: str = ""  # the lead's value, where the user typed another
    lead_raw: str = ""  # the same as it stands in the control
    is_edited: bool = False
    is_fresh: bool = False  # the lead's value changed since the page was drawn
    is_default: bool = False
    ltr: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A line of the table that compares an existing record with the lead."""

    control: Control
    offer: Offer
    wins: str
    old: str
    new: str
    is_fresh: bool = False  # the record's value changed since the page was drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One record to be made, or an existing one to be filled."""

    module: registry.Module
    tick: forms.BoundField
    is_ticked: bool
    is_allowed: bool
    may_create: bool
    carried: int
    shown: list[Control]
    folded: list[Control]
    form: PartForm
    choices: list[Candidate] = field(default_factory=list)
    existing: Any = None
    compared: list[Compared] = field(default_factory=list)
    consents: list[Offer] = field(default_factory=list)
    hidden: list[Control] = field(default_factory=list)
    same: int = 0
    other_organization: str | None = None  # the contact belongs to another one; "" where the user may not see which
    links_organization: bool = False
    is_hidden_match: bool = False
    finder: str = ""
    finder_problem: str = ""
    sought: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_folded_errors(self) -> bool:
        return any(control.field.errors for control in self.folded)

    @property
    def seen(self) -> str:
        return f"{self.existing.pk}@{self.existing.modified_at.isoformat()}" if self.existing else ""

    def legend(self) -> str:
        """What the box of possible duplicates is headed with."""
        count = sum(1 for choice in self.choices if choice.reasons)
        return DUPLICATES[self.module.key](count) % {"count": show_number(count)} if count else self.texts["choose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LostValue:
    """A value that no ticked record receives, with its remedies."""

    loss: Loss
    field: forms.BoundField
    carriers: str
    is_lost_now: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class ConvertPage:
    """What the template draws. `fresh`: keys of lead fields that changed since the user's page was drawn; `renewed`: the same of
    the existing records' fields, by module.
    """

    form: ConvertForm
    fresh: frozenset[str] = frozenset()
    renewed: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def picks(self) -> Picks:
        return self.form.picks

    def cards(self) -> list[Card]:
        found = candidates(self.picks)
        return [self._card(key, found[key]) for key in self.form.parts]

    def _card(self, key: str, choices: list[Candidate]) -> Card:
        form = self.form.parts[key]
        controls = {name: self._control(form, name) for name in _in_order(form)}
        drawn = self._filling(form, controls) if form.existing else self._making(form, controls)
        if form.existing:
            carried = sum(1 for offer in form.given if not is_empty(offer.new)) - len(form.refused())
        else:
            carried = sum(1 for name in form.part.sources if name in form.fields and has_value(form, name))
        return Card(
            module=form.part.module,
            tick=self.form[f"create_{key}"],
            is_ticked=key in self.form.chosen,
            is_allowed=not self.form.fields[f"create_{key}"].disabled,
            may_create=form.part.allowed,
            carried=carried,
            form=form,
            choices=choices,
            existing=form.existing,
            other_organization=self._other_organization(form),
            links_organization=form.wins("organization") == REPLACE,
            is_hidden_match=key in self.picks.matches.hidden,
            finder=self.picks.finder(key).widget.attrs["data-suggest"],
            finder_problem=self.picks.finder_problems.get(key, ""),
            sought=self.picks.sent(f"find_{key}"),
            texts=texts(key, form.existing),
            **drawn,
        )

    def _making(self, form: PartForm, controls: Mapping[str, Control]) -> dict[str, Any]:
        shown = [control for control in controls.values() if _is_shown(form, control)]
        return {"shown": shown, "folded": [control for control in controls.values() if control not in shown]}

    def _filling(self, form: PartForm, controls: Mapping[str, Control]) -> dict[str, Any]:
        """What is drawn of an existing record: what differs, what is filled, and what may be added; the rest is only sent along."""
        offers = {offer.field.key: offer for offer in form.given}
        compared = [
            self._compared(form, controls[key], offer)
            for key, offer in offers.items()
            if offer.differs and key in controls
        ]
        taken = {line.offer.field.key for line in compared}
        filled, folded, hidden = [], [], []
        for name, control in controls.items():
            known = form.part.module.fields[name]
            is_blank = is_empty(known.get(form.existing))
            if name in taken:
                continue
            if control.field.errors or (is_blank and name in offers):
                filled.append(control)
            elif is_blank and not control.field.value():
                folded.append(control)
            else:
                hidden.append(control)
        return {
            "compared": compared,
            "consents": [offer for offer in offers.values() if offer.is_consent and not offer.is_same],
            "shown": filled,
            "folded": folded,
            "hidden": hidden,
            "same": sum(1 for offer in offers.values() if offer.is_same and not is_empty(offer.new)),
        }

    def _compared(self, form: PartForm, control: Control, offer: Offer) -> Compared:
        return Compared(
            control=control,
            offer=offer,
            wins=form.wins(offer.field.key),
            old=offer.field.show(offer.old),
            new=offer.field.show(offer.new),
            is_fresh=offer.field.key in self.renewed.get(form.part.module.key, ()),
        )

    def _other_organization(self, form: PartForm) -> str | None:
        """The name of the organization that an existing contact belongs to, if it is not the one of this conversion."""
        if form.part.module.key != "contact" or not form.existing or form.existing.organization_id is None:
            return None
        ours = self.form.parts["organization"].existing
        if ours and ours.pk == form.existing.organization_id:
            return None
        seen = registry.module("organization").model._default_manager.visible_to(self.picks.by)  # type: ignore[attr-defined]
        other = seen.filter(pk=form.existing.organization_id).first()
        return other.title if other else ""

    def _control(self, form: PartForm, name: str) -> Control:
        source = "assigned_to" if name == "assigned_to" else form.part.sources.get(name)
        fields = registry.module("lead").fields
        value = form.part.values.get(name)
        return Control(
            field=form[name],
            source=str(_("Owner") if name == "assigned_to" else fields[source].label) if source else "",
            lead_value=form.part.module.fields[name].show(value) if source else "",
            lead_raw=str(form.fields[name].prepare_value(value)) if source and value is not None else "",
            is_edited=is_edited(form, name),
            is_fresh=source in self.fresh,
            is_default=not source and form.part.values.get(name) not in (None, "", []),
            ltr=form.part.module.fields[name].kind.ltr,
        )

    def lost(self) -> list[LostValue]:
        now = {loss.field.key: loss for loss in self.form.losses()}
        return [
            LostValue(
                loss=loss,
                field=self.form[f"lost_{loss.field.key}"],
                carriers=" ".join(f"{module}:{name}" for module, name in carriers(self.form.draft, loss.field.key)),
                is_lost_now=loss.field.key in now,
                reason=now[loss.field.key].reason if loss.field.key in now else loss.reason,
            )
            for loss in self.form.possible_losses
        ]

    def totals(self) -> dict[str, int]:
        """How many filled values there are, how many the mapping carries and with what percentage, how many need a remedy, and
        how many of these are kept by it and how many are left behind.
        """
        filled, carried = len(self.form.draft.held), self.form.carried()
        left = sum(1 for value in self.lost() if value.is_lost_now and value.field.value() == LEAVE)
        return {
            "filled": filled,
            "carried": carried,
            "lost": filled - carried,
            "chosen": filled - carried - left,
            "left": left,
            "percent": round(100 * carried / max(filled, 1)),
        }

    @cached_property
    def related_counts(self) -> dict[str, int]:
        """What hangs on the lead, by kind; a conversion that is saved needs no count."""
        return related_counts("lead", self.form.draft.lead.pk)

    def related_total(self) -> int:
        return sum(self.related_counts.values())

    def transfer_choices(self) -> list[dict[str, Any]]:
        current = self.form["transfer_to"].value()
        forms_by_key = {key: self.form.parts[key] for key in ("contact", "organization")}
        return [
            {
                "key": key,
                "module": form.part.module,
                "existing": form.existing,
                "name": _name(form),
                "named_by": " ".join(form.add_prefix(name) for name in NAMES if name in form.fields),
                "is_checked": key == current,
                "is_possible": key in self.form.chosen,
            }
            for key, form in forms_by_key.items()
        ]

    def related(self) -> list[dict[str, Any]]:
        """The counts by kind as sentences, those that are not zero."""
        return [
            {"icon": ICONS[kind], "text": text(number)}
            for kind, text in KIND_TEXTS.items()
            if (number := self.related_counts[kind])
        ]

    def others(self) -> list[OtherLead]:
        """Other open leads that look alike or were found, to be brought along."""
        return other_leads(self.form)

    def lead_finder(self) -> dict[str, str]:
        """The control that finds another lead, and what is wrong with what was typed."""
        address = self.picks.finder("lead").widget.attrs["data-suggest"]
        problem = self.picks.finder_problems.get("lead", "")
        return {"address": address, "problem": problem, "sought": self.picks.sent("find_lead") if problem else ""}

    @property
    def role(self) -> str:
        """What the lead's person does in the opportunity, as typed."""
        return self.picks.sent("role")


ICONS = {
    "activities": "calendar2-check",
    "emails": "envelope",
    "documents": "file-earmark",
    "comments": "sticky",
    "campaigns": "megaphone",
    "products": "box-seam",
}
KIND_TEXTS: dict[str, Callable[[int], str]] = {
    "activities": lambda n: ngettext("%(count)s activity", "%(count)s activities", n) % {"count": n},
    "emails": lambda n: ngettext("%(count)s e-mail", "%(count)s e-mails", n) % {"count": n},
    "documents": lambda n: ngettext("%(count)s document", "%(count)s documents", n) % {"count": n},
    "comments": lambda n: ngettext("%(count)s note", "%(count)s notes", n) % {"count": n},
    "campaigns": lambda n: ngettext("%(count)s campaign", "%(count)s campaigns", n) % {"count": n},
    "products": lambda n: ngettext("%(count)s product", "%(count)s products", n) % {"count": n},
}


def _name(form: PartForm) -> str:
    """What the record of this card is called, as far as it is typed."""
    return " ".join(str(form[name].value() or "").strip() for name in NAMES if name in form.fields).strip()


def _in_order(form: PartForm) -> Iterator[str]:
    """Who it is first, then what must be filled in, then the rest as the module lists it."""
    names = list(form.fields)
    first = [name for name in names if name in IDENTIFYING]
    mandatory = [name for name in names if form.fields[name].required]
    yield from dict.fromkeys([*first, *mandatory, *names])


def _is_shown(form: PartForm, control: Control) -> bool:
    """Show what is mandatory, filled or wrong, and an opportunity's amount; fold the rest away."""
    name = control.field.name
    if control.field.value() is False and not control.source:
        return False
    is_amount = (form.part.module.key, name) == ("opportunity", "amount")
    return bool(form.fields[name].required or has_value(form, name) or control.field.errors or is_amount)


def summary_title(count: int) -> str:
    """The heading of the error summary."""
    return ngettext(
        "The lead was not converted. Fix %(count)s problem and save again.",
        "The lead was not converted. Fix %(count)s problems and save again.",
        count,
    ) % {"count": show_number(count)}


def stale_message(lead: Any, fields: list[str], *, mapping_changed: bool) -> str:
    """Say who changed what since the page was drawn."""
    if not fields and mapping_changed:
        return _("The field mapping was changed meanwhile. Check the values and save again.")
    labels = registry.module("lead").fields
    names = _(", ").join(str(labels[key].label) for key in fields if key in labels)
    return _("%(user)s changed this lead (%(fields)s). New values are marked; check and save again.") % {
        "user": lead.modified_by,
        "fields": names,
    }


def changed_message(record: Any) -> str:
    """Say who changed an existing record, and when, since the page was drawn."""
    return _("“%(name)s” was changed by %(user)s %(when)s; review the values that differ.") % {
        "name": record.title,
        "user": record.modified_by,
        "when": show_ago(record.modified_at),
    }
