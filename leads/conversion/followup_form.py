"""The hand-over on the conversion page: a task to plan, and a message to the new owners."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.kit.forms import CleanCharField, DateTimeField
from leads.conversion.followup import LONGEST_MESSAGE
from leads.conversion.order import FollowUp

FRIDAY = 4
MORNING = dt.time(9)


class FollowUpForm(forms.Form):
    """The task's fields count only if it is ticked."""

    prefix = "follow_up"
    is_wanted = forms.BooleanField(label=_("Plan a follow-up task"), required=False)
    subject = CleanCharField(label=_("Subject"), max_length=250, widget=forms.TextInput({"dir": "auto"}))
    due_at = DateTimeField(label=_("Due"))
    assigned_to = forms.TypedChoiceField(label=_("Assigned to"), required=False, coerce=int, empty_value=None)
    message = CleanCharField(
        label=_("Note to the new owner"),
        required=False,
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea({"rows": 2, "dir": "auto"}),
        help_text=_("Goes with the notification to everybody who gets one of the new records."),
    )

    def __init__(self, owners: list[tuple[int, str]], data: Any = None) -> None:
        super().__init__(data, initial={"due_at": next_working_morning(), "subject": _("Follow up")})
        self.fields["assigned_to"].choices = [("", _("Whoever owns the main record")), *owners]  # type: ignore[attr-defined]

    def full_clean(self) -> None:
        """A task that isn't wanted may be as incomplete as it likes."""
        is_wanted = bool(self["is_wanted"].value())
        for name in ("subject", "due_at"):
            self.fields[name].required = is_wanted
        super().full_clean()
        if self.is_bound and not is_wanted:
            for name in ("subject", "due_at", "assigned_to"):
                self.errors.pop(name, None)

    def follow_up(self) -> FollowUp | None:
        """The task as the service takes it."""
        if not self.cleaned_data["is_wanted"]:
            return None
        return FollowUp(**{name: self.cleaned_data[name] for name in ("subject", "due_at", "assigned_to")})

    def add_errors(self, errors: Mapping[str, list[str]]) -> None:
        """Show the service's errors at their fields."""
        for name, messages in errors.items():
            self.add_error(name if name in self.fields else None, [ValidationError(text) for text in messages])

    def problems(self) -> list[tuple[str, str]]:
        """The errors for the page's summary: the id of the control to go to, and the sentence."""
        named = [(name, message) for name, messages in self.errors.items() for message in messages]
        return [
            (self[name].id_for_label, _("%(field)s: %(message)s") % {"field": self[name].label, "message": message})
            if name in self.fields
            else (self["is_wanted"].id_for_label, str(message))
            for name, message in named
        ]


def next_working_morning() -> dt.datetime:
    """Nine o'clock tomorrow, or on Saturday where tomorrow is a Friday."""
    day = timezone.localdate() + dt.timedelta(days=1)
    if day.weekday() == FRIDAY:
        day += dt.timedelta(days=1)
    return timezone.make_aware(dt.datetime.combine(day, MORNING))
