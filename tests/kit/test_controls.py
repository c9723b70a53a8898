"""Form controls are written as Django's own templates write them, to the character."""

import datetime as dt
from decimal import Decimal

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting, get_default_renderer
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from crm.kit.controls import Renderer

HOSTILE = "\"'><script>&amp;\n</textarea></option>\0"
NASTY = (HOSTILE, mark_safe("<i>safe</i>"), gettext_lazy("Save"), 1234567, Decimal("12.50"), True, ("a", "b"))
VALUES = (None, "", *NASTY, False, 0, [], dt.date(2026, 3, 21))
ATTRS = (
    None,
    {"class": "form-control", "aria-invalid": "true", "required": True, "disabled": False, "data-x": None},
    {f"data-{number}": value for number, value in enumerate(NASTY)} | {HOSTILE: HOSTILE, "maxlength": 5, "": ""},
)
CHOICES = [
    ("", "—"), (None, None), (True, "Yes"), (HOSTILE, HOSTILE), (1234567, Decimal("12.50")),
    (mark_safe("<b>"), mark_safe("<b>")), (gettext_lazy("Save"), gettext_lazy("Save")),
    (HOSTILE, [("x", "X"), ("1", gettext_lazy("Save"))]), ("", [("y", "Y")]),
]  # fmt: skip


class Marked(forms.Select):
    """A select with a way of its own to write an option."""

    option_template_name = "django/forms/widgets/radio_option.html"


CHOSEN = (None, [], ["", HOSTILE, "1", "y"])
WIDGETS = {
    **dict.fromkeys(
        (
            forms.TextInput, forms.NumberInput, forms.EmailInput, forms.URLInput, forms.PasswordInput, forms.HiddenInput, forms.DateInput,
            forms.DateTimeInput, forms.TimeInput, forms.CheckboxInput, forms.Textarea, forms.Select, Marked, forms.RadioSelect,
        ),
        VALUES,
    ),
    **dict.fromkeys((forms.SelectMultiple, forms.CheckboxSelectMultiple, forms.MultipleHiddenInput), CHOSEN),
    forms.NullBooleanSelect: (None, True, "2"),
    forms.ClearableFileInput: (None,),
    forms.SplitDateTimeWidget: (None, dt.datetime(2026, 3, 21, 9, 30, tzinfo=dt.UTC)),
}  # fmt: skip


@pytest.mark.parametrize(("widget_class", "values"), WIDGETS.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_control_is_written_as_by_django(widget_class, values):
    widgets = [widget_class(attrs) for attrs in ATTRS]
    for widget in widgets if widget_class is not forms.NullBooleanSelect else ():
        widget.choices = CHOICES

    def written(renderer):
        every = [widgets[1].render(HOSTILE, value, None, renderer) for value in values]
        return every + [widget.render("note", None, more, renderer) for widget in widgets for more in ATTRS]

    assert type(get_default_renderer()) is Renderer
    with translation.override("fa"):
        assert written(Renderer()) == written(TemplatesSetting())
