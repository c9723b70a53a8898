"""The menu of a card: another status, and why if the lead is given up."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.fields import dictionary
from crm.kit.forms import CleanCharField

LOST = ("Junk Lead", "Lost Lead")


class MoveForm(forms.Form):
    """The open menu of the card of the lead with this key."""

    status = forms.ChoiceField(label=_("Move to"), widget=forms.Select({"class": "form-select form-select-sm"}))
    reason = CleanCharField(
        label=_("Reason"),
        required=False,
        max_length=1000,
        help_text=_("It is kept as a note."),
        widget=forms.TextInput({"class": "form-control form-control-sm", "dir": "auto"}),
    )

    def __init__(self, data: Any = None, *, lead: int, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial, auto_id=f"move-{lead}-%s", label_suffix="")
        self.lead = lead
        self.options = {one.value: one.label for one in dictionary.options("lead_status") if not one.retired}
        self.fields["status"].choices = list(self.options.items())  # type: ignore[attr-defined]

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"]
        if self.cleaned_data.get("status") in LOST and not reason:
            raise ValidationError(_("Say why the lead is given up."))
        return reason
