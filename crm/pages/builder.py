"""The filters above a list: chips for what is in force, and the form in which one more is made.

The form needs no script: choose a field, then what to ask of it, then press Add. What was typed comes back with the reason if it
can't be understood.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from crm.fields import conditions, dictionary, kinds, registry, values
from crm.fields.conditions import ME, OPERATORS, Condition, Operator
from crm.lists.selection import Filter, Misread

if TYPE_CHECKING:
    from crm.pages.lists import ListPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A filter in force: its name, what it asks, the addresses without it and for changing it; `problem` if it was not understood."""

    label: str | Promise
    value: str
    remove: str
    change: str = ""
    problem: str = ""


def chips(listing: "ListPage") -> Iterator[Chip]:
    """What narrows the list, in words."""
    if listing.statuses:
        labels = dictionary.labels(listing.status_list)
        shown = _(", ").join(labels[value] for value in listing.statuses)
        label = listing.module.fields[listing.module.status_field].label
        yield Chip(label=label, value=shown, remove=listing.address(status=[]))
    if listing.owner:
        name = _("Me") if listing.owner == ME else listing.users.get(int(listing.owner), str(listing.owner))
        yield Chip(label=_("Owner"), value=name, remove=listing.address(owner=[]))
    for one in listing.filters:
        yield _chip(listing, one)
    for misread in listing.misread:
        if misread.key != "f" or misread.text in listing.left_out.get("f", []):
            yield _misread_chip(listing, misread)


def _misread_chip(listing: "ListPage", one: Misread) -> Chip:
    labels = {key: field.label for key, field in listing.module.fields.items()}
    labels |= {"view": _("View"), "status": _("Status"), "owner": _("Owner"), "q": _("Search"), "f": _("Condition")}
    remove = listing.address(view=[]) if one.key == "view" else listing.without(one.key, one.text)
    if one.key == "q":
        remove = listing.address(q=[])
    return Chip(label=labels.get(one.key, one.key), value=one.text, remove=remove, problem=one.problem)


def _chip(listing: "ListPage", one: Filter) -> Chip:
    key, operator, typed = conditions.written(one.text)
    changed = {"add": [key], "op": [operator], "v": typed}
    field = listing.module.fields.get(key)
    change = listing.without("f", one.text, **changed) if field else ""
    if one.condition is None:
        shown = f"{OPERATORS[operator].label if operator in OPERATORS else operator} {' '.join(typed)}"
        label = field.label if field else conditions.retired_label(key, listing.module) or key
    else:
        shown = f"{one.condition.operator.label} {one.condition.shown(listing.users)}"
        label = one.condition.field.label
    return Chip(
        label=label, value=shown.strip(), remove=listing.without("f", one.text), change=change, problem=one.problem
    )


@dataclass(frozen=True)
class Builder:
    """The form for one more condition, at the step where the address says it is."""

    listing: "ListPage"

    @cached_property
    def field(self) -> registry.Field | None:
        """The field that was chosen."""
        return self.listing.module.fields.get(self.listing.asked.get("add", ""))

    @property
    def is_open(self) -> bool:
        return self.field is not None

    def groups(self) -> list[tuple[str, list[registry.Field]]]:
        """The fields to choose from, block by block."""
        module = self.listing.module
        found = [
            (str(label), [one for one in module.fields.values() if one.block == key])
            for key, label in module.blocks.items()
        ]
        return [(label, fields) for label, fields in found if fields]

    def operators(self) -> list[Operator]:
        return conditions.operators(self.field) if self.field else []

    @property
    def operator(self) -> Operator | None:
        """What is asked; the field's first operator before one was chosen."""
        offered = self.operators()
        wanted = self.listing.asked.get("op", "")
        return next((one for one in offered if one.key == wanted), offered[0] if offered else None)

    @property
    def typed(self) -> list[str]:
        return [one.replace("\0", "") for one in self.listing.asked.getlist("v")]

    @property
    def first(self) -> str:
        return self.typed[0] if self.typed else ""

    @property
    def second(self) -> str:
        return self.typed[1] if len(self.typed) > 1 else ""

    @property
    def is_choice(self) -> bool:
        return bool(self.field and (self.field.kind.chooses or self.field.kind is kinds.USER))

    @property
    def hint(self) -> str:
        """What a value looks like."""
        if self.field and self.field.kind in (kinds.DATE, kinds.DATETIME):
            return conditions.example_of_a_day()
        return ""

    @property
    def input_mode(self) -> str:
        return "decimal" if self.field and self.field.kind in values.NUMBERS else "text"

    def options(self) -> list[dict[str, Any]]:
        """The options of the chosen field, for instance of a list or the users."""
        if self.field is None or not self.is_choice:
            return []
        if self.field.kind is kinds.USER:
            known: list[tuple[str, str]] = [
                (ME, _("Me")),
                *((str(pk), name) for pk, name in self.listing.users.items()),
            ]
        else:
            known = list(dictionary.labels(self.field.list_key).items())
        return [{"value": value, "label": label, "is_chosen": value in self.typed} for value, label in known]

    @cached_property
    def _result(self) -> tuple[Condition | None, str]:
        if "apply" not in self.listing.asked or self.field is None:
            return None, ""
        try:
            return conditions.condition(self.field, self.listing.asked.get("op", ""), self.typed), ""
        except ValidationError as error:
            return None, " ".join(error.messages)

    @property
    def problem(self) -> str:
        """Why what was typed can't be a filter."""
        return self._result[1]

    def added(self) -> str:
        """The address with the new condition, if it is complete and right; else nothing."""
        made = self._result[0]
        if made is None:
            return ""
        text = conditions.write(made.field.key, made.operator.key, made.typed())
        asked = [*self.listing.state.get("f", []), *self.listing.left_out.get("f", [])]
        return self.listing.address(f=[*asked, text])

    def kept(self) -> Iterator[tuple[str, str]]:
        """What of the address the form has to carry along."""
        yield "view", self.listing.asked.get("view", "")
        if self.listing.view:
            yield "x", "1"
        for state in (self.listing.state, self.listing.left_out):
            for key, texts in state.items():
                yield from ((key, text) for text in texts)
