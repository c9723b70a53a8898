"""The types a field can have: one object per type, which parses, shows and stores its values and makes its form field.

A value in Python is what the model column holds (str, int, Decimal, date …; list[str] for multi-selects). `None`, "" and []
are empty; 0 and False are values (PRODUCT §4.4).
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.fields import dictionary
from crm.kit import dates, numbers
from crm.kit import forms as kit_forms
from crm.kit.digits import to_latin
from crm.kit.text import clean, is_blank, refuse_unstorable

if TYPE_CHECKING:
    from crm.fields.registry import Field

MAX_UNLIMITED = 1_000_000  # characters: what "unlimited" text takes at most, so that no request can fill the disk
MAX_INTEGER = 2**31 - 1  # what an integer column holds on every database


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
                params={"field": field.label, "max": limit, "count": len(value)},
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
        widget: forms.Widget = forms.Textarea({"rows": 3}) if self.multiline else forms.TextInput()
        widget.attrs.update({"dir": "ltr" if self.ltr else "auto"})
        if field.length:
            widget.attrs["maxlength"] = field.length
        if self.input_type != "text":
            widget.attrs["inputmode"] = self.input_type
        return ParsedField(field=field, widget=widget, **common(field))


def common(field: "Field") -> dict[str, Any]:
    """What every form field of a field has, whatever its kind."""
    return {
        "label": field.label,
        "required": field.required,
        "help_text": field.help,
        "error_messages": {"required": missing(field)},
    }


def missing(field: "Field") -> str:
    """What to say where a mandatory field is empty."""
    return gettext("Enter a value for %(field)s.") % {"field": field.label}


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TextArea(Kind):
    def tidy(self, text: str) -> str:
        return "" if is_blank(text) else clean(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Email(Kind):
    def check(self, value: Any, field: "Field") -> None:
        Kind.check(self, value, field)
        if not is_empty(value):
            try:
                validate_email(value)
            except ValidationError:
                raise ValidationError(_("Enter an e-mail address, for example name@example.com.")) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Url(Kind):
    """A web address; one without a scheme is fine ("www.example.ir"), any scheme but http and https is not."""

    def check(self, value: Any, field: "Field") -> None:
        Kind.check(self, value, field)
        if is_empty(value):
            return
        if re.match(r"(?!https?://)[a-z][a-z0-9+.-]*:(?!\d)", value.strip(), re.IGNORECASE):
            raise ValidationError(_("Enter a web address that begins with http:// or https://."))
        try:
            URLValidator(schemes=["http", "https"])(value if "://" in value else f"http://{value}")
        except ValidationError:
            raise ValidationError(_("Enter a web address, for example www.example.com.")) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picklist(Kind):
    def check(self, value: Any, field: "Field") -> None:
        Kind.check(self, value, field)
        if not is_empty(value) and value not in dictionary.labels(field.list_key):
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
        options = dictionary.options(self.field.list_key)
        known = [(option.value, option.label) for option in options if not option.retired or option.value in kept]
        values = {value for value, _label in known}
        unknown = [(value, value) for value in kept if value and value not in values]
        blank = [] if isinstance(self.widget, forms.SelectMultiple) else [("", gettext("Select an option"))]
        self.widget.choices = blank + known + unknown


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
        return OptionField(field=field, widget=forms.SelectMultiple(), **common(field))


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Kind):
    """Whole and decimal numbers. Sizes are counted as in SQL: digits in all, places after the point."""

    def parse(self, raw: object, field: "Field") -> Any:
        if raw is None or raw == "":
            return None
        if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
            raise ValidationError(_("Enter a number."))
        try:
            value: Decimal | int = numbers.parse_decimal(str(raw))
        except ValueError as error:
            raise ValidationError(str(error)) from None
        if self.key == "integer":
            if value != int(value):
                raise ValidationError(_("Enter a whole number."))
            value = int(value)
        self.check(value, field)
        return value

    def check(self, value: Any, field: "Field") -> None:
        if value is None:
            return
        if self.key == "integer":
            if not -MAX_INTEGER <= value <= MAX_INTEGER:
                raise ValidationError(_("Enter a number of at most %(max)s."), params={"max": MAX_INTEGER})
            return
        number = Decimal(value)
        places = max(0, -int(number.normalize().as_tuple().exponent))
        whole = len(str(abs(int(number)))) if int(number) else 0
        if places > (field.places or 0):
            raise ValidationError(_("Enter at most %(places)s decimal places."), params={"places": field.places or 0})
        if whole > (field.digits or 25) - (field.places or 0):
            raise ValidationError(
                _("Enter at most %(digits)s digits before the decimal point."),
                params={"digits": (field.digits or 25) - (field.places or 0)},
            )
        if self.key == "percent" and not 0 <= number <= 100:
            raise ValidationError(_("Enter a percentage from 0 to 100."))

    def show(self, value: Any, field: "Field") -> str:
        if value is None:
            return ""
        shown = numbers.show_number(value)
        return numbers.show_percent(value) if self.key == "percent" else shown

    def store(self, value: Any) -> Any:
        if not isinstance(value, Decimal):
            return value
        if value == int(value):
            return int(value)
        return float(value) if Decimal(str(float(value))) == value else str(value)  # more digits than a float holds

    def load(self, stored: Any) -> Any:
        return stored if stored is None or self.key == "integer" else Decimal(str(stored))

    def wire(self, value: Any) -> Any:
        return format(value.normalize(), "f") if isinstance(value, Decimal) else value

    def form_field(self, field: "Field") -> forms.Field:
        return NumberField(
            field=field, widget=forms.TextInput({"inputmode": self.input_type, "dir": "ltr"}), **common(field)
        )


class NumberField(ParsedField):
    """Shows a stored number as it is written in the active language, and takes any digits and separators back."""

    def prepare_value(self, value: Any) -> Any:
        return numbers.show_number(value) if isinstance(value, int | Decimal) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Date(Kind):
    def parse(self, raw: object, field: "Field") -> Any:
        if raw is None or raw == "":
            return None
        if isinstance(raw, dt.date) and not isinstance(raw, dt.datetime):
            return raw
        try:
            return dates.parse_date(str(raw))
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def check(self, value: Any, field: "Field") -> None:
        if value is not None and not isinstance(value, dt.date):
            raise ValidationError(_("Enter a date."))

    def show(self, value: Any, field: "Field") -> str:
        return "" if value is None else dates.show_date(value)

    def store(self, value: Any) -> Any:
        return None if value is None else value.isoformat()

    def load(self, stored: Any) -> Any:
        return None if stored is None else dt.date.fromisoformat(stored)

    def wire(self, value: Any) -> Any:
        return self.store(value)

    def form_field(self, field: "Field") -> forms.Field:
        return kit_forms.DateField(**common(field))


@dataclass(frozen=True, slots=True, kw_only=True)
class DateTime(Date):
    def parse(self, raw: object, field: "Field") -> Any:
        if raw is None or raw == "":
            return None
        try:
            value = raw if isinstance(raw, dt.datetime) else parse_datetime(str(raw)) or dates.parse_datetime(str(raw))
        except ValueError as error:
            raise ValidationError(str(error)) from None
        return timezone.make_aware(value) if timezone.is_naive(value) else value

    def check(self, value: Any, field: "Field") -> None:
        if value is not None and not isinstance(value, dt.datetime):
            raise ValidationError(_("Enter a date and a time, for example 2025-12-21 14:30."))

    def show(self, value: Any, field: "Field") -> str:
        return "" if value is None else dates.show_datetime(value)

    def load(self, stored: Any) -> Any:
        return None if stored is None else dt.datetime.fromisoformat(stored)

    def form_field(self, field: "Field") -> forms.Field:
        return kit_forms.DateTimeField(**common(field))


@dataclass(frozen=True, slots=True, kw_only=True)
class Time(Date):
    def parse(self, raw: object, field: "Field") -> Any:
        if raw is None or raw == "":
            return None
        try:
            return raw if isinstance(raw, dt.time) else dates.parse_time(str(raw))
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def check(self, value: Any, field: "Field") -> None:
        if value is not None and not isinstance(value, dt.time):
            raise ValidationError(_("Enter a time, for example 14:30."))

    def show(self, value: Any, field: "Field") -> str:
        return "" if value is None else dates.show_time(value)

    def load(self, stored: Any) -> Any:
        return None if stored is None else dt.time.fromisoformat(stored)

    def form_field(self, field: "Field") -> forms.Field:
        return kit_forms.TimeField(**common(field))


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkbox(Kind):
    def parse(self, raw: object, field: "Field") -> Any:
        if raw is None or raw == "":
            return False
        if isinstance(raw, bool):
            return raw
        words = {"1": True, "true": True, "on": True, "0": False, "false": False}
        if str(raw).lower() not in words:
            raise ValidationError(_("Send true or false."))
        return words[str(raw).lower()]

    def check(self, value: Any, field: "Field") -> None:
        if value is not None and not isinstance(value, bool):
            raise ValidationError(_("Send true or false."))

    def show(self, value: Any, field: "Field") -> str:
        return "" if value is None else gettext("Yes") if value else gettext("No")

    def form_field(self, field: "Field") -> forms.Field:
        return forms.BooleanField(**common(field))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference(Kind):
    """A link to a user or to a record of another module; the value is its primary key."""

    def parse(self, raw: object, field: "Field") -> Any:
        if raw is None or raw == "":
            return None
        if isinstance(raw, bool) or not (isinstance(raw, int) or (isinstance(raw, str) and to_latin(raw).isdigit())):
            raise ValidationError(_("Send the record's id."))
        value = int(to_latin(raw)) if isinstance(raw, str) else raw
        self.check(value, field)
        return value

    def check(self, value: Any, field: "Field") -> None:
        if value is not None and not 0 < value < 2**63:
            raise ValidationError(_("Send the record's id."))


TEXT = Kind(key="text", label=_("Text"), size="length")
TEXTAREA = TextArea(key="textarea", label=_("Text area"), size="length", multiline=True)
PICKLIST = Picklist(key="picklist", label=_("Picklist"), chooses=True)
MULTIPICKLIST = MultiPicklist(key="multipicklist", label=_("Multi-select"), chooses=True, empty=[])
INTEGER = Number(key="integer", label=_("Integer"), ltr=True, input_type="numeric", empty=None)
DECIMAL = Number(key="decimal", label=_("Decimal"), size="digits", ltr=True, input_type="decimal", empty=None)
CURRENCY = Number(key="currency", label=_("Currency"), size="digits", ltr=True, input_type="decimal", empty=None)
PERCENT = Number(key="percent", label=_("Percent"), size="digits", ltr=True, input_type="decimal", empty=None)
DATE = Date(key="date", label=_("Date"), ltr=True, empty=None)
DATETIME = DateTime(key="datetime", label=_("Date and time"), ltr=True, empty=None)
TIME = Time(key="time", label=_("Time"), ltr=True, empty=None)
CHECKBOX = Checkbox(key="checkbox", label=_("Checkbox"), empty=None)
EMAIL = Email(key="email", label=_("E-mail"), size="length", ltr=True, input_type="email")
PHONE = Kind(key="phone", label=_("Phone"), size="length", ltr=True, input_type="tel")
URL = Url(key="url", label=_("URL"), size="length", ltr=True, input_type="url")
USER = Reference(key="user", label=_("User"), empty=None)
LINK = Reference(key="link", label=_("Link to a record"), empty=None)

KINDS: Mapping[str, Kind] = {
    kind.key: kind
    for kind in (
        TEXT, TEXTAREA, PICKLIST, MULTIPICKLIST, INTEGER, DECIMAL, CURRENCY, PERCENT, DATE, DATETIME, TIME, CHECKBOX, EMAIL, PHONE, URL,
        USER, LINK,
    )
}  # fmt: skip
