"""The conversion page as its template needs it: cards, fields with their origin, losses, and what Save will do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.fields import registry
from crm.kit.numbers import show_number
from leads.conversion.draft import Loss, carriers
from leads.conversion.forms import ConvertForm, PartForm, has_value, is_edited

IDENTIFYING = ("salutation", "first_name", "last_name", "name")


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
class Card:
    """One record to be made."""

    module: registry.Module
    tick: forms.BoundField
    is_ticked: bool
    is_allowed: bool
    carried: int
    shown: list[Control]
    folded: list[Control]
    form: PartForm

    @property
    def has_folded_errors(self) -> bool:
        return any(control.field.errors for control in self.folded)


@dataclass(frozen=True, slots=True, kw_only=True)
class LostValue:
    """A value that no ticked record receives, with its remedies."""

    loss: Loss
    field: forms.BoundField
    carriers: str
    is_lost_now: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertPage:
    """What the template draws. `fresh`: keys of lead fields that changed since the user's page was drawn."""

    form: ConvertForm
    fresh: frozenset[str] = frozenset()

    def cards(self) -> list[Card]:
        return [self._card(key) for key in self.form.parts]

    def _card(self, key: str) -> Card:
        form = self.form.parts[key]
        controls = [self._control(form, name) for name in _in_order(form)]
        shown = [control for control in controls if _is_shown(form, control)]
        return Card(
            module=form.part.module,
            tick=self.form[f"create_{key}"],
            is_ticked=key in self.form.chosen,
            is_allowed=form.part.allowed,
            carried=sum(1 for name in form.part.sources if name in form.fields and has_value(form, name)),
            shown=shown,
            folded=[control for control in controls if control not in shown],
            form=form,
        )

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
        lost_now = {loss.field.key for loss in self.form.draft.losses(self.form.chosen)}
        return [
            LostValue(
                loss=loss,
                field=self.form[f"lost_{loss.field.key}"],
                carriers=" ".join(carriers(self.form.draft, loss.field.key)),
                is_lost_now=loss.field.key in lost_now,
            )
            for loss in self.form.possible_losses
        ]

    def totals(self) -> dict[str, int]:
        """How many filled values there are, how many the mapping carries, how many need a remedy, and the first's percentage."""
        filled, carried = self.form.draft.filled(), self.form.carried()
        return {
            "filled": filled,
            "carried": carried,
            "lost": filled - carried,
            "percent": round(100 * carried / max(filled, 1)),
        }

    def related_total(self) -> int:
        return sum(self.form.draft.related.values())

    def transfer_choices(self) -> list[dict[str, Any]]:
        current = self.form["transfer_to"].value()
        return [
            {
                "key": key,
                "module": self.form.parts[key].part.module,
                "is_checked": key == current,
                "is_possible": key in self.form.chosen,
            }
            for key in ("contact", "organization")
        ]

    def related(self) -> list[dict[str, Any]]:
        """The counts by kind as sentences, those that are not zero."""
        return [
            {"icon": ICONS[kind], "text": text(number)}
            for kind, text in KIND_TEXTS.items()
            if (number := self.form.draft.related.get(kind, 0))
        ]


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
