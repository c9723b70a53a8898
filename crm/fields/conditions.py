"""Conditions on fields: what may be asked of each kind, what is compared, and how it is written in an address and in words.

Nothing here trusts its input: fields and operators are looked up, values parsed by the field's kind.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.fields import dictionary, kinds, registry, values
from crm.fields.kind import Kind
from crm.fields.models import CustomField
from crm.fields.registry import Field, Text
from crm.kit import dates, periods
from crm.kit.digits import to_latin, to_persian
from crm.kit.text import is_blank, refuse_unstorable

MANY = -1
ME = "me"
MAX_TEXT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """What is asked of a field. `takes` says how many values are typed: none, one, two, or any number of options."""

    key: str
    label: Text
    takes: int = 1


OPERATORS: Mapping[str, Operator] = {
    key: Operator(key=key, label=label, takes=takes)
    for key, label, takes in (
        ("is", gettext_lazy("equals"), 1),
        ("not", gettext_lazy("does not equal"), 1),
        ("any", gettext_lazy("is one of"), MANY),
        ("none", gettext_lazy("is none of"), MANY),
        ("contains", gettext_lazy("contains"), 1),
        ("lacks", gettext_lazy("does not contain"), 1),
        ("starts", gettext_lazy("starts with"), 1),
        ("gt", gettext_lazy("is more than"), 1),
        ("gte", gettext_lazy("is at least"), 1),
        ("lt", gettext_lazy("is less than"), 1),
        ("lte", gettext_lazy("is at most"), 1),
        ("before", gettext_lazy("is before"), 1),
        ("after", gettext_lazy("is after"), 1),
        ("between", gettext_lazy("is between"), 2),
        ("yes", gettext_lazy("is yes"), 0),
        ("no", gettext_lazy("is no"), 0),
        ("today", gettext_lazy("is today"), 0),
        ("yesterday", gettext_lazy("is yesterday"), 0),
        ("tomorrow", gettext_lazy("is tomorrow"), 0),
        ("this_week", gettext_lazy("is this week"), 0),
        ("last_week", gettext_lazy("is last week"), 0),
        ("this_month", gettext_lazy("is this month"), 0),
        ("last_month", gettext_lazy("is last month"), 0),
        ("last_7", gettext_lazy("is in the last 7 days"), 0),
        ("last_30", gettext_lazy("is in the last 30 days"), 0),
        ("next_7", gettext_lazy("is in the next 7 days"), 0),
        ("next_30", gettext_lazy("is in the next 30 days"), 0),
        ("empty", gettext_lazy("is empty"), 0),
        ("filled", gettext_lazy("is not empty"), 0),
    )
}
PERIODS = ("today", "yesterday", "tomorrow", "this_week", "last_week", "this_month", "last_month", "last_7", "last_30", "next_7", "next_30")  # fmt: skip
BLANK = ("empty", "filled")
_TEXT = ("contains", "lacks", "is", "not", "starts", *BLANK)
_OPTION = ("any", "none", *BLANK)
_NUMBER = ("is", "not", "gt", "gte", "lt", "lte", "between", *BLANK)
_DAY = ("is", "not", "before", "after", "between", *PERIODS, *BLANK)
_LOOKUPS = {"is": "exact", "gt": "gt", "gte": "gte", "lt": "lt", "lte": "lte", "before": "lt", "after": "gt"}


def operators(field: Field) -> list[Operator]:
    """What may be asked of the field, in the order in which it is offered."""
    return [OPERATORS[key] for key in _keys(field.kind)]


def _keys(kind: Kind) -> tuple[str, ...]:
    if kind in values.TEXTS:
        return _TEXT
    if kind in values.NUMBERS:
        return _NUMBER
    if kind in (kinds.DATE, kinds.DATETIME):
        return _DAY
    if kind is kinds.TIME:
        return ("is", "not", "before", "after", "between", *BLANK)
    if kind is kinds.CHECKBOX:
        return ("yes", "no")
    return ("contains", "lacks", *BLANK) if kind is kinds.LINK else _OPTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition, checked. `wanted` are values of the field's kind; days for moments; "me" may stand for a user."""

    field: Field
    operator: Operator
    wanted: tuple[Any, ...] = ()

    def q(self, me: int) -> Q:
        """What the condition keeps, asked by the user with this primary key."""
        key, field = self.operator.key, self.field
        if key in BLANK:
            return values.empty(field) if key == "empty" else ~values.empty(field)
        if key in ("not", "none", "lacks", "no"):
            positive = {"not": "is", "none": "any", "lacks": "contains", "no": "yes"}[key]
            same = Condition(field=field, operator=OPERATORS[positive], wanted=self.wanted)
            return ~same.q(me) | values.empty(field)
        if key == "yes":
            return values.compare(field, "exact", True)
        if key == "any":
            return self._any(me)
        if field.kind in (kinds.DATE, kinds.DATETIME):
            return self._days()
        if field.kind in values.TEXTS:
            return _text(field, key, self.wanted[0])
        if field.kind is kinds.LINK:
            return _linked(field, self.wanted[0])
        if key == "between":
            return values.compare(field, "gte", self.wanted[0]) & values.compare(field, "lte", self.wanted[1])
        return values.compare(field, _LOOKUPS[key], self.wanted[0])

    def _any(self, me: int) -> Q:
        if self.field.kind is kinds.MULTIPICKLIST:
            return _either(values.holds(self.field, option) for option in self.wanted)
        return values.compare(self.field, "in", [me if one == ME else one for one in self.wanted])

    def _days(self) -> Q:
        first, last = self._span()
        until = _shift(last, 1) if last else None
        from_, to_ = (first, until) if self.field.kind is kinds.DATE else (_midnight(first), _midnight(until))
        found = values.compare(self.field, "gte", from_) if from_ else Q()
        return found & values.compare(self.field, "lt", to_) if to_ else found

    def _span(self) -> tuple[dt.date | None, dt.date | None]:
        """The first and the last day that are meant; None where there is no end."""
        key = self.operator.key
        if key in PERIODS:
            return span(key)
        day = self.wanted[0]
        ends = {"is": (day, day), "before": (None, _shift(day, -1)), "after": (_shift(day, 1), None)}
        return ends[key] if key in ends else (day, self.wanted[1])

    def typed(self) -> list[str]:
        """The values as an address and a form carry them."""
        return [one.isoformat() if isinstance(one, dt.date | dt.time) else str(one) for one in self.wanted]

    def shown(self, users: Mapping[int, str]) -> str:
        """The values in words, for instance behind the operator on a chip."""
        joint = _(" and ") if self.operator.key == "between" else _(", ")
        return joint.join(self._shown(one, users) for one in self.wanted)

    def _shown(self, one: Any, users: Mapping[int, str]) -> str:
        if self.field.kind is kinds.USER:
            return _("Me") if one == ME else users.get(one, str(one))
        if isinstance(one, dt.date):
            return dates.show_date(one)
        if self.field.kind.chooses:
            return _option_label(self.field, one)
        return self.field.show(one)


