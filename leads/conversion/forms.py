"""The conversion page's form: three parts, the radio, and a remedy for each value that would be lost."""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm.fields.kind import ParsedField, is_empty
from crm.fields.kinds import LINK, USER
from crm.fields.registry import Field
from crm.people.models import User
from leads.conversion.draft import Draft, DraftPart, Loss, free_fields, possible_losses
from leads.conversion.errors import Errors
from leads.conversion.followup_form import FollowUpForm
from leads.conversion.order import LEAVE, NOTE, Order, Part, Remedy, Send


class PartForm(forms.Form):
    """The fields of one record to be made, filled with what the lead brings."""

    def __init__(self, part: DraftPart, owners: list[tuple[int, str]], data: Any = None) -> None:
        super().__init__(data, prefix=part.module.key, initial=part.values)
        self.part = part
        for field in part.fields():
            if field.kind is not LINK:
                self.fields[field.key] = _form_field(field, owners, part.values.get(field.key))

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


class ConvertForm(forms.Form):
    """The whole page. `parts` are the three part forms; only those of ticked records are looked at."""

    transfer_to = forms.ChoiceField(required=False, widget=forms.RadioSelect)
    stamp = forms.CharField(widget=forms.HiddenInput)
    key = forms.CharField(widget=forms.HiddenInput, max_length=200)

    def __init__(self, draft: Draft, data: Any = None) -> None:
        initial = {"transfer_to": draft.transfer_to, "stamp": draft.stamp, "key": uuid.uuid4().hex}
        super().__init__(data, initial=initial)
        self.draft = draft
        owners = [
            (user.pk, str(user)) for user in User.objects.filter(is_active=True).order_by("first_name", "username")
        ]
        self.follow_up = FollowUpForm(owners, data)
        self.parts = {key: PartForm(part, owners, data) for key, part in draft.parts.items()}
        for key, part in draft.parts.items():
            self.fields[f"create_{key}"] = forms.BooleanField(
                label=str(part.module.label),
                required=False,
                initial=part.create and part.allowed,
                disabled=not part.allowed,
            )
        self.fields["transfer_to"].choices = [  # type: ignore[attr-defined]
            (key, draft.parts[key].module.label) for key in ("contact", "organization")
        ]
        self.possible_losses = possible_losses(draft)
        for loss in self.possible_losses:
            self.fields[f"lost_{loss.field.key}"] = forms.ChoiceField(
                label=_("What to do with %(field)s") % {"field": loss.field.label},
                choices=list(self._remedies(loss)),
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
        for part in self.draft.parts.values():
            for field in free_fields(loss, part, part.values):
                label = {"module": part.module.label, "field": field.label}
                yield f"{part.module.key}:{field.key}", _("%(module)s · %(field)s") % label
        yield LEAVE, _("Don't keep")

    @property
    def chosen(self) -> set[str]:
        """The modules that are ticked now."""
        return {key for key in self.parts if self[f"create_{key}"].value()}

    def is_valid(self) -> bool:
        """Check the page's own controls and the parts that are ticked; their errors stay at their own fields."""
        return all(
            [super().is_valid(), self.follow_up.is_valid(), *(self.parts[key].is_valid() for key in self.chosen)]
        )

    def order(self) -> Order:
        """What the user asks for, as the service takes it."""
        return Order(
            parts={key: Part(values=self.parts[key].cleaned_data) for key in self.parts if key in self.chosen},
            transfer_to=self.cleaned_data["transfer_to"] or None,
            remedies={loss.field.key: remedy for loss in self.possible_losses if (remedy := self._remedy(loss))},
            stamp=self.cleaned_data["stamp"],
            key=self.cleaned_data["key"],
            follow_up=self.follow_up.follow_up(),
            message=self.follow_up.cleaned_data["message"],
        )

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
        return self.draft.filled() - len(self.draft.losses(self.chosen))


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
