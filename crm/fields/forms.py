"""The forms in which administrators define fields and options."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.fields.definition import CUSTOM_KINDS
from crm.fields.errors import DictionaryRefused
from crm.fields.kinds import CHECKBOX, LINK, MULTIPICKLIST, USER
from crm.fields.registry import Field
from crm.fields.services.options import COLOURS, NewOption
from crm.kit.digits import to_latin
from crm.kit.forms import CleanCharField

COLOUR_LABELS = {
    "": gettext_lazy("No colour"),
    "mute": gettext_lazy("Grey"),
    "new": gettext_lazy("Blue"),
    "work": gettext_lazy("Yellow"),
    "ok": gettext_lazy("Green"),
    "bad": gettext_lazy("Red"),
    "lead": gettext_lazy("Amber"),
    "org": gettext_lazy("Indigo"),
    "con": gettext_lazy("Teal"),
    "opp": gettext_lazy("Magenta"),
}
ROWS, MAX_ROWS = 4, 200  # rows for options that a new field's form starts with, and what it takes


class RefusableForm(forms.Form):
    """A form whose errors may also come from a service."""

    def refuse(self, refusal: DictionaryRefused | ValidationError) -> None:
        """Show a service's messages at the controls of the same name, the rest above the form."""
        messages = refusal.message_dict if hasattr(refusal, "error_dict") else {"": refusal.messages}
        for name, texts in messages.items():
            for text in texts:
                self.add_error(name if name in self.fields else None, text)

    def summary(self) -> list[tuple[str, str]]:
        """Every error with the id of its control, in the order of the page."""
        found = [("", str(text)) for text in self.errors.get(NON_FIELD_ERRORS, [])]
        for name in self.fields:
            found += [(self[name].auto_id, f"{self[name].label}: {text}") for text in self.errors.get(name, [])]
        return found


def number(label: Any, help_text: Any = "") -> forms.Field:
    widget = forms.TextInput({"inputmode": "numeric", "dir": "ltr", "autocomplete": "off", "maxlength": 7})
    return WholeNumber(label=label, help_text=help_text, required=False, widget=widget)


class WholeNumber(forms.Field):
    """A whole number in any digits, or nothing."""

    def to_python(self, value: Any) -> int | None:
        text = to_latin(str(value or "").strip())
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise ValidationError(_("Enter a whole number."))
        return int(text)


class LabelsForm(RefusableForm):
    """Labels in both languages; one of them is enough."""

    label_fa = CleanCharField(
        label=gettext_lazy("Persian label"), required=False, widget=forms.TextInput({"dir": "rtl", "lang": "fa"})
    )
    label_en = CleanCharField(
        label=gettext_lazy("English label"), required=False, widget=forms.TextInput({"dir": "ltr", "lang": "en"})
    )


class FieldForm(LabelsForm):
    """A custom field: its labels, type, sizes, and how it behaves."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Type"),
        choices=[(kind.key, kind.label) for kind in CUSTOM_KINDS],
        widget=forms.Select({"data-kind": ""}),
    )
    length = number(
        gettext_lazy("Length"), gettext_lazy("Characters. Empty: the usual length; for a text area: no limit.")
    )
    digits = number(gettext_lazy("Digits"), gettext_lazy("In all, with the decimal places."))
    places = number(gettext_lazy("Decimal places"))
    required = forms.BooleanField(label=gettext_lazy("Mandatory"), required=False)
    in_quick_create = forms.BooleanField(label=gettext_lazy("Shown in quick create"), required=False)
    help_fa = CleanCharField(
        label=gettext_lazy("Persian help text"), required=False, widget=forms.TextInput({"dir": "rtl", "lang": "fa"})
    )
    help_en = CleanCharField(
        label=gettext_lazy("English help text"), required=False, widget=forms.TextInput({"dir": "ltr", "lang": "en"})
    )
    basics = ("label_fa", "label_en", "kind")
    sizes = ("length", "digits", "places")
    behaviour = ("default", "required", "in_quick_create", "help_fa", "help_en")

    def __init__(self, *args: Any, field: Field | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["default"] = (
            default_control(field)
            if field
            else forms.CharField(label=_("Default value"), required=False, widget=forms.TextInput({"dir": "auto"}))
        )

    def group(self, names: tuple[str, ...]) -> list[forms.BoundField]:
        return [self[name] for name in names]

    def basic_fields(self) -> list[forms.BoundField]:
        return self.group(self.basics)

    def size_fields(self) -> list[forms.BoundField]:
        return self.group(self.sizes)

    def behaviour_fields(self) -> list[forms.BoundField]:
        return self.group(self.behaviour)

    def definition(self) -> dict[str, Any]:
        """What was typed, as the services take it; sizes that the type doesn't have are left out."""
        kind = next(kind for kind in CUSTOM_KINDS if kind.key == self.cleaned_data["kind"])
        used = {"length": ("length",), "digits": ("digits", "places")}.get(kind.size, ())
        values = {name: value for name, value in self.cleaned_data.items() if name not in self.sizes}
        return {
            **values,
            **{name: self.cleaned_data[name] for name in used},
            "default": typed_default(kind, values["default"]),
        }


