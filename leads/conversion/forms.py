"""The conversion page's form: three parts, the radio, and a remedy for each value that would be lost."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.choices import BaseChoiceIterator
from django.utils.translation import gettext as _

from crm.fields.kind import ParsedField, is_empty
from crm.fields.kinds import LINK, USER
from crm.fields.registry import Field
from crm.people.choices import owners
from leads.conversion.draft import Draft, DraftPart, Loss, free_fields, possible_losses
from leads.conversion.errors import Errors
from leads.conversion.filling import APPEND, KEEP, REPLACE, Offer, offers
from leads.conversion.followup_form import FollowUpForm
from leads.conversion.keeping import values_of
from leads.conversion.order import LEAVE, NOTE, Also, Order, Part, Remedy, Send
from leads.conversion.picks import Picks
from leads.conversion.scheme import LINKS

SAME = "same"  # a lead that is brought along is of the same person
UNREADABLE = object()


class PartForm(forms.Form):
    """The fields of one record to be made, filled with what the lead brings; or of an existing one to be filled."""

    def __init__(
        self,
        part: DraftPart,
        owners: list[tuple[int, str]],
        data: Any = None,
        *,
        existing: Any = None,
        seen: Any = None,
    ) -> None:
        super().__init__(data, prefix=part.module.key, initial=part.values)
        self.part = part
        self.existing = existing
        self.seen = seen
        for field in part.fields():
            if field.kind is not LINK:
                self.fields[field.key] = _form_field(field, owners, part.values.get(field.key))
        for form_field in self.fields.values() if existing else ():
            form_field.required = False  # what the record holds stays, unless something is given

    def wins(self, name: str) -> str:
        """What the user chose for a field that differs: keep, replace or append."""
        chosen = self.data.get(f"{self.prefix}-{name}-wins", KEEP)
        return chosen if chosen in (REPLACE, APPEND) else KEEP

    def typed(self) -> dict[str, Any]:
        """What the controls hold, as far as it can be read."""
        return {name: value for name in self.fields if self.is_bound and (value := self._read(name)) is not UNREADABLE}

    def _read(self, name: str) -> Any:
        field = self.fields[name]
        raw = field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
        try:
            return field.clean(raw)
        except ValidationError:
            return UNREADABLE

    @cached_property
    def held(self) -> Mapping[str, Any]:
        """What the record holds, or would."""
        return values_of(self.existing) if self.existing else self.part.values

    @cached_property
    def given(self) -> list[Offer]:
        """What the lead and the user have for the existing record's fields."""
        return list(offers(self.existing, self.part, Part(values=self.typed()))) if self.existing else []

    def refused(self) -> set[str]:
        """The fields of the existing record that keep what they hold although the lead has something else."""
        return {offer.field.key for offer in self.at_risk() if self.wins(offer.field.key) == KEEP}

    def at_risk(self) -> list[Offer]:
        """The offers that the existing record takes only if the user says so."""
        return [offer for offer in self.given if offer.differs and self.part.values.get(offer.field.key) != offer.old]

    def order(self) -> Part:
        """This part of the order."""
        if not self.existing:
            return Part(values=self.cleaned_data)
        names = [*self.fields, *LINKS.get(self.part.module.key, ())]
        return Part(
            values=self.cleaned_data,
            existing=self.existing.pk,
            overwrite=frozenset(name for name in names if self.wins(name) == REPLACE),
            append=frozenset(name for name in names if self.wins(name) == APPEND),
            seen=self.seen,
        )

    def add_errors(self, errors: Mapping[str, list[str]]) -> None:
        """Show the service's errors at their fields; one without a field here belongs to the part as a whole."""
        for key, messages in errors.items():
            for message in messages:
                self.add_error(key if key in self.fields else None, message)


def _form_field(field: Field, owners: list[tuple[int, str]], value: Any) -> forms.Field:
    if field.kind is USER:
        return forms.TypedChoiceField(label=str(field.label), choices=owners, coerce=int, initial=value)
    form_field = field.kind.form_field(field)
    if isinstance(form_field, ParsedField):
        form_field.keep(value)
    return form_field


