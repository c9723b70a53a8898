"""The types a field can have, one object per type."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.fields.choices import MultiPicklist, Picklist
from crm.fields.kind import Kind, common
from crm.fields.numeric import Number
from crm.fields.texts import Email, TextArea, Url
from crm.fields.times import Date, DateTime, Time
from crm.kit.digits import to_latin

if TYPE_CHECKING:
    from crm.fields.registry import Field


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
        value = to_latin(raw) if isinstance(raw, str) else raw
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError(_("Send the record's id."))
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
