"""Dates, times, and both together."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from crm.fields.kind import Kind, common
from crm.kit import dates
from crm.kit import forms as kit_forms

if TYPE_CHECKING:
    from crm.fields.registry import Field


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
            return dates.checked(timezone.make_aware(value) if timezone.is_naive(value) else value)
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def check(self, value: Any, field: "Field") -> None:
        if value is not None and not isinstance(value, dt.datetime):
            raise ValidationError(_("Enter a date and a time, for example 2025-12-21 14:30."))

    def show(self, value: Any, field: "Field") -> str:
        return "" if value is None else dates.show_datetime(value)

    def store(self, value: Any) -> Any:
        """In UTC, so that the texts' order is the order of time."""
        return None if value is None else value.astimezone(dt.UTC).isoformat()

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
