"""The form of a record, made from the field registry."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.fields import registry
from crm.fields.kind import ParsedField
from crm.fields.kinds import LINK, USER
from crm.kit.digits import to_latin
from crm.kit.fold import fold
from crm.kit.keys import parse_key
from crm.people.choices import owners
from crm.records.models import Campaign

LONGEST = 255  # characters of a name that is looked for


class RecordForm(forms.Form):
    """The fields of a module that people fill in, grouped in blocks. `values` are what the record holds now.

    With `is_quick` only the mandatory ones and those chosen for quick create.
    """

    def __init__(
        self, module: registry.Module, user: Any, values: dict[str, Any], data: Any = None, *, is_quick: bool = False
    ) -> None:
        super().__init__(data, initial=values)
        self.module = module
        self.is_quick = is_quick
        for field in module.editable():
            if is_quick and not (field.required or field.in_quick_create):
                continue
            self.fields[field.key] = make_field(field, user, values.get(field.key))

    def blocks(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """The fields block by block, with the block's label."""
        if self.is_quick:
            yield str(self.module.label), list(self)
            return
        for key, label in self.module.blocks.items():
            bound = [self[field.key] for field in self.module.editable() if field.block == key]
            if bound:
                yield str(label), bound

    def add_errors(self, errors: dict[str, list[str]]) -> None:
        for key, messages in errors.items():
            for message in messages:
                self.add_error(key if key in self.fields else None, message)


class StatusForm(forms.Form):
    """The status of one record, as its cell in a list opens. Its control has the id of the chip, so that an address leads to both."""

    def __init__(self, record: Any, user: Any, data: Any = None) -> None:
        self.record, self.user = record, user
        self.key = record.module.status_field
        field = record.module.fields[self.key]
        super().__init__(data, initial={self.key: field.get(record)}, auto_id=f"row-{record.pk}-%s")
        self.fields[self.key] = make_field(field, user, field.get(record))
        self.fields[self.key].widget.attrs["autofocus"] = True  # after a refusal no address leads to it
        self.seen: str = self.data.get("seen") or record.modified_at.isoformat()  # as the user saw the record

    @property
    def control(self) -> forms.BoundField:
        return self[self.key]


def make_field(field: registry.Field, user: Any, value: Any) -> forms.Field:
    """Make the form field for a record's field that holds `value`, with what `user` may choose from."""
    if field.kind is USER:
        return owner_field(field, value)
    if field.kind is LINK:
        return CampaignField(field) if field.to == "campaign" else LinkField(field, user)
    made = field.kind.form_field(field)
    if isinstance(made, ParsedField):
        made.keep(value)
    return made


def owner_field(field: registry.Field, value: Any) -> forms.Field:
    """A choice among the active users, and the present one."""
    return forms.TypedChoiceField(
        label=str(field.label), required=field.required, choices=owners(), coerce=int, initial=value
    )


class CampaignField(forms.TypedChoiceField):
    def __init__(self, field: registry.Field) -> None:
        campaigns = [(campaign.pk, campaign.name) for campaign in Campaign.objects.all()]
        super().__init__(
            label=str(field.label),
            required=field.required,
            choices=[("", "—"), *campaigns],
            coerce=int,
            empty_value=None,
        )


class LinkField(forms.Field):
    """A link to another record, typed as its number (ORG12) or its exact name; suggestions come as you type."""

    def __init__(self, field: registry.Field, user: Any) -> None:
        self.target = registry.module(field.to)
        self.records = self.target.model._default_manager.visible_to(user)  # type: ignore[attr-defined]
        attributes = {"dir": "auto", "autocomplete": "off", "data-suggest": reverse("suggest", args=[self.target.slug])}
        super().__init__(
            label=str(field.label),
            required=field.required,
            widget=forms.TextInput(attributes),
            help_text=_("Type the name, or the number such as %(number)s.") % {"number": f"{self.target.prefix}12"},
        )

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, int):
            return value
        record = self.records.filter(pk=value).first()
        return f"{record.number} {record.title}" if record else f"{self.target.prefix}{value}"

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").replace("\0", "").strip()
        if not text:
            return None
        number = to_latin(text.split()[0]).upper().removeprefix(self.target.prefix)
        if text.upper().startswith(self.target.prefix) and (pk := parse_key(number)) is not None:
            return pk
        return self._by_name(text)

    def _by_name(self, text: str) -> int:
        text = text[:LONGEST]  # a database may refuse to look for a longer one
        found = [record for record in self.records.matching(text)[:50] if fold(record.title) == fold(text)]
        if len(found) == 1:
            return int(found[0].pk)
        if found:
            raise ValidationError(_("Several records have this name. Type the number of the one you mean."))
        raise ValidationError(_("No record with this name or number was found. Choose one of the suggestions."))
