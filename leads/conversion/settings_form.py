"""The form of the conversion settings."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.fields import dictionary, registry
from crm.kit.forms import TypedField
from crm.kit.numbers import parse_decimal, show_number
from leads.conversion.preferences import FIELDS, first_stage
from leads.models import ConversionPreferences

LONGEST = 3650  # days


def parse_days(text: str) -> int:
    """Read a number of days; ValueError says what to do."""
    number = parse_decimal(text)
    if number != number.to_integral_value() or not 0 <= number <= LONGEST:
        raise ValueError(gettext("Enter a whole number from 0 to %(most)s.") % {"most": show_number(LONGEST)})
    return int(number)


class DaysField(TypedField):
    parse, show, kind = staticmethod(parse_days), staticmethod(show_number), int


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]
    """All settings; `people` are the users to choose from, by key."""

    closing_days = DaysField(
        label=_("Days until the closing date"),
        help_text=_("Counted from the day of the conversion."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "dir": "ltr"}),
    )
    first_stage = forms.ChoiceField(
        label=_("First sales stage"),
        required=False,
        help_text=_("It goes before the default value of the opportunity's field."),
    )
    unmapped = forms.ChoiceField(
        label=_("Values that no mapping carries"),
        choices=ConversionPreferences.Unmapped.choices,
        widget=forms.RadioSelect,
        help_text=_("Leaving a value behind is always a choice made for that one value, never a default."),
    )
    notify_users = forms.TypedMultipleChoiceField(
        label=_("These users, whoever converts"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ConversionPreferences
        fields = FIELDS
        help_texts = {
            "opportunity_ticked": _("Everybody can still tick or untick it in each conversion."),
            "notify_managers": _("A sales manager without a team is told of every conversion."),
        }

    def __init__(self, *args: Any, people: Mapping[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["closing_days"] = self.instance.days_to_close
        self.fields["first_stage"].choices = list(stages())  # type: ignore[attr-defined]
        self.fields["notify_users"].choices = list(people.items())  # type: ignore[attr-defined]


def stages() -> list[tuple[str, str]]:
    """The sales stages in use, with the way to follow the field's default or the list's order first."""
    used = {option.value: option.label for option in dictionary.options("sales_stage") if not option.retired}
    default = registry.module("opportunity").fields["sales_stage"].default
    text = (
        gettext("The field's default (%(stage)s)") if default in used else gettext("The first of the list (%(stage)s)")
    )
    return [("", text % {"stage": used.get(first_stage(ConversionPreferences()), "—")}), *used.items()]