class Remedies(BaseChoiceIterator):
    """What may be done with a lost value, worked out as far as it is looked at: the select looks to the end, a check hardly ever."""

    def __init__(self, make: Callable[[], Iterator[tuple[str, str]]]) -> None:
        self.make = make

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return self.make()


class ConvertForm(forms.Form):
    """The whole page. `parts` are the three part forms; only those of ticked records are looked at."""

    transfer_to = forms.ChoiceField(required=False, widget=forms.RadioSelect)
    stamp = forms.CharField(widget=forms.HiddenInput)
    key = forms.CharField(widget=forms.HiddenInput, max_length=200)

    def __init__(self, draft: Draft, data: Any = None, *, picks: Picks) -> None:
        initial = {"transfer_to": draft.transfer_to, "stamp": draft.stamp, "key": uuid.uuid4().hex}
        super().__init__(data, initial=initial)
        self.draft = draft
        self.picks = picks
        self.also_errors: dict[str, list[str]] = {}
        there = picks.records
        users = owners()
        self.follow_up = FollowUpForm(users, data)
        self.parts = {
            key: PartForm(part, users, data, existing=there.get(key), seen=picks.seen(key))
            for key, part in draft.parts.items()
        }
        for key, part in draft.parts.items():
            self.fields[f"create_{key}"] = forms.BooleanField(
                label=str(part.module.label),
                required=False,
                initial=part.create and (part.allowed or key in there),
                disabled=not (part.allowed or picks.may_use(key)),
            )
        self.fields["transfer_to"].choices = [  # type: ignore[attr-defined]
            (key, draft.parts[key].module.label) for key in ("contact", "organization")
        ]
        risky = {(key, offer.source) for key, part in self.parts.items() for offer in part.at_risk()}
        self.possible_losses = possible_losses(draft, risky)
        for loss in self.possible_losses:
            self.fields[f"lost_{loss.field.key}"] = forms.ChoiceField(
                label=_("What to do with %(field)s") % {"field": loss.field.label},
                choices=Remedies(partial(self._remedies, loss)),
                required=False,
                initial=NOTE if self.keeps_unmapped else "",
            )

    @property
    def keeps_unmapped(self) -> bool:
        """Whether a value that no mapping carries goes into the note, unless the user decides otherwise."""
        return bool(self.draft.preferences.unmapped == NOTE)

    def _remedies(self, loss: Loss) -> Iterator[tuple[str, str]]:
        if not self.keeps_unmapped:
            yield "", _("Decide what to do with it")
        yield NOTE, _("Keep in a note")
        for key, part in self.draft.parts.items():
            for field in free_fields(loss, part, self.parts[key].held):
                label = {"module": part.module.label, "field": field.label}
                yield f"{part.module.key}:{field.key}", _("%(module)s · %(field)s") % label
        yield LEAVE, _("Don't keep")

    @property
    def chosen(self) -> set[str]:
        """The modules that are ticked now."""
        return {key for key in self.parts if self[f"create_{key}"].value()}

    def picks_missing(self) -> list[str]:
        """The ticked modules in which a record was chosen that can't be used any more."""
        return [key for key in self.picks.missing() if key in self.chosen]

    def is_reviewed(self) -> bool:
        """Whether the user may make what is ticked, and saw what happens to existing records; where not, the part says so."""
        unseen = [form for key, form in self.parts.items() if key in self.chosen and form.existing and not form.seen]
        for form in unseen:
            form.add_error(
                None,
                _("Review what happens to %(name)s, then save again.") % {"name": form.existing.title},
            )
        barred = [key for key in self.chosen if not self.parts[key].existing and not self.draft.parts[key].allowed]
        for key in barred:
            self.parts[key].add_error(None, _("You can't create it. Untick it, or choose an existing one."))
        problems = self.picks.finder_problems
        for key, message in problems.items():
            if key in self.parts:
                self.parts[key].add_error(None, message)
            else:
                self.add_error(None, message)
        return not (unseen or barred or problems)

    @property
    def refused(self) -> set[tuple[str, str]]:
        """The fields of existing records that keep what they hold, by module and key."""
        return {(key, name) for key in self.chosen for name in self.parts[key].refused()}

    def losses(self) -> list[Loss]:
        """The lead's values that no record would receive with what is chosen now."""
        return self.draft.losses(self.chosen, self.refused)

    def is_valid(self) -> bool:
        """Check the page's own controls and the parts that are ticked; their errors stay at their own fields."""
        return all(
            [super().is_valid(), self.follow_up.is_valid(), *(self.parts[key].is_valid() for key in self.chosen)]
        )

    def order(self) -> Order:
        """What the user asks for, as the service takes it."""
        return Order(
            parts={key: self.parts[key].order() for key in self.parts if key in self.chosen},
            transfer_to=self.cleaned_data["transfer_to"] or None,
            remedies={loss.field.key: remedy for loss in self.possible_losses if (remedy := self._remedy(loss))},
            stamp=self.cleaned_data["stamp"],
            key=self.cleaned_data["key"],
            also=tuple(self._also()),
            role=self.picks.sent("role").strip(),
            follow_up=self.follow_up.follow_up(),
            message=self.follow_up.cleaned_data["message"],
        )

    def _also(self) -> Iterator[Also]:
        for pk in self.picks.leads:
            sent = partial(self._sent_of, pk)
            is_same = sent("as") == SAME
            yield Also(
                lead=pk,
                contact=None if is_same else Part(),
                role=sent("role").strip(),
                stamp=sent("stamp") or None,
            )

    def _sent_of(self, pk: int, name: str) -> str:
        return self.picks.sent(f"also_{pk}_{name}")

    def _remedy(self, loss: Loss) -> Remedy | None:
        choice = self.cleaned_data.get(f"lost_{loss.field.key}") or (NOTE if self.keeps_unmapped else "")
        if not choice:
            return None
        if choice == LEAVE:
            return "leave"
        module, _colon, field = choice.partition(":")
        return Send(module=module, field=field) if field else "note"

    def refuse(self, errors: Errors) -> None:
        """Show the errors with which the service refused the order."""
        for key, messages in errors.items():
            if key in self.parts:
                self.parts[key].add_errors(messages)
                continue
            if key == "also":
                self.also_errors |= messages
                continue
            if key == "follow_up" or "message" in messages:
                self.follow_up.add_errors(messages)
                continue
            for name, texts in messages.items():
                field = f"lost_{name}" if key == "unmapped" else name
                self.add_error(field if field in self.fields else None, [ValidationError(text) for text in texts])

    def problems(self) -> list[tuple[str, str]]:
        """All errors in the page's order: the id of the control to go to, and the sentence."""
        found = [("id_create_organization", str(error)) for error in self.non_field_errors()]
        for key in self.parts:
            if key in self.chosen:
                found += list(self._problems_of(key))
        found += self.follow_up.problems()
        own = {name: messages for name, messages in self.errors.items() if name in self.fields}
        found += [(f"also-{pk}", text) for pk, texts in self.also_errors.items() for text in texts]
        return found + [
            (self._control_of(name), str(message)) for name, messages in own.items() for message in messages
        ]

    def _control_of(self, name: str) -> str:
        return "id_transfer_to_0" if name == "transfer_to" else self[name].auto_id

    def _problems_of(self, key: str) -> Iterator[tuple[str, str]]:
        form = self.parts[key]
        for name, messages in form.errors.items():
            target = form[name].id_for_label if name in form.fields else f"id_create_{key}"
            for message in messages:
                yield target, _("%(module)s: %(message)s") % {"module": form.part.module.label, "message": message}

    def carried(self) -> int:
        """How many of the lead's filled values the mapping carries with what is ticked now."""
        return len(self.draft.held) - len(self.losses())


def is_edited(form: PartForm, name: str) -> bool:
    """Tell whether the user typed something else than the lead's value."""
    if not form.is_bound or name not in form.part.sources:
        return False
    field = form.fields[name]
    raw = field.widget.value_from_datadict(form.data, form.files, form.add_prefix(name))
    return field.has_changed(form.part.values.get(name), raw)


def has_value(form: PartForm, name: str) -> bool:
    """Tell whether the field shows something."""
    return not is_empty(form[name].value())
