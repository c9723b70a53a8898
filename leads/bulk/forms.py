"""What is wished for all leads of a job alike."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from leads.conversion.many import CREATE, SKIP, USE_BEST, Wish


class WishForm(forms.Form):
    """What to make of each lead, where related records go, and what to do about possible duplicates that nobody decided."""

    parts = forms.ChoiceField(required=False)
    transfer_to = forms.ChoiceField(required=False)
    on_match = forms.ChoiceField(required=False)

    def __init__(self, options: dict[str, Any], data: Any = None) -> None:
        super().__init__(
            data,
            initial={
                "parts": ",".join(options.get("parts", ())),
                "transfer_to": options.get("transfer_to") or "",
                "on_match": options.get("on_match", SKIP),
            },
        )
        self._choose(
            "parts",
            _("What to create"),
            [
                ("", _("What each lead usually becomes")),
                ("organization,contact", _("Organization and contact")),
                ("organization,contact,opportunity", _("Organization, contact and opportunity")),
                ("contact", _("Contact only")),
                ("contact,opportunity", _("Contact and opportunity")),
                ("organization", _("Organization only")),
            ],
        )
        self._choose(
            "transfer_to",
            _("Move related records to"),
            [
                ("", _("The contact, where one is made")),
                ("organization", _("The organization, where one is made")),
            ],
        )
        self._choose(
            "on_match",
            _("Possible duplicates that you don't decide yourself"),
            [
                (SKIP, _("Leave the lead as it is")),
                (USE_BEST, _("Fill the record that is surely the same, else create new")),
                (CREATE, _("Create new records all the same")),
            ],
        )

    def _choose(self, name: str, label: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name] = forms.ChoiceField(label=label, choices=choices, required=False)

    def wish(self) -> Wish:
        """What was chosen."""
        chosen = self.cleaned_data
        parts = tuple(part for part in chosen["parts"].split(",") if part)
        transfer_to = chosen["transfer_to"] or None
        return Wish(
            parts=parts,
            transfer_to=transfer_to if not parts or transfer_to in parts else None,
            on_match=chosen["on_match"] or SKIP,
        )
