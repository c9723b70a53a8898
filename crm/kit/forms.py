"""Form fields for dates and times that take any digits and both calendars. Typing always works; there is no picker to need."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from crm.kit import dates
from crm.kit.text import clean, is_blank, refuse_unstorable


class TypedField(forms.Field):
    """A text input that is parsed to a value and shows a value as text."""

    parse: Callable[[str], Any]
    show: Callable[[Any], str]
    kind: type = object

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput({"dir": "ltr", "autocomplete": "off", "inputmode": "text"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        if value in (None, "") or isinstance(value, self.kind):
            return value or None
        try:
            return type(self).parse(str(value))
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def prepare_value(self, value: Any) -> Any:
        return type(self).show(value) if isinstance(value, self.kind) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != self.to_python(initial))
        except ValidationError:
            return True


class DateField(TypedField):
    parse, show, kind = staticmethod(dates.parse_date), staticmethod(dates.show_date), dt.date


class DateTimeField(TypedField):
    parse, show, kind = staticmethod(dates.parse_datetime), staticmethod(dates.show_datetime), dt.datetime


class TimeField(TypedField):
    parse, show, kind = staticmethod(dates.parse_time), staticmethod(dates.show_time), dt.time


class CleanCharField(forms.CharField):
    """A text field that refuses what can't be stored and takes invisible characters for nothing."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        refuse_unstorable(text)
        return self.empty_value if is_blank(text) else clean(text)
