"""Whole and decimal numbers, sums of money and percentages."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.fields.kind import Kind, ParsedField, common
from crm.kit import numbers

if TYPE_CHECKING:
    from crm.fields.registry import Field

MAX_INTEGER = 2**31 - 1  # what an integer column holds on every database


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
                raise ValidationError(
                    _("Enter a number of at most %(max)s."), params={"max": numbers.show_number(MAX_INTEGER)}
                )
            return
        number = Decimal(value)
        places = max(0, -int(number.normalize().as_tuple().exponent))
        whole = len(str(abs(int(number)))) if int(number) else 0
        if places > (field.places or 0):
            raise ValidationError(
                _("Enter at most %(places)s decimal places."), params={"places": numbers.show_number(field.places or 0)}
            )
        if whole > (field.digits or 25) - (field.places or 0):
            raise ValidationError(
                _("Enter at most %(digits)s digits before the decimal point."),
                params={"digits": numbers.show_number((field.digits or 25) - (field.places or 0))},
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
        made = NumberField(field=field, **common(field))
        made.widget.attrs = {"inputmode": self.input_type, "dir": "ltr"}
        return made


class NumberField(ParsedField):
    """Shows a stored number as it is written in the active language, and takes any digits and separators back."""

    def prepare_value(self, value: Any) -> Any:
        return numbers.show_number(value) if isinstance(value, int | Decimal) else value
