"""How templates show numbers, dates, icons and form controls. A builtin: no {% load %} is needed."""

import datetime as dt
from decimal import Decimal
from functools import cache
from typing import Any

from django import forms, template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from crm.kit import dates, numbers, preferences
from crm.kit.digits import to_persian

register = template.Library()
# The address of a file: as long as the process runs, it stays what it is. {% static %} works it out thirty times for each page.
register.simple_tag(cache(static), name="static")


@register.filter
def num(value: Any) -> str:
    """A number with separators, in the reader's digits."""
    return numbers.show_number(value) if isinstance(value, int | Decimal) else str(value)


@register.filter
def fa_digits(value: Any) -> str:
    """A text with its digits as the reader wants them."""
    return to_persian(str(value)) if preferences.current().has_persian_digits else str(value)


@register.filter
def pct(value: Any) -> str:
    """A percentage."""
    return numbers.show_percent(value)


def _day(value: dt.date | dt.datetime) -> dt.date:
    return timezone.localtime(value).date() if isinstance(value, dt.datetime) else value


@register.filter
def jdate(value: dt.date | None) -> str:
    """A date in words: ۲۷ آبان ۱۴۰۴ or 18 Nov 2025."""
    return dates.show_date(_day(value), long=True) if value else ""


@register.filter
def jdate_num(value: dt.date | None) -> str:
    """A date in numbers: ۱۴۰۴/۰۸/۲۷ or 2025-11-18."""
    return dates.show_date(_day(value)) if value else ""


@register.filter
def jdatetime(value: dt.datetime | None) -> str:
    """A date in words and the time."""
    return dates.show_datetime(value, long=True) if value else ""


@register.filter
def ago(value: dt.datetime | None) -> str:
    """A moment as people say it: today, yesterday, 3 days ago."""
    return dates.show_ago(value) if value else ""


@register.filter
def ltr(value: Any) -> SafeString:
    """Something that reads left to right on every page: e-mail, phone, code."""
    return format_html('<bdi dir="ltr" class="ltr">{}</bdi>', value)


@register.simple_tag
@cache
def icon(name: str, classes: str = "") -> SafeString:
    """An icon of the sprite, hidden from screen readers."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        classes,
        static("icons.svg"),
        name,
    )


@register.filter
def initials(name: Any) -> str:
    """The first letters of the first and the last word of a name."""
    words = [word for word in str(name).split() if word[0].isalnum()]
    return "".join(dict.fromkeys(word[0].upper() for word in words[:1] + words[-1:]))


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """This page's query string with some parameters changed; an empty value takes one away."""
    parameters = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            parameters.pop(name, None)
        else:
            parameters[name] = value
    return f"?{parameters.urlencode()}" if parameters else "?"


@register.filter
def control(field: forms.BoundField, size: str = "") -> SafeString:
    """A form control in the product's look, tied to the text below it (`<id>_about`) and marked when it is wrong."""
    base = "form-check-input" if field.widget_type == "checkbox" else "form-control"
    base = "form-select" if field.widget_type in ("select", "selectmultiple") else base
    classes = " ".join(filter(None, [base, f"{base}-{size}" if size else "", "is-invalid" if field.errors else ""]))
    attributes = {"class": classes, "aria-describedby": f"{field.auto_id}_about"}
    return field.as_widget(attrs={**attributes, **({"aria-invalid": "true"} if field.errors else {})})