def _option_label(field: Field, value: str) -> str:
    option = next((one for one in dictionary.options(field.list_key) if one.value == value), None)
    if option is None or not option.retired:
        return option.label if option else value
    return _("%(option)s (retired)") % {"option": option.label}


def condition(field: Field, operator: str, typed: Iterable[str]) -> Condition:
    """Check what was typed. Raises ValidationError that says what to do."""
    if operator not in _keys(field.kind):
        raise ValidationError(_("Choose what to ask of %(field)s."), params={"field": field.label})
    asked = OPERATORS[operator]
    given = [one for one in typed if not is_blank(one)]
    if asked.takes == 0:
        return Condition(field=field, operator=asked)
    if not given or (asked.takes == 2 and len(given) != 2):
        raise ValidationError(_("Type both values.") if asked.takes == 2 else _("Type or choose a value."))
    wanted = tuple(
        dict.fromkeys(_value(field, one) for one in (given if asked.takes == MANY else given[: asked.takes]))
    )
    if asked.takes == 2:
        wanted = (min(wanted), max(wanted))
    return Condition(field=field, operator=asked, wanted=wanted)


def _value(field: Field, raw: str) -> Any:
    refuse_unstorable(raw)
    kind = field.kind
    if len(raw) > MAX_TEXT:
        raise ValidationError(_("Type at most %(count)s characters."), params={"count": MAX_TEXT})
    if kind in (kinds.DATE, kinds.DATETIME):
        try:
            return dates.parse_date(raw)
        except ValueError as error:
            raise ValidationError(str(error)) from None
    if kind is kinds.USER:
        return ME if raw == ME else kind.parse(raw, field)
    if kind.chooses:
        return _option(field, raw.strip())
    return raw.strip() if kind in values.TEXTS or kind is kinds.LINK else kind.parse(raw.strip(), field)


