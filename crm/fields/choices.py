"""Picklists and multi-selects: values from a list that administrators arrange."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.choices import CallableChoiceIterator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.fields import dictionary
from crm.fields.kind import Kind, ParsedField, common, is_empty

if TYPE_CHECKING:
    from crm.fields.registry import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class Picklist(Kind):
    def check(self, value: Any, field: "Field") -> None:
        Kind.check(self, value, field)
        if not is_empty(value) and all(option.value != value for option in dictionary.options(field.list_key)):
            raise ValidationError(
                _("“%(value)s” isn't an option of %(field)s. Choose another or keep it in a note."),
                params={"value": value, "field": field.label},
            )

    def show(self, value: Any, field: "Field") -> str:
        return "" if is_empty(value) else str(dictionary.labels(field.list_key).get(value, value))

    def form_field(self, field: "Field") -> forms.Field:
        return OptionField(field=field, **common(field))


class OptionField(ParsedField):
    """A select over the list's options; a value that the list no longer knows stays choosable while the record holds it."""

    widget = forms.Select

    def __init__(self, *, field: "Field", **kwargs: Any) -> None:
        super().__init__(field=field, **kwargs)
        self.set_choices([])

    def keep(self, value: Any) -> None:
        super().keep(value)
        self.set_choices(value if isinstance(value, list) else [value])

    def set_choices(self, kept: list[str]) -> None:
        """Offer the list's options and what is kept; worked out when the select is drawn, which a saved form never is."""
        self.widget.choices = CallableChoiceIterator(partial(self._choices, kept))

    def _choices(self, kept: list[str]) -> list[tuple[str, str]]:
        options = dictionary.options(self.field.list_key)
        known = [(option.value, option.label) for option in options if not option.retired or option.value in kept]
        values = {value for value, _label in known}
        unknown = [(value, value) for value in kept if value and value not in values]
        blank = [] if isinstance(self.widget, forms.SelectMultiple) else [("", gettext("Select an option"))]
        return blank + known + unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiPicklist(Kind):
    def parse(self, raw: object, field: "Field") -> Any:
        if raw is None or raw == "":
            return []
        if not isinstance(raw, list) or not all(isinstance(value, str) for value in raw):
            raise ValidationError(_("Send a list of options."))
        values = list(dict.fromkeys(raw))
        self.check(values, field)
        return values

    def check(self, value: Any, field: "Field") -> None:
        known = dictionary.labels(field.list_key)
        for one in value or []:
            if one not in known:
                raise ValidationError(
                    _("“%(value)s” isn't an option of %(field)s. Choose another or keep it in a note."),
                    params={"value": one, "field": field.label},
                )

    def show(self, value: Any, field: "Field") -> str:
        labels = dictionary.labels(field.list_key)
        return gettext(", ").join(str(labels.get(one, one)) for one in value or [])

    def form_field(self, field: "Field") -> forms.Field:
        return OptionField(field=field, widget=forms.SelectMultiple, **common(field))
