"""What every field type can do: parse, check, show, store, and make its form field.

A value in Python is what the model column holds (str, int, Decimal, date …; list[str] for multi-selects). `None`, "" and []
are empty; 0 and False are values (PRODUCT §4.4).
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.kit.numbers import show_number
from crm.kit.text import clean, is_blank, refuse_unstorable

if TYPE_CHECKING:
    from crm.fields.registry import Field

MAX_UNLIMITED = 1_000_000  # characters: what "unlimited" text takes at most, so that no request can fill the disk


def is_empty(value: object) -> bool:
    """Tell whether a value says nothing; 0 and False say something."""
    return value is None or value in ("", [])


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One field type. Subclasses override what differs from plain text."""

    key: str
    label: str | Promise
    size: str = ""  # "length", "digits" or "": what of the field is compared when one value goes into another
    ltr: bool = False  # e-mails, phones, addresses and numbers read left to right on every page
    multiline: bool = False
    chooses: bool = False  # the value is picked from a list of options
    input_type: str = "text"
    empty: Any = ""

    def parse(self, raw: object, field: "Field") -> Any:
        """Turn what was typed or sent into a value; raise ValidationError with what to do."""
        if raw is None:
            return self.empty
        if not isinstance(raw, str):
            raise ValidationError(_("Send a text."))
        text = raw if self.multiline else raw.replace("\r", "").replace("\n", " ")
        text = self.tidy(text)
        self.check(text, field)
        return text

    def tidy(self, text: str) -> str:
        return "" if is_blank(text) else clean(text).strip(" ")

    def check(self, value: Any, field: "Field") -> None:
        """Refuse a value that the field can't hold."""
        if is_empty(value):
            return
        if not isinstance(value, str):
            raise ValidationError(_("Send a text."))
        refuse_unstorable(value)
        limit = field.length or MAX_UNLIMITED
        if len(value) > limit:
            raise ValidationError(
                _(
                    "%(field)s takes %(max)s characters; this value has %(count)s. Shorten it or keep the full text in a note."
                ),
                params={"field": field.label, "max": show_number(limit), "count": show_number(len(value))},
            )

    def show(self, value: Any, field: "Field") -> str:
        """Give the value as a person reads it in the active language."""
        return "" if is_empty(value) else str(value)

    def store(self, value: Any) -> Any:
        """Give the value as JSON for a custom value's column."""
        return value

    def load(self, stored: Any) -> Any:
        """Take a value from a custom value's JSON column, or as `wire` gave it."""
        return self.empty if stored is None else stored

    def wire(self, value: Any) -> Any:
        """Give the value as the API and a snapshot carry it: decimals as strings, dates in ISO 8601."""
        return value

    def form_field(self, field: "Field") -> forms.Field:
        """Make the form field in which people type the value."""
        made = ParsedField(field=field, widget=forms.Textarea if self.multiline else forms.TextInput, **common(field))
        made.widget.attrs |= {"rows": 3} if self.multiline else {}
        made.widget.attrs["dir"] = "ltr" if self.ltr else "auto"
        if field.length:
            made.widget.attrs["maxlength"] = field.length
        if self.input_type != "text":
            made.widget.attrs["inputmode"] = self.input_type
        return made


def common(field: "Field") -> dict[str, Any]:
    """What every form field of a field has, whatever its kind."""
    return {
        "label": field.label,
        "required": field.required,
        "help_text": field.help,
        "error_messages": {"required": _missing_later(field)},
    }


def missing(field: "Field") -> str:
    """What to say where a mandatory field is empty."""
    return gettext("Enter a value for %(field)s.") % {"field": field.label}


_missing_later = lazy(missing, str)  # of all the fields that are made hardly one is found empty


class ParsedField(forms.Field):
    """A form field that leaves parsing and checking to the kind, so that every way in refuses alike.

    What a record already holds may stay as it is, even where today's rules would refuse it: see `keep`.
    """

    def __init__(self, *, field: "Field", **kwargs: Any) -> None:
        self.field = field
        self.kept: Any = None
        super().__init__(**kwargs)

    def keep(self, value: Any) -> None:
        """Show this value, and give it back to the character if it comes back as browsers send it."""
        self.initial = self.kept = value

    def to_python(self, value: Any) -> Any:
        if not is_empty(self.kept) and browser_text(value) == browser_text(self.prepare_value(self.kept)):
            return self.kept
        return self.field.kind.parse(value or None, self.field)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True


def browser_text(value: Any) -> Any:
    """Undo what browsers do to line breaks, so that an untouched value is known again."""
    return re.sub(r"\r\n?|\n", "", value) if isinstance(value, str) else value