def default_control(field: Field) -> forms.Field:
    """The control for a field's default value: the field's own, never mandatory."""
    if field.kind is CHECKBOX:
        choices = [("", "—"), ("true", _("Yes")), ("false", _("No"))]
        initial = "" if field.default is None else str(field.default).lower()
        return forms.ChoiceField(label=_("Default value"), required=False, choices=choices, initial=initial)
    made = field.kind.form_field(field)
    made.required, made.label, made.help_text, made.initial = False, _("Default value"), "", field.default
    if hasattr(made, "keep"):
        made.keep(field.default)
    return made


def typed_default(kind: Any, value: Any) -> Any:
    """A default that was typed as one line, as the kind parses it."""
    if not isinstance(value, str) or not value.strip():
        return value
    if kind is MULTIPICKLIST:
        return [part.strip() for part in value.replace("،", ",").split(",") if part.strip()]
    if kind is CHECKBOX:
        return {_("Yes").casefold(): "true", _("No").casefold(): "false"}.get(value.strip().casefold(), value.strip())
    return value


class SettingForm(RefusableForm):
    """What may be set of a standard field."""

    required = forms.BooleanField(label=gettext_lazy("Mandatory"), required=False)
    in_quick_create = forms.BooleanField(label=gettext_lazy("Shown in quick create"), required=False)

    def __init__(self, field: Field, data: Any = None) -> None:
        initial = {"required": field.required, "in_quick_create": field.in_quick_create}
        super().__init__(data, initial=initial)
        if field.is_fixed or field.kind is CHECKBOX:
            self.fields["required"].disabled = True
        if field.is_fixed:
            self.fields["in_quick_create"].disabled = True
        if field.kind not in (LINK, USER):
            self.fields["default"] = default_control(field)

    def settings(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class OptionForm(LabelsForm):
    """An option of a list, in both languages."""

    colour = forms.ChoiceField(label=gettext_lazy("Colour"), choices=list(COLOUR_LABELS.items()), required=False)


class OptionRows:
    """The options of a new field, a row for each: English, Persian, colour. Empty rows don't count."""

    def __init__(
        self, data: Mapping[str, Any] | None = None, options: list[NewOption] | None = None, *, more: bool = False
    ) -> None:
        self.options = options or []
        if data is not None:
            columns = [data.getlist(f"option_{name}") for name in ("value", "en", "fa", "colour")]  # type: ignore[attr-defined]
            self.options = [
                NewOption(value=value, label_en=english, label_fa=persian, colour=colour)
                for value, english, persian, colour in zip(*columns, strict=False)
            ][:MAX_ROWS]
        self.blank = max(ROWS - len(self.options), 0) + (ROWS if more else 0)

    def filled(self) -> list[NewOption]:
        return [option for option in self.options if option.label_en.strip() or option.label_fa.strip()]

    def __iter__(self) -> Iterator[NewOption]:
        yield from self.options
        yield from [NewOption()] * self.blank

    colours = tuple((colour, COLOUR_LABELS[colour]) for colour in COLOURS)