def _option(field: Field, raw: str) -> str:
    for option in dictionary.options(field.list_key):
        if raw in (option.value, option.label_en, option.label_fa):
            return option.value
    raise ValidationError(_("“%(value)s” isn't an option of %(field)s."), params={"value": raw, "field": field.label})


def _text(field: Field, key: str, text: str) -> Q:
    lookup = {"contains": "icontains", "starts": "istartswith"}.get(key)
    if lookup is None:
        return values.compare(field, "in", spellings(text))
    return _either(values.compare(field, lookup, spelling) for spelling in spellings(text))


def _linked(field: Field, text: str) -> Q:
    """What the link shows holds every word. Nothing else of the other record is asked for: who asks may not see it."""
    names = ("first_name", "last_name") if field.to == "contact" else ("name",)
    found = Q()
    for word in text.split():
        found &= _either(Q(**{f"{field.key}__{name}__icontains": one}) for name in names for one in spellings(word))
    return found


def spellings(text: str) -> list[str]:
    """The ways in which people write this text: Persian or Arabic ی and ک, digits of either script."""
    letters = [text, *(text.translate(str.maketrans(*pair)) for pair in (("يك", "یک"), ("یک", "يك")))]
    return list(dict.fromkeys(digits(one) for digits in (str, to_latin, to_persian) for one in letters))


def _either(conditions: Iterable[Q]) -> Q:
    found = Q()
    for one in conditions:
        found |= one
    return found


def span(period: str, today: dt.date | None = None) -> tuple[dt.date, dt.date]:
    """The first and the last day of a period, in the reader's calendar; weeks begin as the calendar's do."""
    today = today or timezone.localdate()
    if days := re.fullmatch(r"(last|next)_(\d+)", period):
        reach = dt.timedelta(days=int(days[2]))
        return (today - reach, today) if days[1] == "last" else (today, today + reach)
    if period.endswith("month"):
        this = periods.current("month", today)
        start, end = (this.start, this.end) if period == "this_month" else (this.previous, this.start)
        return timezone.localdate(start), timezone.localdate(end) - dt.timedelta(days=1)
    if period.endswith("week"):
        first = today - dt.timedelta(days=periods.weekday(today) + (7 if period == "last_week" else 0))
        return first, first + dt.timedelta(days=6)
    day = today + dt.timedelta(days={"today": 0, "yesterday": -1, "tomorrow": 1}[period])
    return day, day


def _shift(day: dt.date, days: int) -> dt.date:
    try:
        return day + dt.timedelta(days=days)
    except OverflowError:
        return day


def _midnight(day: dt.date | None) -> dt.datetime | None:
    return None if day is None else timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def read(text: str, module: registry.Module) -> Condition:
    """Read a condition from an address: field:operator:value|value. Raises ValidationError."""
    key, operator, typed = written(text)
    if key not in module.fields:
        raise ValidationError(_gone(key, module))
    return condition(module.fields[key], operator, typed)


def _gone(key: str, module: registry.Module) -> str:
    """Why the field can't be asked: it was retired, or there never was one."""
    if retired := retired_label(key, module):
        return _("The field “%(field)s” was retired.") % {"field": retired}
    return registry.unknown_field(key)


def retired_label(key: str, module: registry.Module) -> str:
    """The label of a custom field that was retired; nothing if there is none."""
    is_key = re.fullmatch("cf_[a-z0-9_]{1,60}", key)
    field = CustomField.objects.filter(module=module.key, key=key).first() if is_key else None
    return str(field.as_field().label) if field else ""


def written(text: str) -> tuple[str, str, list[str]]:
    """The three parts of a condition in an address, unchecked."""
    key, _colon, rest = text.partition(":")
    operator, _colon, joined = rest.partition(":")
    parts = re.findall(r"((?:[^|\\]|\\.|\\$)*)(?:\||$)", joined, re.DOTALL)
    return key, operator, [re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL) for part in parts if part]


def write(key: str, operator: str, typed: Iterable[str]) -> str:
    """Write a condition for an address."""
    return f"{key}:{operator}:" + "|".join(re.sub(r"([|\\])", r"\\\1", one) for one in typed)


def example_of_a_day() -> str:
    """A day as the reader writes it, to show how."""
    return dates.show_date(timezone.localdate())
